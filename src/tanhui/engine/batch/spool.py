"""Landed rows on disk, split into buckets by person, so that every later rule is bucket-local.

One Arrow file per batch; each block of the partner's file becomes one record batch whose rows are
ordered by bucket. From the first block with more than four quantities on, blocks go to a second,
wide file, so that batches without them carry no empty columns. Reading maps slices; memory holds
one stretch of buckets at a time: a single bucket of a large batch, all of them of a small one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .events import (
    BUCKETS,
    EVENT_TYPES,
    WIDE_EVENT_TYPES,
    Columns,
    bucket_of,
    concatenate,
    event_types,
    take,
    widened,
)

STRETCH_ROWS = 200_000


class Stretch(NamedTuple):
    """Buckets `first` up to but not including `end`, and how many rows they hold."""

    first: int
    end: int
    rows: int


class Spool:
    """Write blocks with `add`, then `close`, then read stretch by stretch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._edges: list[npt.NDArray[np.int64]] = []
        self._wide_path: Path | None = None
        self._open(path, EVENT_TYPES)

    def _open(self, path: Path, types: Mapping[str, str]) -> None:
        self._types = types
        self._schema = schema_of(types)
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._file, self._schema)

    def _widen(self) -> None:
        """Go on in the wide file."""
        self.close()
        self._wide_path = self.path.with_name(f"{self.path.name}.wide")
        self._open(self._wide_path, WIDE_EVENT_TYPES)

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add(self, block: Columns) -> None:
        """Append landed rows (`event_types`) in arrival order."""
        bucket = bucket_of(block["person"]).astype(np.uint8)
        if not len(bucket):
            return
        if event_types(block) is WIDE_EVENT_TYPES and self._wide_path is None:
            self._widen()
        elif event_types(block) is EVENT_TYPES and self._wide_path is not None:
            block = widened(block)
        ordered = take(block, np.argsort(bucket, kind="stable"))
        columns = [pa.array(ordered[name]) for name in self._types]
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))
        counts = np.bincount(bucket, minlength=BUCKETS)
        self._edges.append(np.concatenate([[0], np.cumsum(counts)]))
        self.rows += len(bucket)

    def close(self) -> None:
        """Finish writing."""
        self._writer.close()
        self._file.close()

    def landed(self) -> Landed:
        """What is written, for whoever reads it; only after `close`."""
        return Landed(self.path, tuple(self._edges), self._wide_path)

    def read(self) -> Iterator[tuple[Stretch, Columns]]:
        """Every stretch in order; each person's rows stand in arrival order."""
        landed = self.landed()
        return landed.read(landed.stretches())


@dataclass(frozen=True)
class Landed:
    """A finished spool; a value, so that another process can read its own stretches of it.

    `edges` holds, for each block, where each of the buckets begins and the last one ends.
    """

    path: Path
    edges: tuple[npt.NDArray[np.int64], ...]
    wide_path: Path | None = None

    @property
    def event_types(self) -> Mapping[str, str]:
        """The columns of every stretch."""
        return EVENT_TYPES if self.wide_path is None else WIDE_EVENT_TYPES

    def stretches(self) -> list[Stretch]:
        """Neighbouring buckets taken together up to STRETCH_ROWS rows, the empty ones left out."""
        found: list[Stretch] = []
        counts = np.sum([np.diff(edges) for edges in self.edges], axis=0) if self.edges else []
        for bucket in np.flatnonzero(counts).tolist():
            rows = int(counts[bucket])
            if found and found[-1].rows + rows <= STRETCH_ROWS:
                found[-1] = Stretch(found[-1].first, bucket + 1, found[-1].rows + rows)
            else:
                found.append(Stretch(bucket, bucket + 1, rows))
        return found

    def read(self, stretches: Sequence[Stretch]) -> Iterator[tuple[Stretch, Columns]]:
        """The rows of each of these stretches, each person's in arrival order."""
        paths = [self.path] if self.wide_path is None else [self.path, self.wide_path]
        with ExitStack() as open_files:
            batches: list[pa.RecordBatch] = []
            for path in paths:
                blocks = pa.ipc.open_file(open_files.enter_context(pa.memory_map(str(path))))
                batches += (blocks.get_batch(index) for index in range(blocks.num_record_batches))
            for stretch in stretches:
                yield stretch, self._stretch(batches, stretch)

    def _stretch(self, batches: list[pa.RecordBatch], stretch: Stretch) -> Columns:
        parts = []
        for batch, edges in zip(batches, self.edges, strict=True):
            first, end = int(edges[stretch.first]), int(edges[stretch.end])
            if end > first:
                part = batch.slice(first, end - first)
                columns = {name: part.column(name).to_numpy() for name in part.schema.names}
                parts.append(columns if self.wide_path is None else widened(columns))
        return concatenate(parts, self.event_types)


def schema_of(types: Mapping[str, str]) -> pa.Schema:
    """The Arrow schema of landed columns."""
    return pa.schema([(name, pa.from_numpy_dtype(np.dtype(kind))) for name, kind in types.items()])
