"""Incidents for the operator's staff and monitoring: what a proof found, and how it was closed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.params.functions import Query
from pydantic import Field

from tanhui.books import incidents
from tanhui.books.incident_models import Incident

from .limits import PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX
from .schemas import REFUSALS
from .security import StaffSession

router = Router(tags=["operation"], auth=StaffSession())


class IncidentShape(Schema):
    """A proof that did not hold."""

    incident: int
    proof_zh: str
    proof_en: str
    left: str
    right: str
    detail: str
    opened_at: str
    closed_at: str | None
    person: str = Field(description="who closed it; empty while it is open")
    reason: str


class IncidentPage(Schema):
    """Incidents, newest first."""

    items: list[IncidentShape]


def document(incident: Incident) -> dict[str, Any]:
    """JSON-ready values of one incident."""
    closed = incident.closed_at
    return {
        "incident": incident.pk,
        "proof_zh": incident.proof_zh,
        "proof_en": incident.proof,
        "left": str(incident.figure_left),
        "right": str(incident.figure_right),
        "detail": incident.detail,
        "opened_at": incident.opened_at.isoformat(),
        "closed_at": closed.isoformat() if closed else None,
        "person": incident.person,
        "reason": incident.reason,
    }


@router.get(
    "/incidents",
    response={200: IncidentPage, **REFUSALS},
    summary="Incidents",
    openapi_extra={"x-summary-zh": "事件"},
)
def list_incidents(
    request: HttpRequest,
    *,
    only_open: bool = Query(False, alias="open"),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> dict[str, Any]:
    """What proofs found; closing one is done on the command line, under a name."""
    found = incidents.now_open() if only_open else incidents.everything()
    return {"items": [document(one) for one in found[:limit]]}
