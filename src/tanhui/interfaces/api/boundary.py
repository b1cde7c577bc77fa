"""The outermost middleware: request ids, security headers, and no API error without a problem.

Pages load nothing from elsewhere and run no inline script or style, so the content policy is
`self` throughout. Answers are not cached unless a view says so: they are about one person.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from tanhui.core.errors import TanhuiError
from tanhui.interfaces.public import errors

from . import problems
from .limits import REQUEST_ID_CHARS_MAX

API_PREFIX = "/api/"
_REQUEST_ID = re.compile(rf"[A-Za-z0-9._-]{{8,{REQUEST_ID_CHARS_MAX}}}")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}


class BoundaryMiddleware:
    """First in, last out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Name the request, answer it, dress the answer."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.path.startswith(API_PREFIX):
            response = _as_problem(request, response)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        response["X-Request-ID"] = request_id
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page that raised an error of ours shows it; the API answers its own."""
        return errors.refused(request, error) if isinstance(error, TanhuiError) else None


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """An error page of the framework under /api/ becomes a problem document; headers stay."""
    if response.status_code < 400 or response["Content-Type"].startswith(problems.CONTENT_TYPE):
        return response
    document: HttpResponse = problems.plain(request, response.status_code)
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in response:
            document[name] = response[name]
    return document
