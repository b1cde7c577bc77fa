"""The public log over HTTP: its files as they are, its entries and proofs, its keys.

Tiles never change, so a cache may keep them for good; a checkpoint is young for seconds.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tanhui.books.translog.notes import NOTE_BYTES_MAX
from tanhui.books.translog.witness import TEXT

from .. import log as logs
from ..witnesses import own_key, own_witness

_FILE = re.compile(
    r"[0-9]{4}/(checkpoint|key-[0-9]{1,4}\.tlog-proof"
    r"|tile/(entries|[0-7])/(x[0-9]{3}/){0,5}[0-9]{3}(\.p/[1-9][0-9]{0,2})?)"
)
_FOR_GOOD = "public, max-age=31536000, immutable"
_FOR_SECONDS = "public, max-age=5"


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
def entry(request: HttpRequest, year: int, index: int) -> HttpResponse:
    """One published entry, byte for byte, as JSON."""
    return HttpResponse(published(year, index), content_type="application/json")


@require_GET
def proof(request: HttpRequest, year: int, index: int) -> HttpResponse:
    """The `.tlog-proof` of one published entry."""
    published(year, index)
    text = logs.public_log().year(year).proof(index)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def published(year: int, index: int) -> bytes:
    """The bytes of one entry as the log's files have them; raises Http404 before it is out."""
    public = logs.public_log()
    log = public.year(year) if year in public.years() else None
    now = log.published() if log else None
    if log is None or now is None or index >= now.size:
        raise Http404
    (body,) = log.tiles.entries(index, index + 1, now.size)
    return bytes(body)


@require_GET
def keys(request: HttpRequest) -> JsonResponse:
    """The keys of each year's log, the present one last, and the key we cosign with."""
    found = {str(year): each for year, each in logs.verifier_keys().items()}
    said = {"keys": found, "witness": str(own_key())}
    response = JsonResponse(said, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = _FOR_SECONDS
    response["Access-Control-Allow-Origin"] = "*"
    return response


@csrf_exempt
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    """Cosign another log's checkpoint (tlog-witness); the note's own signature is the proof."""
    body = request.read(NOTE_BYTES_MAX + 1)
    if len(body) > NOTE_BYTES_MAX:
        return HttpResponse("the request is too long\n", status=400, content_type=TEXT)
    answer = own_witness().add_checkpoint(body.decode(errors="replace"))
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
