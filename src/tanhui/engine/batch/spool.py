"""Landed rows on disk, split into buckets by person, so that every later rule is bucket-local.

One Arrow file per batch; each block of the partner's file becomes one record batch whose rows are
ordered by bucket. Reading maps slices; memory holds one stretch of buckets at a time: a single
bucket of a large batch, all of them of a small one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .events import BUCKETS, EVENT_TYPES, Columns, bucket_of, concatenate, take

SCHEMA = pa.schema(
    [(name, pa.from_numpy_dtype(np.dtype(kind))) for name, kind in EVENT_TYPES.items()]
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
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._file, SCHEMA)

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
        """Append landed rows (EVENT_TYPES) in arrival order."""
        bucket = bucket_of(block["person"]).astype(np.uint8)
        if not len(bucket):
            return
        ordered = take(block, np.argsort(bucket, kind="stable"))
        self._writer.write_batch(
            pa.record_batch([pa.array(ordered[name]) for name in EVENT_TYPES], schema=SCHEMA)
        )
        counts = np.bincount(bucket, minlength=BUCKETS)
        self._edges.append(np.concatenate([[0], np.cumsum(counts)]))
        self.rows += len(bucket)

    def close(self) -> None:
        """Finish writing."""
        self._writer.close()
        self._file.close()

    def landed(self) -> Landed:
        """What is written, for whoever reads it; only after `close`."""
        return Landed(self.path, tuple(self._edges))

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
        with pa.memory_map(str(self.path)) as mapped:
            blocks = pa.ipc.open_file(mapped)
            batches = [blocks.get_batch(index) for index in range(blocks.num_record_batches)]
            for stretch in stretches:
                yield stretch, self._stretch(batches, stretch)

    def _stretch(self, batches: list[pa.RecordBatch], stretch: Stretch) -> Columns:
        parts = []
        for batch, edges in zip(batches, self.edges, strict=True):
            first, end = int(edges[stretch.first]), int(edges[stretch.end])
            if end > first:
                part = batch.slice(first, end - first)
                parts.append({name: part.column(name).to_numpy() for name in EVENT_TYPES})
        return concatenate(parts, EVENT_TYPES)
