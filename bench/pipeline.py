"""The batch pipeline against DuckDB reading the same columns and writing the same columns.

Two rows. From evidence: landed events are read from Parquet and results written beside them (the
limit that architecture section 6 names). From the spool: what one intake does, which also writes
the events themselves. Making the events is not measured.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tanhui.engine.batch.events import EVENT_TYPES, RESULT_TYPES, Column, Columns
from tanhui.engine.batch.files import EVENTS_FILE, ResultFiles, format_of, read_columns, table_of
from tanhui.engine.batch.history import no_history
from tanhui.engine.batch.parts import TOTALS_FILE
from tanhui.engine.batch.run import BatchOutcome, PointsStep, Rules, run_stretches
from tanhui.engine.batch.spool import Spool, Stretch
from tanhui.engine.library import Library

from .law import write_library
from .measure import Facts, Measured, measure, middle
from .report import Row
from .stream import Stream

POINTS = [PointsStep(date(2024, 1, 1), mg=10_000, points=1)]
LIBRARY, LANDED, EDGES, OUT = "library", "landed.arrow", "edges.npy", "out"

HOLD = 2.0
GROWTH_TIMES, GROWTH_HOLD = 5, 5.25
MEMORY_HOLD_BYTES = 600_000_000


class LandedSpool(Spool):
    """A spool that another process wrote."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LANDED
        self._edges = list(np.load(folder / EDGES))
        self._wide_path = None
        self.rows = int(sum(edges[-1] for edges in self._edges))


class ResultsOnly(ResultFiles):
    """Writes results beside events that are there already."""

    def write(
        self, stretch: Stretch, events: Columns, results: Columns, reversals: Columns
    ) -> None:
        """One settled stretch, without its events."""
        self._writers["results"].write_table(table_of(results, RESULT_TYPES), stretch.rows)
        self.row_groups.append(stretch)


def prepare(folder: str, rows: int) -> Generator[None, None, Facts]:
    """Make the stream: the spool, and the same rows as evidence with a row group per stretch."""
    yield
    place = Path(folder)
    stream = Stream(rows, Library.load(write_library(place / LIBRARY)))
    spool = stream.spool(place / LANDED)
    np.save(place / EDGES, np.stack(spool._edges))
    schema = table_of({name: np.empty(0, kind) for name, kind in EVENT_TYPES.items()}, EVENT_TYPES)
    with pq.ParquetWriter(place / EVENTS_FILE, schema.schema, **format_of(EVENT_TYPES)) as writer:
        for _, events in spool.read():
            writer.write_table(table_of(events, EVENT_TYPES), len(events["row"]))
    return {}


def from_evidence(folder: str) -> Generator[None, None, Facts]:
    """Ours: Parquet events in, results and totals out."""
    place = Path(folder)
    rules, out = _rules(place), _fresh_folder(place / OUT)
    yield
    with ResultsOnly(out) as files:
        outcome = _run(_row_groups(place / EVENTS_FILE), rules, files)
    return _facts(outcome)


def from_spool(folder: str) -> Generator[None, None, Facts]:
    """Ours: spooled events in, events, results and totals out."""
    place = Path(folder)
    rules, out = _rules(place), _fresh_folder(place / OUT)
    spool = LandedSpool(place)
    yield
    with ResultFiles(out) as files:
        outcome = _run(spool.read(), rules, files)
    return _facts(outcome)


def limit_evidence(folder: str, threads: int) -> Generator[None, None, Facts]:
    """DuckDB: the same Parquet columns in, the same result columns out."""
    place = Path(folder)
    connection = _duckdb(threads)
    yield
    connection.execute(_copy(f"'{place / EVENTS_FILE}'", place / "limit.parquet", RESULT_COLUMNS))
    return {}


def limit_spool(folder: str, threads: int) -> Generator[None, None, Facts]:
    """DuckDB: the same Arrow columns in, the same event and result columns out."""
    place = Path(folder)
    connection = _duckdb(threads)
    yield
    with pa.memory_map(str(place / LANDED)) as mapped:
        landed = pa.ipc.open_file(mapped).read_all()
        connection.register("landed", landed)
        columns = [*EVENT_TYPES, *RESULT_COLUMNS[1:]]
        connection.execute(_copy("landed", place / "limit.parquet", columns))
        del landed
    return {}


