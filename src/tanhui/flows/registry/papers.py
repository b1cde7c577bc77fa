"""Documents that people hand in to matters: the bytes are kept, their card is in the books."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.domain.matters import errors, services
from tanhui.domain.matters.models import Document
from tanhui.flows.platform import Platform

from .callers import Caller
from .kept import keep, place_of
from .reading import visible

DOCUMENT_BYTES_MAX = 20 * 1024 * 1024
_NAME_CHARS_MAX = 200
_MEDIA_TYPE_CHARS_MAX = 80
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A file as it was handed in; `kind` is what a step asks for, such as design_document."""

    kind: str
    name: str
    media_type: str
    content: bytes
    is_public: bool


def hand_in(platform: Platform, caller: Caller, number: str, paper: Paper, *, key: str) -> Document:
    """Keep a document of a matter; raises NotFound, InputRefused."""
    matter = visible(platform, caller, number)
    named = 0 < len(paper.name) <= _NAME_CHARS_MAX and paper.name.isprintable()
    is_whole = 0 < len(paper.content) <= DOCUMENT_BYTES_MAX
    if not (named and is_whole and _KIND.fullmatch(paper.kind)):
        raise errors.document_malformed(DOCUMENT_BYTES_MAX)
    digest = hashlib.sha256(paper.content).hexdigest()
    keep(place_of(platform, digest), paper.content)
    said = {"kind": paper.kind, "name": paper.name, "sha256": digest, "public": paper.is_public}
    with transaction.atomic():
        act = Act(
            verb="registry.document.handed_in",
            actor=caller.actor,
            at=platform.clock(),
            key=f"document/{number}/{caller.user}/{key}",
            request=said,
            detail=said | {"matter": number},
        )
        record(act)
        card = {
            "kind": paper.kind,
            "name": paper.name,
            "sha256": digest,
            "size": len(paper.content),
            "media_type": paper.media_type[:_MEDIA_TYPE_CHARS_MAX],
            "is_public": paper.is_public,
        }
        return services.attach(matter, card, user=caller.user, at=act.at)
