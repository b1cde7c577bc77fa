"""Routes about what is credited: methodologies that fit a place, and a scene's reports."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query

from tanhui.domain.matters import errors
from tanhui.flows.registry import reading
from tanhui.flows.registry.matters import today
from tanhui.flows.registry.project_law import fitting
from tanhui.flows.registry.scenes import KIND, reporting
from tanhui.interfaces.platform import platform

from .matters import READ, caller_of
from .security import AppointedSession

router = Router(tags=["matters"], auth=AppointedSession())


@router.get(
    "/project-methodologies",
    auth=None,
    response=READ,
    summary="Project methodologies for a place",
    openapi_extra={"x-summary-zh": "适用的项目方法学"},
)
def project_methodologies(
    request: HttpRequest,
    region: str = Query(..., max_length=6),
    shape: str = Query("", max_length=8),
) -> dict[str, Any]:
    """What fits a region: standing today, and the questions a project answers."""
    now = platform()
    return {"items": fitting(now, region=region, shape=shape, on=today(now))}


@router.get(
    "/matters/{number}/reporting",
    response=READ,
    summary="Reports of a scene",
    openapi_extra={"x-summary-zh": "场景报送情况"},
)
def scene_reporting(request: HttpRequest, number: str) -> dict[str, Any]:
    """Expected, delivered and late reports of a published scene."""
    now = platform()
    matter = reading.visible(now, caller_of(request), number)
    if matter.kind != KIND:
        raise errors.matter_unknown(number)
    return reporting(matter, on=today(now))
