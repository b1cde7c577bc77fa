"""One suite, every executor: identical integers on 118,000 rows, with all rounding halves.

The reference over fractions answers each row first; the kernel, the DuckDB oracle, the closure of
the online path, and the kernel scheduled by Spark, locally and on a cluster, must give the same.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from bench.cluster import a_cluster
from tests.engine.executors import Answers, by_duckdb, by_kernel
from tests.engine.executors.rows import ROWS, Drawn, cells_of, drawn_rows
from tests.engine.executors.scheduled import by_spark

from tanhui.engine.batch.events import WIDE_EVENT_TYPES, Columns
from tanhui.engine.batch.schedulers.spark import Spark
from tanhui.engine.batch.spool import Landed, Spool
from tanhui.engine.closure import closure
from tanhui.engine.javascript import javascript_source
from tanhui.engine.reference import Outcome, evaluate

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    return drawn_rows()


@pytest.fixture(scope="module")
def outcomes(drawn: list[Drawn]) -> list[list[Outcome]]:
    """What the reference says, methodology by methodology."""
    return [
        [evaluate(each.methodology, case.as_record(each.methodology)) for case in each.cases]
        for each in drawn
    ]


@pytest.fixture(scope="module")
def expected(outcomes: list[list[Outcome]]) -> list[Answers]:
    return [[(outcome.mg, outcome.code) for outcome in each] for each in outcomes]


def test_the_rows_are_what_the_suite_promises(
    drawn: list[Drawn], outcomes: list[list[Outcome]]
) -> None:
    every = [outcome for each in outcomes for outcome in each]
    assert len(every) >= ROWS
    halves = [one for one in every if one.exact is not None and one.exact.denominator == 2]
    assert len(halves) > 2_000
    assert {one.exact % 2 for one in halves if one.exact} == {Fraction(1, 2), Fraction(3, 2)}
    rounded = {each.methodology.round for each in drawn}
    assert len(rounded) == 2  # half away from zero, and down
    codes = {outcome.code for outcome in every}
    assert {0, 1, 2, 3, 254, 255} <= codes
    assert sum(outcome.code == 0 for outcome in every) > ROWS // 3


def same(drawn: list[Drawn], answers: list[Answers], expected: list[Answers]) -> None:
    """Every integer of every row, with the first row that differs in the message."""
    for each, own, wanted in zip(drawn, answers, expected, strict=True):
        if own != wanted:
            pairs = enumerate(zip(own, wanted, strict=True))
            at = next(at for at, (one, other) in pairs if one != other)
            raise AssertionError((each.methodology.code, each.cases[at], own[at], wanted[at]))


def test_the_kernel_agrees(drawn: list[Drawn], expected: list[Answers]) -> None:
    answers = [by_kernel(each.methodology, each.cases, cells_of(each)) for each in drawn]
    same(drawn, answers, expected)


def test_the_oracle_agrees(drawn: list[Drawn], expected: list[Answers]) -> None:
    answers = [by_duckdb(each.methodology, each.cases, cells_of(each)) for each in drawn]
    same(drawn, answers, expected)


def test_the_closure_agrees(drawn: list[Drawn], expected: list[Answers]) -> None:
    answers = []
    for each in drawn:
        run = closure(each.form)
        answers.append(
            [run(cell, case.counts) for cell, case in zip(cells_of(each), each.cases, strict=True)]
        )
    same(drawn, answers, expected)


def by_node(drawn: list[Drawn], folder: Path) -> list[Answers]:
    """The browser's function of each methodology over its rows, in one run of node."""
    lines = ["const answers = [];"]
    for each in drawn:
        cases = zip(cells_of(each), each.cases, strict=True)
        given = ",".join(f"[{cell},[{_bigints(case.counts)}]]" for cell, case in cases)
        lines.append(
            f"{{{javascript_source(each.form)}"
            f"answers.push([{given}].map(([cell, counts]) => {{"
            " const [mg, code] = quantify(cell, counts); return [String(mg), code]; }));}"
        )
    script = folder / "every.js"
    script.write_text("\n".join([*lines, "console.log(JSON.stringify(answers));"]))
    told = subprocess.run(["node", str(script)], capture_output=True, text=True, check=True)
    return [[(int(mg), code) for mg, code in each] for each in json.loads(told.stdout)]


def _bigints(counts: tuple[int, ...]) -> str:
    return ",".join(f"{count}n" for count in counts)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_browsers_function_agrees(
    drawn: list[Drawn], expected: list[Answers], tmp_path: Path
) -> None:
    same(drawn, by_node(drawn, tmp_path), expected)


@pytest.fixture(scope="module")
def landed(drawn: list[Drawn], tmp_path_factory: pytest.TempPathFactory) -> Landed:
    """All rows in one spool, numbered through, spread over the buckets."""
    with Spool(tmp_path_factory.mktemp("rows") / "landed.arrow") as spool:
        spool.add(_events(drawn))
    return spool.landed()


def _events(drawn: list[Drawn]) -> Columns:
    rows = sum(len(each.cases) for each in drawn)
    events: Columns = {name: np.zeros(rows, kind) for name, kind in WIDE_EVENT_TYPES.items()}
    events["row"] = np.arange(rows, dtype=np.int64)
    events["person"] = events["row"] + 1
    first = 0
    for number, each in enumerate(drawn):
        end = first + len(each.cases)
        events["method"][first:end] = number
        events["cell"][first:end] = cells_of(each)
        for slot in range(len(each.methodology.fields)):
            events[f"q{slot}"][first:end] = [case.counts[slot] for case in each.cases]
        first = end
    return events


@pytest.fixture(params=["local[2]", "cluster"])
def spark(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Spark]:
    """Spark on this machine, and a master with two workers on the loopback address."""
    if request.param != "cluster":
        with Spark(request.param) as local:
            yield local
        return
    with a_cluster(tmp_path) as nodes, Spark(nodes.address) as connected:
        yield connected


def test_spark_agrees(
    spark: Spark, drawn: list[Drawn], landed: Landed, expected: list[Answers]
) -> None:
    same(drawn, by_spark(spark, drawn, landed), expected)
