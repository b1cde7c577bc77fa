"""One entry of the public log for readers: what it says, what it belongs to, and the raw files."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from tanhui.core.canonical import read_json

from ..certificates.trace import around
from ..log import public_log
from .act_words import act_words
from .log import published
from .log_list import facts_of
from .page import show


@require_GET
def page(request: HttpRequest, year: int, index: int) -> HttpResponse:
    """The entry in words, with the entries before and after it and those it belongs to."""
    said: dict[str, Any] = read_json(published(year, index))
    now = public_log().year(year).published()
    assert now is not None, "an entry that is published stands in a published log"
    context = {
        "year": year,
        "index": index,
        "size": now.size,
        "after": index + 1 if index + 1 < now.size else None,
        "title": act_words(said["kind"]),
        "kind": said["kind"],
        "at": said["at"],
        "is_demo": said.get("is_demo", False),
        "facts": facts_of(said),
        "laws": [f"{each['code']} {each['version']}" for each in said.get("methodologies", [])],
        "around": around(int(said["act"])),
        "raw": json.dumps(said, ensure_ascii=False, indent=1),
    }
    return show(request, "log_entry.html", context)
