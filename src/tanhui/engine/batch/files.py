"""Events and results as Parquet: one file each per batch, one row group per stretch of buckets.

The two files stand side by side in the same order (a sidecar), so events are written once and
read alone where only they matter. Row groups let a later batch read just the stretches it touches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .events import (
    EVENT_TYPES,
    QUANTITIES,
    RESULT_TYPES,
    REVERSAL_TYPES,
    SHARE_TYPES,
    WIDE_EVENT_TYPES,
    Column,
    Columns,
)
from .spool import Stretch

EVENTS_FILE = "events.parquet"
RESULTS_FILE = "results.parquet"
REVERSALS_FILE = "reversals.parquet"

REPEATING = ["scene", "region", "method", "cell", "day", "status", "detail", "other_batch"]
NUMBERS = ["row", *QUANTITIES, "quantified", "mg", "points", *SHARE_TYPES]
"""Small numbers: packed by bits they are as small as zstd makes them, at a third of the work."""
RANDOM = ["key_hi", "key_lo", "payload"]
"""Hashes, which nothing makes smaller."""


def format_of(types: Mapping[str, str]) -> dict[str, Any]:
    """How the columns are encoded and compressed."""
    bare = [*NUMBERS, *RANDOM]
    return {
        "compression": {name: "none" if name in bare else "zstd" for name in types},
        "use_dictionary": [name for name in REPEATING if name in types],
        "column_encoding": {name: "DELTA_BINARY_PACKED" for name in NUMBERS if name in types},
        "write_statistics": False,
        "data_page_version": "2.0",
    }


def schema_of(types: Mapping[str, str]) -> pa.Schema:
    """The Arrow schema of NumPy columns; no column may be null."""
    return pa.schema(
        [
            pa.field(name, pa.from_numpy_dtype(np.dtype(kind)), nullable=False)
            for name, kind in types.items()
        ]
    )


def table_of(columns: Mapping[str, Column], types: Mapping[str, str]) -> pa.Table:
    """An Arrow table over the columns, without copying."""
    return pa.table([pa.array(columns[name]) for name in types], schema=schema_of(types))


class ResultFiles:
    """The Parquet files of one batch while its buckets are settled.

    `event_types` are the columns of its events, EVENT_TYPES or WIDE_EVENT_TYPES. Results have
    SHARE_TYPES only where a reduction is shared out (`shares`): nobody else pays for them.
    """

    def __init__(
        self,
        folder: Path,
        event_types: Mapping[str, str] = EVENT_TYPES,
        *,
        shares: bool = False,
    ) -> None:
        self.folder = folder
        self.event_types = event_types
        self.result_types = RESULT_TYPES | (SHARE_TYPES if shares else {})
        self.row_groups: list[Stretch] = []  # in file order
        self.reversals = 0
        self._writers = {
            types_name: pq.ParquetWriter(
                folder / name,
                schema_of(types),
                **format_of(types),
            )
            for types_name, name, types in (
                ("events", EVENTS_FILE, event_types),
                ("results", RESULTS_FILE, self.result_types),
            )
        }
        self._reversals = pq.ParquetWriter(
            folder / REVERSALS_FILE, schema_of(REVERSAL_TYPES), **format_of(REVERSAL_TYPES)
        )

    def __enter__(self) -> ResultFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for writer in (*self._writers.values(), self._reversals):
            writer.close()

    def write(
        self, stretch: Stretch, events: Columns, results: Columns, reversals: Columns
    ) -> None:
        """One settled stretch."""
        rows = len(results["row"])
        self._writers["events"].write_table(table_of(events, self.event_types), rows)
        self._writers["results"].write_table(table_of(results, self.result_types), rows)
        if len(reversals["row"]):
            self._reversals.write_table(table_of(reversals, REVERSAL_TYPES))
            self.reversals += len(reversals["row"])
        self.row_groups.append(stretch)


def event_names(path: Path) -> list[str]:
    """The columns of an events file: narrow ones have four quantities, wide ones eight."""
    names = set(pq.read_schema(path).names)
    return [name for name in WIDE_EVENT_TYPES if name in names]


def has_column(path: Path, name: str) -> bool:
    """Whether the file has a column of that name."""
    return name in pq.read_schema(path).names


def read_columns(
    path: Path,
    names: Sequence[str],
    row_group: int | None = None,
    *,
    where_present: Sequence[str] = (),
) -> Columns:
    """The named columns of one row group, or of the whole file; those `where_present` only where
    the file has them.
    """
    with pq.ParquetFile(path) as file:
        there = set(file.schema_arrow.names) if where_present else set()
        names = [*names, *(name for name in where_present if name in there)]
        table = (
            file.read(list(names), use_threads=False)
            if row_group is None
            else file.read_row_group(row_group, list(names), use_threads=False)
        )
    return {name: table.column(name).to_numpy() for name in names}
