"""Documents of matters: bytes kept by their SHA-256 under `<home>/documents`, cards in the books.

A file is written whole before its card, so a card always has its bytes; the same bytes are kept
once however often they are handed in.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.core.errors import NotFound
from tanhui.domain.matters import errors, services
from tanhui.domain.matters.models import Document
from tanhui.flows.platform import Platform

from .callers import Caller
from .reading import visible

DOCUMENT_BYTES_MAX = 20 * 1024 * 1024
_NAME_CHARS_MAX = 200


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
    if not (named and 0 < len(paper.content) <= DOCUMENT_BYTES_MAX and paper.kind.isidentifier()):
        raise errors.document_malformed(DOCUMENT_BYTES_MAX)
    digest = hashlib.sha256(paper.content).hexdigest()
    _keep(place_of(platform, digest), paper.content)
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
            "media_type": paper.media_type,
            "is_public": paper.is_public,
        }
        return services.attach(matter, card, user=caller.user, at=act.at)


def content_of(platform: Platform, document: Document) -> bytes:
    """The bytes of a document, checked against its digest; raises NotFound for lost ones."""
    place = place_of(platform, document.sha256)
    content = place.read_bytes() if place.is_file() else b""
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise NotFound(
            "matter.document.lost",
            zh=f"文件“{document.name}”在数据目录中缺失或已损坏；请从备份恢复 documents 目录。",
            en=f"The document '{document.name}' is missing or damaged in the data folder; restore "
            "`documents` from a backup.",
        )
    return content


def place_of(platform: Platform, digest: str) -> Path:
    """Where the bytes with a digest lie."""
    return platform.home / "documents" / digest[:2] / digest


def _keep(place: Path, content: bytes) -> None:
    """Write the bytes whole or not at all, on disk before anybody names them."""
    if place.is_file():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
