"""Batches with more than four quantities: wide where used, narrow where not, the same integers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from tests.engine.methodology_texts import load, spoiled

from tanhui.engine.batch.events import (
    EVENT_TYPES,
    QUANTITIES,
    WIDE_EVENT_TYPES,
    Columns,
    event_types,
)
from tanhui.engine.batch.files import EVENTS_FILE, ResultFiles, event_names, read_columns
from tanhui.engine.batch.history import no_history
from tanhui.engine.batch.keys import fingerprints
from tanhui.engine.batch.parts import TOTALS_FILE
from tanhui.engine.batch.run import PointsStep, Rules, run_stretches
from tanhui.engine.batch.spool import Spool
from tanhui.engine.integer import compile as compile_form

DAY = 20_000
FIELDS = "".join(
    f"  leg{at}: {{name: {{zh: 段, en: leg}}, unit: km, step: 0.001, min: 0, max: 300}}\n"
    for at in range(7)
)
LEGS = " + ".join(f"leg{at} * {at}" for at in range(7))
SIX_LEGS = spoiled(
    ("parameters:", f"{FIELDS}parameters:"),
    ("distance * rate", f"(distance + {LEGS}) * rate"),
    ("distance: 10}", f"distance: 10, {', '.join(f'leg{at}: 0' for at in range(7))}}}"),
)


def a_block(first_row: int, rows: int, types: dict[str, str]) -> Columns:
    columns = {name: np.zeros(rows, dtype=kind) for name, kind in types.items()}
    number = np.arange(first_row, first_row + rows)
    columns["row"][:] = columns["key_lo"][:] = columns["person"][:] = number
    columns["day"][:] = DAY
    columns["start"][:] = columns["end"][:] = number * 3_600_000
    for slot, name in enumerate(QUANTITIES):
        if name in columns:
            columns[name][:] = number + slot
    return columns


def test_narrow_and_wide_blocks_meet_in_one_batch(tmp_path: Path) -> None:
    method = load(SIX_LEGS)
    form = compile_form(method)
    rules = Rules([method], [form], [PointsStep(date(2020, 1, 1), 10_000, 1)])
    with Spool(tmp_path / "landed.arrow") as spool:
        spool.add(a_block(1, 300, EVENT_TYPES))
        spool.add(a_block(301, 300, WIDE_EVENT_TYPES))
        spool.add(a_block(601, 300, EVENT_TYPES))
    landed = spool.landed()
    with ResultFiles(tmp_path, landed.event_types) as files:
        run_stretches(
            landed.read(landed.stretches()),
            rules,
            lambda stretch, persons: no_history(),
            files,
            totals=tmp_path / TOTALS_FILE,
            batch=1,
            progress=lambda rows: None,
        )
    path = tmp_path / EVENTS_FILE
    assert set(event_names(path)) == set(WIDE_EVENT_TYPES)
    events = read_columns(path, event_names(path))
    results = read_columns(tmp_path / "results.parquet", ["row", "quantified"])
    assert np.array_equal(events["row"], results["row"])
    for row, mg in zip(results["row"].tolist(), results["quantified"].tolist(), strict=True):
        slots = 8 if 300 < row <= 600 else 4
        metres = sum((row + slot) * (slot - 1 if slot else 1) for slot in range(slots))
        assert mg == (metres * 784 * 2 + 10) // 20, row


def test_a_batch_without_further_slots_stays_narrow(tmp_path: Path) -> None:
    with Spool(tmp_path / "landed.arrow") as spool:
        spool.add(a_block(1, 10, EVENT_TYPES))
    assert spool.landed().event_types is EVENT_TYPES
    assert [path.name for path in tmp_path.iterdir()] == ["landed.arrow"]
    _, events = next(spool.read())
    assert event_types(events) is EVENT_TYPES


def test_a_row_has_one_fingerprint_in_narrow_and_in_wide_blocks() -> None:
    narrow, wide = a_block(1, 50, EVENT_TYPES), a_block(1, 50, WIDE_EVENT_TYPES)
    hashes = np.array([7], dtype=np.uint64)
    for name in QUANTITIES[4:]:
        wide[name][::2] = 0
    same = fingerprints(narrow, hashes) == fingerprints(wide, hashes)
    assert same.tolist() == [at % 2 == 0 for at in range(50)]
