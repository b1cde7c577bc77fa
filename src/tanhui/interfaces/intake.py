"""One way in for files, whatever door they came through: choose the feed, record the batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tanhui.engine.batch.landing_file import SourceFile
from tanhui.flows import reading
from tanhui.flows.deliveries import Delivery
from tanhui.flows.record_batch import Progress, record_batch

from .platform import feed_of, platform


def take_in(
    path: Path,
    *,
    name: str,
    partner: str,
    feed: str,
    config: dict[str, str],
    actor: str,
    idempotency_key: str | None = None,
    progress: Progress = lambda stage, rows: None,
) -> dict[str, Any]:
    """Record the file at `path` as delivered by `partner`; returns the receipt in words.

    Raises InputRefused for an unknown feed or configuration, and what record_batch raises.
    """
    delivery = Delivery(
        source=SourceFile(path, name),
        feed=feed_of(feed, config),
        config=config,
        partner=partner,
        actor=actor,
        idempotency_key=idempotency_key,
    )
    receipt = record_batch(platform(), delivery, progress)
    reading.add_words(platform(), receipt)
    return receipt
