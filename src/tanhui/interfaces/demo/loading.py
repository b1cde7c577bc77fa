"""Take the demo city in, as any partner's files are taken in; a second time adds nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tanhui.domain.partners.services import register

from ..intake import take_in
from ..platform import clock_set_to
from .cast import PARTNERS
from .city import DemoFile, generate

ACTOR = "demo"
OPENED = datetime.fromisoformat("2024-09-02T09:00:00+08:00")

FileDone = Callable[[DemoFile, dict[str, Any]], None]
"""Hears each file with its receipt."""


def load_demo(
    folder: Path,
    *,
    file_done: FileDone = lambda file, receipt: None,
    rows_done: Callable[[str, int], None] = lambda stage, rows: None,
) -> list[dict[str, Any]]:
    """Register the demo partners and take in every file of the month; returns the receipts.

    `folder` is where the files are generated. A receipt says `repeated` when the file had been
    taken in before.
    """
    for partner in PARTNERS:
        register(
            partner.code,
            name_zh=partner.name_zh,
            name_en=partner.name_en,
            is_demo=True,
            clock=partial(_same, OPENED),
        )
    receipts = []
    for file in generate(folder):
        with clock_set_to(partial(_same, file.arrived_at)):
            receipt = take_in(
                file.path,
                name=file.path.name,
                partner=file.partner,
                feed=file.feed,
                config=file.config,
                actor=ACTOR,
                progress=rows_done,
            )
        file_done(file, receipt)
        receipts.append(receipt)
    return receipts


def _same(moment: datetime) -> datetime:
    return moment
