"""A landed batch runs bucket by bucket through spool, kernel, rules and files, and adds up."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tanhui.core.period import day_number
from tanhui.engine.batch import spool
from tanhui.engine.batch.events import EVENT_TYPES, NO_METHOD, RESULT_TYPES, Columns
from tanhui.engine.batch.files import EVENTS_FILE, RESULTS_FILE, ResultFiles, read_columns
from tanhui.engine.batch.history import no_history
from tanhui.engine.batch.laws import FormQuantifier
from tanhui.engine.batch.run import BatchOutcome, PointsStep, Rules, run_stretches
from tanhui.engine.batch.spool import Spool
from tanhui.engine.batch.status import Status
from tanhui.engine.library import Library

LIBRARY = Path(__file__).parents[3] / "library"
DAY = date(2024, 10, 8)
MS = day_number(DAY) * 86_400_000


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(LIBRARY)


def landed(library: Library, metres: list[int], persons: list[int]) -> Columns:
    """Wuhan metro rides, an hour apart."""
    method = library.get("wuhan-metro", on=DAY)
    cell = library.form(method).cell_of("420100", "", day_number(DAY))
    rows = len(metres)
    columns = {name: np.zeros(rows, dtype=kind) for name, kind in EVENT_TYPES.items()}
    columns["row"][:] = np.arange(1, rows + 1)
    columns["key_lo"][:] = np.arange(1, rows + 1)
    columns["person"][:] = persons
    columns["region"][:] = 420100
    columns["start"][:] = MS + np.arange(rows) * 3_600_000
    columns["end"][:] = columns["start"] + 60_000
    columns["day"][:] = day_number(DAY)
    columns["cell"][:] = cell
    columns["q0"][:] = metres
    return columns


def run(library: Library, folder: Path, blocks: list[Columns]) -> tuple[BatchOutcome, ResultFiles]:
    method = library.get("wuhan-metro", on=DAY)
    rules = Rules([method], [library.form(method)], [PointsStep(date(2020, 1, 1), 10_000, 1)])
    with Spool(folder / "landed.arrow") as spool:
        for block in blocks:
            spool.add(block)
    with ResultFiles(folder) as files:
        outcome = run_stretches(
            spool.read(),
            rules,
            lambda stretch, persons: no_history(),
            files,
            totals=folder / "totals.arrow",
            batch=1,
            progress=lambda rows: None,
        )
    return outcome, files


def test_every_row_is_quantified_capped_and_totalled(library: Library, tmp_path: Path) -> None:
    block = landed(library, [10_000, 60_000, 7, 6_825], [64, 64, 64, 65])
    outcome, files = run(library, tmp_path, [block])
    assert outcome.counts == {
        (Status.CREDITED, 0, -1): 2,
        (Status.PARTLY_CAPPED, 0, -1): 1,
        (Status.NOT_APPLICABLE, 10, 0): 1,
    }
    assert files.row_groups == [(64, 66, 4)]
    total = outcome.total(["metro"]).sort("person")
    assert total["mg"].to_list() == [5_000_000, 535_080]
    assert total["points"].to_list() == [78 + 421, 53]
    assert total["n_events"].to_list() == [2, 1]
    assert outcome.days == (day_number(DAY), day_number(DAY))
    assert outcome.sums.mg_credited == 5_535_080
    assert outcome.sums.mg_reversed == 0


def test_results_stand_beside_their_events(library: Library, tmp_path: Path) -> None:
    blocks = [landed(library, [1_000, 2_000], [65, 64]), landed(library, [3_000], [65])]
    for name in ("row", "key_lo", "start", "end"):
        blocks[1][name] += np.array(50_000_000 if name in ("start", "end") else 2).astype(
            blocks[1][name].dtype
        )
    run(library, tmp_path, blocks)
    rows = [2, 1, 3]  # by bucket, then by arrival
    assert read_columns(tmp_path / EVENTS_FILE, ["row"])["row"].tolist() == rows
    results = read_columns(tmp_path / RESULTS_FILE, list(RESULT_TYPES))
    assert results["row"].tolist() == rows
    assert results["mg"].tolist() == [row * 78_400 for row in rows]


def test_a_large_batch_is_read_bucket_by_bucket(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "STRETCH_ROWS", 2)
    block = landed(library, [1_000] * 5, [64, 65, 64, 67, 66])
    _, files = run(library, tmp_path, [block])
    assert files.row_groups == [(64, 65, 2), (65, 67, 2), (67, 68, 1)]
    assert read_columns(tmp_path / EVENTS_FILE, ["row"], 1)["row"].tolist() == [2, 5]


def test_a_row_without_methodology_has_no_parameter(library: Library, tmp_path: Path) -> None:
    block = landed(library, [5_000], [64])
    block["method"][:] = NO_METHOD
    outcome, _ = run(library, tmp_path, [block])
    assert outcome.counts == {(Status.NO_PARAMETER, 0, -1): 1}
    assert outcome.total(["metro"]).is_empty()


def test_points_follow_the_rule_of_the_day(library: Library) -> None:
    steps = [
        PointsStep(date(2024, 10, 1), mg=10_000, points=1),
        PointsStep(date(2024, 10, 8), mg=0, points=0),
        PointsStep(date(2024, 10, 9), mg=10_000, points=2),
    ]
    method = library.get("wuhan-metro", on=DAY)
    rules = Rules([method], [library.form(method)], steps)
    block = landed(library, [1_000] * 4, [64] * 4)
    block["day"][:] = [day_number(date(2024, 10, day)) for day in (7, 8, 9, 10)]
    block["day"][0] = day_number(date(2024, 9, 30))
    fresh = rules.fresh(block)
    assert fresh["mg_per_step"].tolist() == [0, 0, 10_000, 10_000]
    assert fresh["points_per_step"].tolist() == [0, 0, 2, 2]


def test_a_quantifier_travels_after_it_was_used(library: Library) -> None:
    form = library.form(library.get("wuhan-metro", on=DAY))
    quantifier = FormQuantifier(form)
    answer = quantifier.one(0, (10_000, 0, 0, 0))
    travelled = pickle.loads(pickle.dumps(quantifier))
    assert travelled.one(0, (10_000, 0, 0, 0)) == answer == (784_000, 0)
