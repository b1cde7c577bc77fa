"""The trace of a pool: which rows lie where on its line, sealed as one Parquet file.

    rows of the file = rows on the line, in its order: carried in first, then by batch and row
    `end` = the milligram at which the row ends; it begins where the one before ends

A unit is a stretch of the line, so its rows are found by binary search, and a row's units by its
two ends. The file names batches, rows and versions of law, never a person.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..batch.events import Column, Columns, concatenate

TRACE_TYPES = {
    "batch": "i8",
    "row": "i8",
    "method": "u2",  # index into the pool's methodologies
    "end": "i8",  # cumulative mg after the discount
}
GROUP_ROWS = 131_072
_FOUND = ("batch", "row", "end")
_BLOCK_BYTES = 4 * 1024**2


@dataclass(frozen=True)
class TraceRow:
    """A row on the line, and how many of its mg lie in the stretch that was asked for."""

    batch: int
    row: int
    method: int
    begin: int
    end: int
    mg: int


def write_trace(folder: Path, columns: Columns) -> tuple[str, str]:
    """Write the file whole or not at all; returns its name and SHA-256.

    The name holds the digest, so writing the same again after a crash changes nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=folder, prefix=".")
    os.close(handle)
    path = Path(draft)
    _write(path, columns)
    digest = sha256_of(path)
    name = f"trace-{digest[:16]}.parquet"
    path.chmod(0o444)
    path.replace(folder / name)
    _sync(folder)
    return name, digest


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


class Trace:
    """A trace file, opened; every look reads the few row groups it needs."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path, memory_map=True)
        meta = self._file.metadata
        self.rows: int = meta.num_rows
        places = {meta.schema.column(at).name: at for at in range(meta.num_columns)}
        self._groups = [
            {name: _bounds(meta.row_group(n).column(places[name])) for name in _FOUND}
            for n in range(meta.num_row_groups)
        ]

    @property
    def total(self) -> int:
        """The length of the line in mg."""
        return self._groups[-1]["end"][1] if self._groups else 0

    def between(self, first: int, end: int) -> list[TraceRow]:
        """The rows that lie on the line from mg `first` up to `end`, in its order."""
        found: list[TraceRow] = []
        for number, begin in self._touching(first, end):
            columns = self._read(number)
            ends = columns["end"]
            low = int(np.searchsorted(ends, first, side="right"))
            high = int(np.searchsorted(ends, end, side="left"))
            found += _rows(columns, begin, range(low, min(high + 1, len(ends))), first, end)
        return found

    def of_row(self, batch: int, row: int) -> list[TraceRow]:
        """Where a row lies on this line: once, or nowhere."""
        found: list[TraceRow] = []
        for number, bounds in enumerate(self._groups):
            holds = bounds["batch"][0] <= batch <= bounds["batch"][1]
            if holds and bounds["row"][0] <= row <= bounds["row"][1]:
                columns = self._read(number)
                at = np.flatnonzero((columns["batch"] == batch) & (columns["row"] == row))
                begin = self._groups[number - 1]["end"][1] if number else 0
                found += _rows(columns, begin, at.tolist(), 0, self.total)
        return found

    def of_rows(self, wanted: Mapping[int, Column]) -> list[TraceRow]:
        """Where rows lie on this line, in its order; `wanted` are row numbers by batch."""
        found: list[TraceRow] = []
        for number, bounds in enumerate(self._groups):
            low, high = bounds["batch"]
            near = [batch for batch in wanted if low <= batch <= high]
            if not near:
                continue
            columns = self._read(number)
            mine = np.zeros(len(columns["row"]), dtype=np.bool_)
            for batch in near:
                mine |= (columns["batch"] == batch) & np.isin(columns["row"], wanted[batch])
            begin = self._groups[number - 1]["end"][1] if number else 0
            found += _rows(columns, begin, np.flatnonzero(mine).tolist(), 0, self.total)
        return found

    def columns(self) -> Columns:
        """Everything, for who recomputes it."""
        parts = [self._read(number) for number in range(len(self._groups))]
        return concatenate(parts, TRACE_TYPES)

    def tail(self, spent: int) -> Columns:
        """The rows behind the last unit: TRACE_TYPES with `mg`, what of each lies there."""
        parts = []
        for number, begin in self._touching(spent, self.total):
            columns = self._read(number)
            begins = np.concatenate([np.array([begin]), columns["end"][:-1]])
            columns["mg"] = columns["end"] - np.maximum(begins, spent)
            here = columns["mg"] > 0
            parts.append({name: column[here] for name, column in columns.items()})
        return concatenate(parts, TRACE_TYPES | {"mg": "i8"})

    def _touching(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """Row groups with a part in the stretch, each with where it begins."""
        begin = 0
        for number, bounds in enumerate(self._groups):
            ends = bounds["end"][1]
            if begin < end and ends > first:
                yield number, begin
            begin = ends

    def _read(self, number: int) -> Columns:
        table = self._file.read_row_group(number, list(TRACE_TYPES))
        return {name: table.column(name).to_numpy() for name in TRACE_TYPES}


def _rows(
    columns: Columns, begin: int, places: Sequence[int], first: int, end: int
) -> list[TraceRow]:
    found = []
    for at in places:
        starts = int(columns["end"][at - 1]) if at else begin
        ends = int(columns["end"][at])
        mg = min(ends, end) - max(starts, first)
        if mg > 0:
            batch, row, method = (int(columns[name][at]) for name in ("batch", "row", "method"))
            found.append(TraceRow(batch, row, method, starts, ends, mg))
    return found


def _write(path: Path, columns: Columns) -> None:
    schema = pa.schema(
        [
            pa.field(name, pa.from_numpy_dtype(np.dtype(kind)), nullable=False)
            for name, kind in TRACE_TYPES.items()
        ]
    )
    table = pa.table([pa.array(columns[name]) for name in TRACE_TYPES], schema=schema)
    pq.write_table(
        table,
        path,
        row_group_size=GROUP_ROWS,
        compression={name: "none" if name in {"row", "end"} else "zstd" for name in TRACE_TYPES},
        use_dictionary=["batch", "method"],
        column_encoding={"row": "DELTA_BINARY_PACKED", "end": "DELTA_BINARY_PACKED"},
        write_statistics=list(_FOUND),
        data_page_version="2.0",
    )


def _bounds(column: pq.ColumnChunkMetaData) -> tuple[int, int]:
    statistics = column.statistics
    return int(statistics.min), int(statistics.max)


def _sync(folder: Path) -> None:
    """The file and its name are on disk before anybody names them."""
    for path in (*folder.glob("trace-*.parquet"), folder):
        place = os.open(path, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)
