"""Routes of what is due: orders of damage cases, and what sharings owe an organisation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from tanhui.flows.registry import overdue, sharings

from ..platform import platform
from .matters import READ, caller_of
from .security import AppointedSession

router = Router(tags=["matters"], auth=AppointedSession())
Json = dict[str, Any]


@router.get(
    "/damages/due",
    response=READ,
    summary="Damage cases that are due",
    openapi_extra={"x-summary-zh": "到期与逾期的赔偿案"},
)
def due(request: HttpRequest) -> Json:
    """Orders near their deadline or past it, of the caller's cases, earliest first."""
    return {"items": overdue.due_for(platform(), caller_of(request))}


@router.get(
    "/organisations/{int:organisation}/shares",
    response=READ,
    summary="What sharings gave an organisation",
    openapi_extra={"x-summary-zh": "机构的分配对账"},
)
def shares(request: HttpRequest, organisation: int) -> Json:
    """Every statement of the organisation and what is still owed, for who acts for it."""
    return sharings.shares_of(caller_of(request), organisation)
