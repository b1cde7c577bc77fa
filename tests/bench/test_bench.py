"""The bench measures what it says: small runs of its modules, never a timed assertion."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from bench.law import SHAPES, write_library
from bench.measure import Measured, measure, middle
from bench.stream import Stream

from bench import equality, intake, ledger, pipeline
from tanhui.engine.library import Library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library.load(write_library(tmp_path_factory.mktemp("law")))


def test_twelve_shapes_have_about_two_thousand_cells(library: Library) -> None:
    forms = [library.form(method) for method in library.methodologies]
    assert len(forms) == len(SHAPES) == 12
    assert sum(len(form.cells) for form in forms) == 2_016
    assert sum(shape.per_mille for shape in SHAPES) == 1_000


def test_a_stream_is_the_same_however_it_is_cut(library: Library) -> None:
    stream = Stream(3_000, library)
    whole = stream.block(0, 3_000)
    first, rest = stream.block(0, 1_234), stream.block(1_234, 3_000)
    for name, column in whole.items():
        assert np.array_equal(column, np.concatenate([first[name], rest[name]])), name


@pytest.mark.slow
def test_every_row_agrees_with_the_oracle(tmp_path: Path) -> None:
    (row,) = equality.rows(tmp_path, events=20_000)
    assert row.is_held, (row.ours, row.limit)
    assert row.ours.endswith("of 20,000")


@pytest.mark.slow
def test_the_gate_sees_one_changed_row(tmp_path: Path) -> None:
    measure("pipeline:prepare", folder=str(tmp_path), rows=5_000)
    measure("pipeline:from_spool", folder=str(tmp_path))
    results = tmp_path / pipeline.OUT / equality.RESULTS_FILE
    right = measure("equality:ours", folder=str(tmp_path)).facts
    columns = pipeline.read_columns(results, list(pipeline.RESULT_TYPES))
    columns["mg"] = columns["mg"].copy()
    columns["mg"][17] += 1
    pq.write_table(pipeline.table_of(columns, pipeline.RESULT_TYPES), results)
    assert measure("equality:ours", folder=str(tmp_path)).facts != right


@pytest.mark.slow
def test_both_ways_of_the_pipeline_give_the_same_sums(tmp_path: Path) -> None:
    by_evidence, by_spool = pipeline.rows(tmp_path, events=20_000, rounds=1)
    facts = [row.facts["ours"]["facts"] for row in (by_evidence, by_spool)]
    assert facts[0] == facts[1]
    assert sum(facts[0]["counts"].values()) == 20_000


def test_set_up_is_not_measured_and_the_middle_round_counts() -> None:
    runs = [Measured(cpu_s, 0.0, 0, 0, {}) for cpu_s in (3.0, 1.0, 2.0)]
    assert middle(runs).cpu_s == 2.0
    assert middle(runs[:2]).cpu_s == 1.0


def test_intake_files_are_valid_but_for_one_row_in_five_hundred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ROWS", 2_000)
    list(intake.prepare(str(tmp_path)))
    for kind in intake.FILES:
        side = intake.parse_and_validate(str(tmp_path), kind)
        next(side)
        with pytest.raises(StopIteration) as done:
            next(side)
        assert done.value.value == {"landed": 1_996, "rejected": 4}


@pytest.mark.slow
def test_the_ledger_of_the_bench_is_proved() -> None:
    folder = Path(tempfile.mkdtemp(prefix="tanhui-bench-test-"))
    folder.chmod(0o755)  # the embedded server runs as its own user
    try:
        found = {row.name: row.facts for row in ledger.rows(folder, transfers=20_000)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert set(found) == {
        *("ledger/holder", "ledger/system", "ledger/unsummed"),
        *("ledger/roll-up", "ledger/prove"),
    }
    assert all(facts["prove_s"] > 0 for facts in found.values())