RESULT_COLUMNS = [
    "row",
    "(CASE WHEN key_lo % 50 = 0 THEN 3 ELSE 0 END)::UTINYINT AS status",
    "(CASE WHEN payload % 100 = 0 THEN 1 ELSE 0 END)::UTINYINT AS detail",
    "q0 * 79 + q1 * 11 + q2 + q3 + cell AS quantified",
    "CASE WHEN key_hi % 50 = 0 THEN 0 ELSE q0 * 79 + q1 * 11 + q2 + q3 + cell END AS mg",
    "(q0 * 79 + region + scene + method) // 10000 AS points",
    "(corrects_hi | corrects_lo)::BIGINT + CASE WHEN person % 20 = 0 THEN 1 ELSE 0 END"
    " AS other_batch",
    'CASE WHEN person % 20 = 0 THEN row - ("end" - start + day) % 100000 ELSE 0 END AS other_row',
]
"""Cheap stand-ins that read every landed column and cost as much to write as real results."""


def _copy(source: str, target: Path, columns: list[str]) -> str:
    quoted = ['"end"' if name == "end" else name for name in columns]
    return (
        f"COPY (SELECT {', '.join(quoted)} FROM {source}) TO '{target}' "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )


def _duckdb(threads: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    return connection


def _rules(place: Path) -> Rules:
    library = Library.load(place / LIBRARY)
    stream = Stream(1, library)
    return Rules(stream.methods, stream.forms, POINTS)


def _run(
    stretches: Iterator[tuple[Stretch, Columns]], rules: Rules, files: ResultFiles
) -> BatchOutcome:
    return run_stretches(
        stretches,
        rules,
        _no_history,
        files,
        totals=files.folder / TOTALS_FILE,
        batch=1,
        progress=lambda rows: None,
    )


def _no_history(stretch: Stretch, persons: Column) -> Columns:
    return no_history()


def _row_groups(path: Path) -> Iterator[tuple[Stretch, Columns]]:
    with pq.ParquetFile(path) as file:
        rows = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    for group, count in enumerate(rows):
        columns = read_columns(path, list(EVENT_TYPES), group)
        yield Stretch(group, group + 1, count), columns


def _facts(outcome: BatchOutcome) -> Facts:
    counts: dict[str, int] = {}
    for (status, *_), rows in outcome.counts.items():
        counts[status.label] = counts.get(status.label, 0) + rows
    sums = outcome.sums
    return {"counts": counts, "mg": sums.mg_credited, "n_events": sums.n_events}


def _fresh_folder(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def rows(folder: Path, *, events: int, rounds: int) -> Iterator[Row]:
    """The two rows of the report for `events` events."""
    measure("pipeline:prepare", folder=str(folder), rows=events)
    work = f"{events:,} landed events"
    for way, written in (("evidence", "results, totals"), ("spool", "events, results, totals")):
        limits, ours = [], []
        for _ in range(rounds):
            limits.append(measure(f"pipeline:limit_{way}", folder=str(folder), threads=1))
            ours.append(measure(f"pipeline:from_{way}", folder=str(folder)))
        yield Row.of(
            f"pipeline/{way}",
            f"{work} from {way}: {written}",
            ours=middle(ours),
            limit=middle(limits),
            hold=HOLD,
        )


def growth(folder: Path, small: Measured, *, events: int, times: int) -> Iterator[Row]:
    """CPU and memory of `times` as many events as `small` measured, from evidence."""
    measure("pipeline:prepare", folder=str(folder), rows=events * times)
    large = measure("pipeline:from_evidence", folder=str(folder))
    work = f"{events * times:,} events after {events:,}"
    yield Row(
        "growth/cpu",
        f"{work}: CPU",
        f"{large.cpu_s:.2f} CPU-s",
        f"{small.cpu_s:.2f} CPU-s",
        large.cpu_s / small.cpu_s,
        GROWTH_HOLD * times / GROWTH_TIMES,
        {"large": large.__dict__, "small": small.__dict__},
    )
    yield Row(
        "growth/memory",
        f"{work}: peak memory, in units of {MEMORY_HOLD_BYTES / 1e9:g} GB",
        f"{large.memory_bytes / 1e6:,.0f} MB",
        f"{MEMORY_HOLD_BYTES / 1e6:,.0f} MB",
        large.memory_bytes / MEMORY_HOLD_BYTES,
        1.0,
        {},
    )
