"""Signed requests of partners go straight to their route.

They have no session, no form and no page, so what serves those is left out: it cost more than the
signature. The answer carries the same header fields as one that went the whole way. Which routes:
every route below `PREFIX` takes a signature before anything else; any other request, signed or
not, goes the whole way.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers

PREFIX = "/api/v1/partners/"


class SignedCallMiddleware:
    """Second in, before the middleware of pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a signed call of a partner; hand on everything else."""
        if "HTTP_SIGNATURE_INPUT" not in request.META or not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.get_host()  # refuses a host that is not ours
        language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        view, positions, names = request.resolver_match = resolve(request.path_info)
        response: HttpResponseBase = view(request, *positions, **names)
        _dress(response, language)
        return response


def _dress(response: HttpResponseBase, language: str) -> None:
    """What the middleware of pages would have added."""
    patch_vary_headers(response, ("Accept-Language",))
    response.setdefault("Content-Language", language)
    response.setdefault("X-Content-Type-Options", "nosniff")
    response.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
    response.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
    response.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
    if not response.streaming and "Content-Length" not in response:
        response["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
