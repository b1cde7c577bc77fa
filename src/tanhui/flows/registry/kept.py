"""The bytes of documents, kept by their SHA-256 under `<home>/documents`.

A file is written whole before its card, so a card always has its bytes; the same bytes are kept
once however often they are handed in or made.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path

from tanhui.core.errors import NotFound
from tanhui.domain.matters import services
from tanhui.domain.matters.models import Document
from tanhui.flows.platform import Platform

from .effects import Moment


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


def keep(place: Path, content: bytes) -> None:
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


def keep_made(moment: Moment, kind: str, content: object, *, is_public: bool = True) -> Document:
    """A JSON document that a step itself makes, kept and attached to its matter."""
    data = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    digest = hashlib.sha256(data).hexdigest()
    keep(place_of(moment.platform, digest), data)
    card = {
        "kind": kind,
        "name": f"{kind}.json",
        "sha256": digest,
        "size": len(data),
        "media_type": "application/json",
        "is_public": is_public,
    }
    return services.attach(moment.matter, card, user=moment.who.user, at=moment.at)
