"""The five executors side by side: one list of (mg, code) per executor for the same records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa

from tanhui.engine.closure import closure
from tanhui.engine.explain import explain
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.kernel import quantify
from tanhui.engine.methodology import Methodology
from tanhui.engine.record import Record
from tanhui.engine.reference import evaluate
from tanhui.engine.sql import duckdb_sql

Answers = list[tuple[int, int]]


@dataclass(frozen=True)
class Case:
    """Where, when, of which class, and whole counts per field."""

    region: str
    class_: str
    day: int
    counts: tuple[int, ...]

    def as_record(self, methodology: Methodology) -> Record:
        return Record.of_counts(
            methodology, self.counts, region=self.region, day=self.day, class_=self.class_
        )


def five_answers(methodology: Methodology, cases: Sequence[Case]) -> dict[str, Answers]:
    """Every executor's answer to every case."""
    form = compile_form(methodology)
    cells = [form.cell_of(case.region, case.class_, case.day) for case in cases]
    records = [case.as_record(methodology) for case in cases]
    run = closure(form)
    outcomes = [evaluate(methodology, record) for record in records]
    explanations = [explain(methodology, record) for record in records]
    return {
        "kernel": by_kernel(methodology, cases, cells),
        "duckdb": by_duckdb(methodology, cases, cells),
        "closure": [run(cell, case.counts) for cell, case in zip(cells, cases, strict=True)],
        "reference": [(outcome.mg, outcome.code) for outcome in outcomes],
        "explain": [(each["mg"], each["code"]) for each in explanations],
    }


def by_kernel(methodology: Methodology, cases: Sequence[Case], cells: list[int]) -> Answers:
    """The NumPy kernel over all cases at once."""
    columns = [
        np.array([case.counts[slot] for case in cases], dtype=np.int64)
        for slot in range(len(methodology.fields))
    ]
    found = quantify(compile_form(methodology), columns, np.array(cells, dtype=np.int32))
    return list(zip(found.mg.tolist(), found.code.tolist(), strict=True))


def by_duckdb(methodology: Methodology, cases: Sequence[Case], cells: list[int]) -> Answers:
    """The oracle query over all cases at once."""
    columns: dict[str, object] = {
        "row": pa.array(range(len(cases)), pa.int64()),
        "cell": pa.array(cells, pa.int32()),
    }
    for slot in range(len(methodology.fields)):
        columns[f"q{slot}"] = pa.array([case.counts[slot] for case in cases], pa.int64())
    query = f"SELECT mg, code FROM ({duckdb_sql(compile_form(methodology), 'events')})"
    connection = oracle()
    connection.register("events", pa.table(columns))
    return connection.execute(query + " ORDER BY row").fetchall()


@cache
def oracle() -> duckdb.DuckDBPyConnection:
    """One connection for all tests; opening one takes longer than a query."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    return connection
