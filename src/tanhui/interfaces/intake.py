"""One way in for files, whatever door they came through: choose the feed, record the batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tanhui.core.errors import InputRefused
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.engine.batch.schedulers.seam import Scheduler
from tanhui.flows import reading
from tanhui.flows.applied_law import log_applied_law
from tanhui.flows.deliveries import Delivery
from tanhui.flows.record_batch import Progress, record_batch

from .feeds import FEEDS
from .log import publish_quietly
from .platform import feed_of, platform

SOURCE_NAME_CHARS_MAX = 255
IDEMPOTENCY_KEY_CHARS_MAX = 120
SETTING_CHARS_MAX = 4_096  # holds the path of any file


def take_in(
    path: Path,
    *,
    name: str,
    partner: str,
    feed: str,
    config: dict[str, str],
    actor: str,
    idempotency_key: str | None = None,
    may_name_files: bool = False,
    lock_wait_s: int | None = None,
    scheduler: Scheduler | None = None,
    progress: Progress = lambda stage, rows: None,
) -> dict[str, Any]:
    """Record the file at `path` as delivered by `partner`; returns the receipt in words.

    `may_name_files`: whether the configuration may name files of this machine, as an operator's
    command line may and a partner's upload may not. Raises InputRefused for an unknown feed or
    configuration and for texts that cannot be kept, and what record_batch raises.
    """
    _check_text("文件名", "file name", name, SOURCE_NAME_CHARS_MAX)
    if idempotency_key is not None:
        _check_text("幂等键", "idempotency key", idempotency_key, IDEMPOTENCY_KEY_CHARS_MAX)
    for setting in config.items():
        _check_text("配置项", "setting", "=".join(setting), SETTING_CHARS_MAX)
    attachments = _attachments(feed, config, may_name_files=may_name_files)
    hashes = {
        key: f"sha256:{SourceFile(file, file.name).sha256}" for key, file in attachments.items()
    }
    delivery = Delivery(
        source=SourceFile(path, name),
        feed=feed_of(feed, config),
        config=config | hashes,
        partner=partner,
        actor=actor,
        idempotency_key=idempotency_key,
        attachments=attachments,
    )
    receipt = record_batch(
        platform(), delivery, progress, lock_wait_s=lock_wait_s, scheduler=scheduler
    )
    log_applied_law(platform(), receipt["methodologies"], actor=actor)
    publish_quietly()
    reading.add_words(platform(), receipt)
    return receipt


def _check_text(zh: str, en: str, text: str, chars_max: int) -> None:
    """Raises InputRefused for a text that does not fit its place or cannot be shown."""
    if not (0 < len(text) <= chars_max and text.isprintable()):
        shown = "".join(one if one.isprintable() else "\ufffd" for one in text[:40])
        raise InputRefused(
            "intake.text_malformed",
            zh=f"{zh}“{shown}”应为 1 至 {chars_max} 个可见字符。",
            en=f"The {en} '{shown}' must have 1 to {chars_max} printable characters.",
        )


def _attachments(feed: str, config: dict[str, str], *, may_name_files: bool) -> dict[str, Path]:
    """The files the configuration names; refused where it may not name any."""
    named = FEEDS[feed].file_keys & config.keys() if feed in FEEDS else frozenset[str]()
    if named and not may_name_files:
        raise InputRefused(
            "feed.config_names_file",
            zh=f"配置项 {'、'.join(sorted(named))} 是服务器上的文件，只能由运营方在命令行使用。",
            en=f"The configuration {', '.join(sorted(named))} names a file of the server; only "
            "the operator's command line may use it.",
        )
    return {key: Path(config[key]) for key in named}
