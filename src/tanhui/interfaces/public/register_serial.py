"""One unit by its serial number: where it stands, where it came from, what became of it."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from tanhui.core.errors import NotFound
from tanhui.flows.registry.public_units import unit
from tanhui.interfaces.templatetags.tanhui import is_english

from .page import show


@require_GET
def page(request: HttpRequest, serial: str) -> HttpResponseBase:
    """The unit's block, state, lineage, issue and retirement; kind words for an unknown one."""
    try:
        found = unit(serial)
    except NotFound as error:
        said = error.en if is_english() else error.zh
        return show(request, "register_serial.html", {"said": said, "asked": serial}, status=404)
    context = {"unit": found, "asked": serial, "demo": found["issue"]["is_demo"]}
    return show(request, "register_serial.html", context)
