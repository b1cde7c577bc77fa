"""Totals per person, region, scene and day: what the books are told of a batch."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from .events import Column, Columns, concatenate

TOTAL_TYPES: dict[str, str] = {
    "person": "i8",
    "region": "i4",
    "scene": "u2",
    "day": "i4",
    "mg": "i8",
    "points": "i8",
    "n_events": "i8",
}
TOTAL_KEYS = ("person", "region", "scene", "day")
SUMMED = [pl.col("mg").sum(), pl.col("points").sum(), pl.col("n_events").sum()]


def no_totals() -> Columns:
    """No rows."""
    return concatenate([], TOTAL_TYPES)


def by_region(keys: Mapping[str, Column], amounts: Mapping[str, Column]) -> Columns:
    """Sums of the amounts per TOTAL_KEYS, where nothing is in order."""
    frame = pl.DataFrame({**keys, **amounts}).filter(pl.col("mg") > 0)
    totals = frame.group_by(TOTAL_KEYS).agg(SUMMED)
    return {name: totals[name].to_numpy() for name in TOTAL_TYPES}


def credited_totals(fresh: Columns, results: Columns) -> Columns:
    """Credited mg and points of settled rows."""
    credited = np.flatnonzero(results["mg"])
    keys = {name: fresh[name][credited] for name in TOTAL_KEYS}
    amounts = {name: results[name][credited] for name in ("mg", "points")}
    return by_region(keys, amounts | {"n_events": np.ones(len(credited), dtype=np.int64)})


def reversed_totals(reversals: Columns) -> pl.DataFrame:
    """What corrections took back, per person, region, scene, day and batch of origin."""
    frame = pl.DataFrame(reversals).filter(pl.col("mg") > 0)
    frame = frame.with_columns(n_events=pl.lit(1, dtype=pl.Int64))
    return frame.group_by([*TOTAL_KEYS, "origin_batch"]).agg(SUMMED)


@dataclass
class Sums:
    """Grand totals of a batch."""

    mg_credited: int = 0
    mg_reversed: int = 0
    points_credited: int = 0
    points_reversed: int = 0
    n_events: int = 0


POSTED = pa.schema(
    [(name, pa.from_numpy_dtype(np.dtype(kind))) for name, kind in TOTAL_TYPES.items()]
    + [("reversal", pa.bool_()), ("origin", pa.int64())]
)


class TotalsFile:
    """Totals of one stretch after another, kept on disk so that memory holds one stretch."""

    def __init__(self, folder: Path) -> None:
        self.sums = Sums()
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - lives as long as we do
        self._writer = pa.ipc.new_stream(self._file, POSTED)

    def add_credited(self, totals: Columns) -> None:
        """What a stretch credited (TOTAL_TYPES)."""
        self.sums.mg_credited += int(totals["mg"].sum())
        self.sums.points_credited += int(totals["points"].sum())
        self.sums.n_events += int(totals["n_events"].sum())
        rows = len(totals["mg"])
        arrays = [pa.array(totals[name]) for name in TOTAL_TYPES]
        self._write([*arrays, pa.repeat(pa.scalar(False), rows), pa.nulls(rows, pa.int64())])

    def add_reversed(self, totals: pl.DataFrame) -> None:
        """What corrections took back (reversed_totals)."""
        self.sums.mg_reversed += int(totals["mg"].sum())
        self.sums.points_reversed += int(totals["points"].sum())
        arrays = [pa.array(totals[name].to_numpy()) for name in TOTAL_TYPES]
        origin = pa.array(totals["origin_batch"].to_numpy())
        self._write([*arrays, pa.repeat(pa.scalar(True), len(totals)), origin])

    def _write(self, arrays: list[pa.Array]) -> None:
        self._writer.write_batch(pa.record_batch(arrays, schema=POSTED))

    def read(self) -> pl.DataFrame:
        """All totals; nothing may be added afterwards."""
        self._writer.close()
        self._file.seek(0)
        frame = pl.from_arrow(pa.ipc.open_stream(self._file).read_all())
        assert isinstance(frame, pl.DataFrame)
        return frame
