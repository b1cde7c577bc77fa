"""A file as a partner delivered it; kept with the evidence, so that it can be replayed.

Replaying the recorded deliveries in their order into an empty platform gives every integer again:
arrival order, law and the moment of receipt are all that decides.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from tanhui.books import evidence
from tanhui.books.keystore import KeyStore
from tanhui.books.sealed_source import SOURCE_FILE as SEALED_FILE
from tanhui.books.sealed_source import SealedSource
from tanhui.core.errors import Conflict
from tanhui.domain.partners import services as partners
from tanhui.domain.partners.models import Partner
from tanhui.engine.batch.landing import Feed, FeedChunk
from tanhui.engine.batch.landing_file import SourceFile

from .platform import Platform
from .quarantine import rows_without_consent

CLEAR_FILE = "source"
"""The partner's file beside a running intake, and in evidence of the first release."""
DELIVERY_FILE = "delivery.json"

OpenFeed = Callable[[str, dict[str, str]], Feed]


@dataclass(frozen=True)
class Delivery:
    """A file, the feed that can read it, and who brought it.

    `attachments` are files the configuration names, by its key (a metro network); in `config`
    stands the hash of their content. `without_consent` (row -> reason) is what a recorded delivery
    was told; None asks the consents of this platform.
    """

    source: SourceFile
    feed: Feed
    config: dict[str, str]
    partner: str
    actor: str
    idempotency_key: str | None = None
    attachments: Mapping[str, Path] = field(default_factory=dict)
    without_consent: Mapping[int, str] | None = None


def attachment_name(key: str) -> str:
    """File name of an attachment in the evidence."""
    return f"attachment-{key}"


def keep_source(delivery: Delivery, folder: Path) -> Delivery:
    """The same delivery, read from a copy beside the intake: what is kept is what is read.

    Raises Conflict when the file is still being written.
    """
    kept = SourceFile(
        Path(shutil.copyfile(delivery.source.path, folder / CLEAR_FILE)), delivery.source.name
    )
    if kept.sha256 != delivery.source.sha256:
        raise Conflict(
            "file.changed",
            zh=f"文件“{delivery.source.name}”在读取时发生了变化；请等写完后再提交。",
            en=f"The file '{delivery.source.name}' changed while it was read; "
            "deliver it when it is complete.",
        )
    return replace(delivery, source=kept)


def keep_delivery(
    folder: Path, delivery: Delivery, partner: Partner, *, batch: int, received_at: datetime
) -> None:
    """Put what is known of the delivery beside the partner's bytes in the staged evidence."""
    for key, path in delivery.attachments.items():
        shutil.copyfile(path, folder / attachment_name(key))
    known = {
        "batch": batch,
        "name": delivery.source.name,
        "sha256": delivery.source.sha256,
        "feed": delivery.feed.name,
        "config": delivery.config,
        "attachments": sorted(delivery.attachments),
        "partner": partner.code,
        "partner_name_zh": partner.name_zh,
        "partner_name_en": partner.name_en,
        "is_demo": partner.is_demo,
        "actor": delivery.actor,
        "idempotency_key": delivery.idempotency_key,
        "received_at": received_at.isoformat(),
    }
    text = json.dumps(known, ensure_ascii=False, sort_keys=True, indent=1)
    (folder / DELIVERY_FILE).write_text(text, encoding="utf-8")


def replay(
    platform: Platform,
    folders: Iterable[Path],
    open_feed: OpenFeed,
    record: Callable[[Platform, Delivery], dict[str, Any]],
    *,
    keys: KeyStore,
) -> list[dict[str, Any]]:
    """Record the deliveries kept in `folders`, in this order, each at its own moment of receipt.

    `keys` are those of the platform the evidence comes from. Raises Gone for a file that cannot be
    restored, because a key of it was destroyed.
    """
    receipts = []
    for folder in folders:
        known = json.loads((folder / DELIVERY_FILE).read_text(encoding="utf-8"))
        partners.register(
            known["partner"],
            name_zh=known["partner_name_zh"],
            name_en=known["partner_name_en"],
            is_demo=known["is_demo"],
        )
        received_at = datetime.fromisoformat(known["received_at"])
        with clear_source(platform.home, folder, batch=known["batch"], keys=keys) as source:
            delivery = _delivered(folder, known, SourceFile(source, known["name"]), open_feed)
            receipts.append(record(_at(platform, received_at), delivery))
    return receipts


def _delivered(
    folder: Path, known: Mapping[str, Any], source: SourceFile, open_feed: OpenFeed
) -> Delivery:
    """The delivery as it was, with its file in clear."""
    kept = {key: folder / attachment_name(key) for key in known["attachments"]}
    paths = {key: str(path) for key, path in kept.items()}
    return Delivery(
        source=source,
        feed=open_feed(known["feed"], known["config"] | paths),
        config=known["config"],
        partner=known["partner"],
        actor=known["actor"],
        idempotency_key=known["idempotency_key"],
        attachments=kept,
        without_consent=rows_without_consent(folder),
    )


@contextmanager
def clear_source(home: Path, folder: Path, *, batch: int, keys: KeyStore) -> Iterator[Path]:
    """A batch's file in clear, for as long as it is needed; raises Gone without its keys."""
    if (folder / CLEAR_FILE).exists():
        yield folder / CLEAR_FILE
        return
    with evidence.opened(home) as scratch:
        SealedSource(folder / SEALED_FILE, batch, keys).restore(scratch / CLEAR_FILE)
        yield scratch / CLEAR_FILE


def read_again(
    home: Path, folder: Path, open_feed: OpenFeed, *, batch: int, keys: KeyStore
) -> Iterator[pl.DataFrame]:
    """The events of a kept file as its feed reads them, without lines whose key is gone and without
    rows that only an earlier file completes; raises Gone where the whole file has no key.
    """
    known = json.loads((folder / DELIVERY_FILE).read_text(encoding="utf-8"))
    with evidence.opened(home) as scratch:
        clear = folder / CLEAR_FILE
        if not clear.exists():
            clear = scratch / CLEAR_FILE
            SealedSource(folder / SEALED_FILE, batch, keys).restore_readable(clear)
        delivery = _delivered(folder, known, SourceFile(clear, known["name"]), open_feed)
        for part in delivery.feed.read(delivery.source, []):
            if isinstance(part, FeedChunk):
                yield part.events


def _at(platform: Platform, moment: datetime) -> Platform:
    return replace(platform, clock=lambda: moment)
