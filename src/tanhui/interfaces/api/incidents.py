"""Incidents for the operator's staff and monitoring: what a proof found, and how it was closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Body, Router, Schema
from ninja.params.functions import Query
from pydantic import Field

from tanhui.books import incidents
from tanhui.books.incident_models import Incident

from .limits import PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX
from .schemas import REFUSALS, WRITE_REFUSALS
from .security import StaffForm, StaffSession

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
    acknowledged_at: str | None
    acknowledged_person: str = Field(description="who looks after it; empty before somebody does")
    acknowledged_reason: str
    closed_at: str | None
    person: str = Field(description="who closed it; empty while it is open")
    reason: str


class Answer(Schema):
    """Who answers for an incident, by name, and why."""

    person: str = Field(max_length=incidents.PERSON_CHARS_MAX)
    reason: str = Field(max_length=incidents.DETAIL_CHARS_MAX)


class IncidentPage(Schema):
    """Incidents, newest first."""

    items: list[IncidentShape]


def document(incident: Incident) -> dict[str, Any]:
    """JSON-ready values of one incident."""
    closed, acknowledged = incident.closed_at, incident.acknowledged_at
    return {
        "incident": incident.pk,
        "proof_zh": incident.proof_zh,
        "proof_en": incident.proof,
        "left": str(incident.figure_left),
        "right": str(incident.figure_right),
        "detail": incident.detail,
        "opened_at": incident.opened_at.isoformat(),
        "acknowledged_at": acknowledged.isoformat() if acknowledged else None,
        "acknowledged_person": incident.acknowledged_person,
        "acknowledged_reason": incident.acknowledged_reason,
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
    """What proofs found, who looks after it, and how it ended."""
    found = incidents.now_open() if only_open else incidents.everything()
    return {"items": [document(one) for one in found[:limit]]}


@router.post(
    "/incidents/{int:incident}/acknowledgement",
    auth=StaffForm(),
    response={200: IncidentShape, **WRITE_REFUSALS},
    summary="Acknowledge an incident",
    openapi_extra={"x-summary-zh": "确认事件"},
)
def acknowledge(request: HttpRequest, incident: int, answer: Body[Answer]) -> dict[str, Any]:
    """Somebody looks after it from now on, by name; it stays open."""
    return _answered(incidents.acknowledge, request, incident, answer)


@router.post(
    "/incidents/{int:incident}/closing",
    auth=StaffForm(),
    response={200: IncidentShape, **WRITE_REFUSALS},
    summary="Close an incident",
    openapi_extra={"x-summary-zh": "关闭事件"},
)
def close(request: HttpRequest, incident: int, answer: Body[Answer]) -> dict[str, Any]:
    """Nothing in the books is changed by it; a difference that stays opens another."""
    return _answered(incidents.close, request, incident, answer)


def _answered(
    verb: Callable[..., Incident], request: HttpRequest, incident: int, answer: Answer
) -> dict[str, Any]:
    actor: str = request.auth  # type: ignore[attr-defined]
    number = min(incident, 2**62)
    done = verb(
        number, person=answer.person, reason=answer.reason, at=datetime.now(UTC), actor=actor
    )
    return document(done)
