"""The equality gate: our pipeline and an oracle give every row the same mg and the same status.

The oracle quantifies with DuckDB (engine.sql) and settles one person after another with the
sequential rules, in plain Python integers; the pipeline does neither.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tanhui.engine.batch.files import EVENTS_FILE, RESULTS_FILE
from tanhui.engine.batch.laws import law_of
from tanhui.engine.batch.sequential import Event, settle_person
from tanhui.engine.library import Library
from tanhui.engine.methodology import Methodology
from tanhui.engine.sql import duckdb_sql

from .measure import Facts, measure
from .pipeline import LIBRARY, OUT
from .report import Row
from .stream import Stream

ANSWERS = pa.schema([("row", pa.int64()), ("mg", pa.int64()), ("status", pa.uint8())])
FETCH_ROWS = 100_000


def oracle(folder: str) -> Generator[None, None, Facts]:
    """Hash of the oracle's answers."""
    place = Path(folder)
    stream = Stream(1, Library.load(place / LIBRARY))
    yield
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW landed AS FROM '{place / EVENTS_FILE}'")
    _quantify(connection, stream)
    answers = list(zip(*_settled(_ordered(connection), stream.methods), strict=True))
    table = pa.table([pa.array(column) for column in answers], names=ANSWERS.names).cast(ANSWERS)
    connection.register("answers", table)
    return _hash(connection, "answers")


def ours(folder: str) -> Generator[None, None, Facts]:
    """Hash of what the pipeline wrote."""
    yield
    return _hash(duckdb.connect(), f"'{Path(folder) / OUT / RESULTS_FILE}'")


def _hash(connection: duckdb.DuckDBPyConnection, source: str) -> Facts:
    found = connection.execute(
        f"SELECT bit_xor(hash(row, mg, status)), count(*) FROM {source}"
    ).fetchone()
    assert found is not None
    return {"hash": f"{found[0]:016x}", "rows": found[1]}


def _quantify(connection: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    """Table `quantified` (row, mg, code), every methodology by its own query."""
    parts = []
    for number, form in enumerate(stream.forms):
        connection.execute(
            f"CREATE VIEW landed{number} AS SELECT row, cell, q0, q1, q2, q3 FROM landed"
            f" WHERE method = {number}"
        )
        parts.append(f"({duckdb_sql(form, f'landed{number}')})")
    connection.execute(f"CREATE TABLE quantified AS {' UNION ALL '.join(parts)}")


def _ordered(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """Quantified rows by person, each person's in arrival order."""
    found = connection.execute(
        'SELECT person, row, key_hi, key_lo, payload, scene, start, "end", day, mg, code, method'
        " FROM landed JOIN quantified USING (row) ORDER BY person, row"
    )
    while block := found.fetchmany(FETCH_ROWS):
        yield from block


def _settled(
    rows: Iterator[tuple[Any, ...]], methods: list[Methodology]
) -> Iterator[tuple[int, int, int]]:
    """(row, mg, status) of every row."""
    scenes = {method.scene: number for number, method in enumerate(methods)}
    laws = [law_of(method, None, scenes) for method in methods]
    for _, own in groupby(rows, key=lambda row: row[0]):
        events = [
            Event(
                1, row, (hi, lo), payload, scene, start, end, day,
                law=laws[method], quantified=mg, code=code,
            )
            for _, row, hi, lo, payload, scene, start, end, day, mg, code, method in own
        ]  # fmt: skip
        settle_person([], events)
        for event in events:
            yield event.row, event.mg, int(event.status)


def rows(folder: Path, *, events: int) -> Iterator[Row]:
    """The row of the report; `folder` is where nothing else is measured at the same time."""
    measure("pipeline:prepare", folder=str(folder), rows=events)
    measure("pipeline:from_spool", folder=str(folder))
    found = measure("equality:ours", folder=str(folder)).facts
    expected = measure("equality:oracle", folder=str(folder)).facts
    yield Row.same(
        "equality",
        f"{events:,} events: every row's mg and status, as one hash",
        ours=f"{found['hash']} of {found['rows']:,}",
        oracle=f"{expected['hash']} of {expected['rows']:,}",
    )
