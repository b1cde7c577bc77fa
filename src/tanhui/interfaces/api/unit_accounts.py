"""Routes of unit accounts: what organisations hold, block by block, and what moved there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query

from tanhui.flows.registry import unit_accounts as flow
from tanhui.interfaces.platform import platform

from .limits import PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX
from .matters import READ, caller_of
from .security import AppointedSession

router = Router(tags=["units"], auth=AppointedSession())
Json = dict[str, Any]


@router.get(
    "/organisations",
    response=READ,
    summary="Unit accounts",
    openapi_extra={"x-summary-zh": "单位账户"},
)
def list_accounts(
    request: HttpRequest,
    *,
    q: str = Query("", max_length=80),
    kind: str = Query("", max_length=16),
    region: str = Query("", max_length=6),
    offset: int = Query(0, ge=0),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> Json:
    """The organisations whose accounts are for the caller, with their units by state."""
    found = flow.seen_by(caller_of(request), q=q, kind=kind, region=region)
    shown = flow.rows(platform(), found[offset : offset + limit])
    return {"items": shown, "total": found.count()}


@router.get(
    "/organisations/{int:organisation}/units",
    response=READ,
    summary="An organisation's units",
    openapi_extra={"x-summary-zh": "机构持有的单位"},
)
def list_blocks(
    request: HttpRequest,
    organisation: int,
    *,
    state: str = Query("", max_length=16),
    serial: int | None = Query(None, ge=1, lt=2**53),
    offset: int = Query(0, ge=0),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> Json:
    """Its totals by state and its blocks by serial, used-up ones too."""
    caller = caller_of(request)
    (row,) = flow.rows(platform(), [flow.of_organisation(caller, organisation)])
    found = flow.blocks(platform(), organisation, state=state, serial=serial)
    items = flow.block_rows(caller, list(found[offset : offset + limit]))
    return row | {"items": items, "total": found.count()}


@router.get(
    "/organisations/{int:organisation}/movements",
    response=READ,
    summary="What moved an organisation's units",
    openapi_extra={"x-summary-zh": "机构单位的变动"},
)
def list_movements(
    request: HttpRequest,
    organisation: int,
    *,
    offset: int = Query(0, ge=0),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> Json:
    """Its statement, the last line first; `balance` is what stands there after each act."""
    caller = caller_of(request)
    flow.of_organisation(caller, organisation)
    items, total = flow.movements(platform(), caller, organisation, limit=limit, offset=offset)
    return {"items": items, "total": total}
