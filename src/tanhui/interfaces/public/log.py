"""The public log over HTTP: its files as they are, its keys, and the page that checks proofs.

Tiles never change, so a cache may keep them for good; a checkpoint is young for seconds.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from .. import log as logs
from .page import show

_FILE = re.compile(
    r"[0-9]{4}/(checkpoint|key-[0-9]{1,4}\.tlog-proof"
    r"|tile/(entries|[0-7])/(x[0-9]{3}/){0,5}[0-9]{3}(\.p/[1-9][0-9]{0,2})?)"
)
_FOR_GOOD = "public, max-age=31536000, immutable"
_FOR_SECONDS = "public, max-age=5"
_STATIC = Path(__file__).parents[1] / "static" / "tanhui"
_SCRIPTS = (_STATIC / "verify.js", _STATIC / "verify-page.js")


@require_GET
def file(request: HttpRequest, path: str, twin: str = "") -> FileResponse:
    """A file of the log (`twin` is `-sm` for the twin's); 404 for every other name."""
    place = settings.TANHUI_HOME / f"log{twin}" / path
    if not _FILE.fullmatch(path) or not place.is_file():
        raise Http404
    is_tile = "/tile/" in path
    kind = "application/octet-stream" if is_tile else "text/plain; charset=utf-8"
    response = FileResponse(place.open("rb"), content_type=kind)
    response["Cache-Control"] = _FOR_GOOD if is_tile else _FOR_SECONDS
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_GET
def keys(request: HttpRequest) -> JsonResponse:
    """The keys of each year's log, the present one last."""
    found = {str(year): each for year, each in logs.verifier_keys().items()}
    response = JsonResponse({"keys": found}, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = _FOR_SECONDS
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """The page that checks a proof in the browser; nothing is sent anywhere."""
    return show(request, "verify.html", {"keys": _present_keys()})


@require_GET
def verify_offline(request: HttpRequest) -> HttpResponse:
    """The same check as one file to keep: it works without a network."""
    script = "\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS)
    context = {"keys": _present_keys(), "script": script}
    response = render(request, "tanhui/verify_offline.html", context)
    response["Content-Disposition"] = 'attachment; filename="tanhui-verify.html"'
    return response


def _present_keys() -> list[str]:
    return [each[-1] for each in logs.verifier_keys().values()]
