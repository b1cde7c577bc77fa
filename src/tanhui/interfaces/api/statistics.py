"""Routes of the public statistics: shares by count and by mass, no small groups."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router
from ninja.params.functions import Query

from tanhui.flows.statistics import Question
from tanhui.interfaces.statistics_table import HEADINGS, cells

from . import desk
from .exports import attachment, csv_lines
from .schemas import REFUSALS, Statistics

router = Router(tags=["statistics"])


@router.get(
    "/statistics",
    response={200: Statistics, **REFUSALS},
    summary="Statistics",
    openapi_extra={"x-summary-zh": "公开统计"},
    auth=None,
)
def statistics(
    request: HttpRequest,
    *,
    by: str = Query("scene", max_length=32),
    first: Annotated[date | None, Query(None, alias="from")] = None,
    last: Annotated[date | None, Query(None, alias="to")] = None,
) -> dict[str, Any]:
    """By scene, region or month, whole months; groups of few people are shown as one."""
    return desk.statistics(Question((by,), first, last))


@router.get(
    "/statistics.csv",
    response={**REFUSALS},
    summary="Statistics as CSV",
    openapi_extra={
        "x-summary-zh": "公开统计（CSV）",
        "responses": {200: {"description": "OK", "content": {"text/csv": {}}}},
    },
    auth=None,
)
def statistics_csv(
    request: HttpRequest,
    *,
    by: str = Query("scene", max_length=32),
    first: Annotated[date | None, Query(None, alias="from")] = None,
    last: Annotated[date | None, Query(None, alias="to")] = None,
) -> StreamingHttpResponse:
    """The same as one CSV (UTF-8 with byte order mark)."""
    found = desk.statistics(Question((by,), first, last))
    rows = (cells((by,), group) for group in found["groups"])
    return attachment(csv_lines([by, *HEADINGS], rows), "tanhui-statistics.csv")
