"""Whether this process and its database answer: for the operator's monitoring."""

from __future__ import annotations

from django.db import OperationalError, connection
from django.http import HttpRequest
from ninja import Router

from tanhui import __version__
from tanhui.core.errors import Unavailable

from .schemas import REFUSALS, Health, Problem

router = Router(tags=["operation"])


@router.get(
    "/health",
    response={200: Health, **REFUSALS, 503: Problem},
    summary="Health",
    openapi_extra={"x-summary-zh": "运行状态"},
    auth=None,
)
def health(request: HttpRequest) -> dict[str, str]:
    """One round trip to the database; 503 when it does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except OperationalError as error:
        raise Unavailable(
            "database.unavailable",
            zh="数据库没有响应；请稍后再试。",
            en="The database does not answer; try again soon.",
        ) from error
    return {"status": "ok", "version": __version__}
