"""The platform's addresses and one that does nothing: what HTTP alone costs on the same workers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tanhui.interfaces.urls import urlpatterns as platform_addresses


def nothing(_request: HttpRequest) -> HttpResponse:
    """An empty answer."""
    return HttpResponse(status=204)


urlpatterns = [*platform_addresses, path("nothing", nothing)]
