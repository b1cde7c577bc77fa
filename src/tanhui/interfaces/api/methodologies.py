"""Routes of the law as data: open to everybody, because anybody may recompute a number."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query

from . import desk
from .law_schemas import MethodologyFull, MethodologyPage, ProjectMethodologyFull
from .limits import PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX
from .schemas import REFUSALS

router = Router(tags=["methodologies"])


@router.get(
    "",
    response={200: MethodologyPage, **REFUSALS},
    summary="Methodologies",
    openapi_extra={"x-summary-zh": "方法学列表"},
    auth=None,
)
def methodologies(
    request: HttpRequest,
    *,
    q: str | None = Query(None, max_length=100),
    region: str | None = Query(None, max_length=6),
    scene: str | None = Query(None, max_length=64),
    status: str | None = Query(None, max_length=32),
    kind: str | None = Query(None, max_length=32),
    standing: str | None = Query(None, max_length=32),
    after: str | None = Query(None, max_length=128),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> dict[str, Any]:
    """By code; a region finds what is for it, above it or inside it."""
    return desk.methodologies(
        q=q,
        region=region,
        scene=scene,
        status=status,
        kind=kind,
        standing=standing,
        after=after,
        limit=limit,
    )


@router.get(
    "/{code}",
    response={200: MethodologyFull | ProjectMethodologyFull, **REFUSALS},
    summary="Methodology",
    openapi_extra={"x-summary-zh": "一个方法学"},
    auth=None,
    by_alias=True,
)
def methodology(
    request: HttpRequest, code: str, version: str | None = Query(None, max_length=32)
) -> dict[str, Any]:
    """The version in force today, or the one asked for."""
    return desk.methodology(code, version)
