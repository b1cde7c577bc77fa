"""A file as a partner delivered it; kept with the evidence, so that it can be replayed.

Replaying the recorded deliveries in their order into an empty platform gives every integer again:
arrival order, law and the moment of receipt are all that decides.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tanhui.core.errors import Conflict
from tanhui.domain.partners import services as partners
from tanhui.domain.partners.models import Partner
from tanhui.engine.batch.landing import Feed
from tanhui.engine.batch.landing_file import SourceFile

from .platform import Platform
from .quarantine import rows_without_consent

SOURCE_FILE = "source"
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
    """The same delivery, read from a copy in the staged evidence: what is kept is what is read.

    Raises Conflict when the file is still being written.
    """
    kept = SourceFile(
        Path(shutil.copyfile(delivery.source.path, folder / SOURCE_FILE)), delivery.source.name
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
) -> list[dict[str, Any]]:
    """Record the deliveries kept in `folders`, in this order, each at its own moment of receipt."""
    receipts = []
    for folder in folders:
        known = json.loads((folder / DELIVERY_FILE).read_text(encoding="utf-8"))
        partners.register(
            known["partner"],
            name_zh=known["partner_name_zh"],
            name_en=known["partner_name_en"],
            is_demo=known["is_demo"],
        )
        kept = {key: folder / attachment_name(key) for key in known["attachments"]}
        paths = {key: str(path) for key, path in kept.items()}
        received_at = datetime.fromisoformat(known["received_at"])
        delivery = Delivery(
            source=SourceFile(folder / SOURCE_FILE, known["name"]),
            feed=open_feed(known["feed"], known["config"] | paths),
            config=known["config"],
            partner=known["partner"],
            actor=known["actor"],
            idempotency_key=known["idempotency_key"],
            attachments=kept,
            without_consent=rows_without_consent(folder),
        )
        receipts.append(record(_at(platform, received_at), delivery))
    return receipts


def _at(platform: Platform, moment: datetime) -> Platform:
    return replace(platform, clock=lambda: moment)
