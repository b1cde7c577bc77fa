"""The rows set aside: pages and filter give each row once, and a page does not read the whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.web.asking import Caller
from tests.web.small_city import MEMBER, PARTNER

from tanhui.books.keystore import KeyStore
from tanhui.books.sealed_source import SOURCE_FILE, SealedWriter
from tanhui.books.sealing import AES_256_GCM
from tanhui.flows import reading
from tanhui.flows.platform import Platform
from tanhui.flows.quarantine import QUARANTINE, QUARANTINE_FILE

NUMBER, TIME = "quantity.distance_km.not_a_number", "time.unreadable"
ROWS = 2_000
LINE = b"x" * 1_000


@pytest.fixture
def evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A batch whose quarantine came in two runs, every fourth row for its time."""
    rows = [*range(2, ROWS + 1, 2), *range(1, ROWS + 1, 2)]
    reasons = [NUMBER if row % 4 else TIME for row in rows]
    table = pa.table([rows, reasons], schema=QUARANTINE)
    pq.write_table(table, tmp_path / QUARANTINE_FILE, row_group_size=100)
    monkeypatch.setattr(reading.books, "batch", lambda _seq: SimpleNamespace(uri=".", seq=1))
    keys = KeyStore(tmp_path / "keys")
    with SealedWriter(tmp_path / SOURCE_FILE, 1, keys, AES_256_GCM) as writer:
        for first in range(1, ROWS, 100):
            writer.add_lines([LINE + b"\n"] * 100, first, np.full(100, -1))
    return cast(Platform, SimpleNamespace(evidence=tmp_path, people_keys=keys))


def pages(platform: Platform, reason: str | None) -> tuple[list[int], set[int]]:
    """Every row by pages of 150, and the totals that were told."""
    rows: list[int] = []
    totals: set[int] = set()
    after: int | None = 0
    while after is not None:
        page = reading.quarantine(platform, 1, after_row=after, limit=150, reason=reason)
        rows += [one["row"] for one in page["items"]]
        totals.add(page["total"])
        after = page["next"]
    return rows, totals


@pytest.mark.parametrize(
    ("reason", "rows"),
    [
        (None, list(range(1, ROWS + 1))),
        ("", list(range(1, ROWS + 1))),
        (TIME, list(range(4, ROWS + 1, 4))),
        (NUMBER, [row for row in range(1, ROWS + 1) if row % 4]),
        ("nothing", []),
    ],
)
def test_pages_give_each_row_once_and_the_total_of_the_filter(
    evidence: Platform, reason: str | None, rows: list[int]
) -> None:
    assert pages(evidence, reason) == (rows, {len(rows)})


def test_a_page_beyond_the_end_is_empty(evidence: Platform) -> None:
    page = reading.quarantine(evidence, 1, after_row=2**62)
    assert page == {"items": [], "total": ROWS, "next": None}


def test_a_page_reads_only_its_own_lines(
    evidence: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, real = [], pq.read_table

    def measured(*arguments: Any, **named: Any) -> pa.Table:
        table = real(*arguments, **named)
        read.append(table.nbytes)
        return table

    monkeypatch.setattr(reading.pq, "read_table", measured)
    assert len(reading.quarantine(evidence, 1, after_row=500, limit=50)["items"]) == 50
    assert sum(read) < ROWS * len(LINE) / 10


def test_the_doors_tell_the_filtered_total(signed_in: Callable[[str], Caller]) -> None:
    member = signed_in(MEMBER)
    told = f"/api/v1/partners/{PARTNER}/batches/1/quarantine"
    assert member.get(told).json["total"] == 2
    assert member.get(f"{told}?reason=time.unreadable").json == {
        "items": [],
        "total": 0,
        "next": None,
    }
    page = member.get(f"/partners/{PARTNER}/batches/1?reason=time.unreadable").text
    assert '<span class="muted figures">0</span>' in page
