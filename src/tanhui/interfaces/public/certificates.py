"""The public page of a certificate, and the files a stranger needs to check it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from tanhui.engine.seats import seats
from tanhui.flows.registry.register import province_of

from ..certificates.content import Shown, shown
from ..certificates.issuer import issuer
from ..certificates.printing import pdf, qr_svg
from ..platform import platform
from .page import show
from .place_map import sums_map

_KINDS = {
    "pdf": "application/pdf",
    "credential.json": "application/json",
    "credential.jwt": "application/vc+jwt",
    "entry.json": "application/json",
    "act.tlog-proof": "text/plain; charset=utf-8",
}


@require_GET
def page(request: HttpRequest, token: str) -> HttpResponse:
    """What was retired, for whom, where it stands in the log, and how to check it."""
    found = shown(token)
    units = [(province_of(one.region), one.own) for one in found.traces if one.region]
    context = {
        "c": found,
        "qr": qr_svg(found.address),
        "map": sums_map(seats(platform().library_path), units),
    }
    return show(request, "certificate.html", context)


@require_GET
def file(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """One file of the certificate; the log proof is there once the log is published."""
    found = shown(token)
    if name == "credential.json":
        return JsonResponse(found.credential, json_dumps_params={"ensure_ascii": False})
    content = pdf(found) if name == "pdf" else _text(found, name)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type=_KINDS[name])
    if name == "pdf":
        response["Content-Disposition"] = f'inline; filename="certificate-{token[:8]}.pdf"'
    return response


def _text(found: Shown, name: str) -> bytes | None:
    texts = {
        "credential.jwt": found.jwt.encode(),
        "entry.json": found.entry,
        "act.tlog-proof": found.proof,
    }
    return texts.get(name)


@require_GET
def key(request: HttpRequest) -> JsonResponse:
    """The issuer's public key as a multikey."""
    signs = issuer()
    return JsonResponse(
        {
            "id": signs.method,
            "type": "Multikey",
            "controller": signs.address,
            "publicKeyMultibase": signs.multikey,
        }
    )
