"""Totals per person, region, scene and day: what the books are told of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

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
    """What persons received: mg and points of settled rows."""
    received = results["person_mg"] if "person_mg" in results else results["mg"]
    credited = np.flatnonzero(received)
    keys = {name: fresh[name][credited] for name in TOTAL_KEYS}
    amounts = {"mg": received[credited], "points": results["points"][credited]}
    return by_region(keys, amounts | {"n_events": np.ones(len(credited), dtype=np.int64)})


def reversed_totals(reversals: Columns) -> pl.DataFrame:
    """What persons gave back, per person, region, scene, day and batch of origin."""
    frame = pl.DataFrame(reversals).with_columns(mg=pl.col("person_mg")).filter(pl.col("mg") > 0)
    frame = frame.with_columns(n_events=pl.lit(1, dtype=pl.Int64))
    return frame.group_by([*TOTAL_KEYS, "origin_batch"]).agg(SUMMED)


@dataclass
class Sums:
    """Grand totals of a batch, or of a part of one."""

    mg_credited: int = 0
    mg_reversed: int = 0
    points_credited: int = 0
    points_reversed: int = 0
    n_events: int = 0

    def add(self, other: Sums) -> None:
        """Add what another part sums up to."""
        for name, amount in asdict(other).items():
            setattr(self, name, getattr(self, name) + amount)


POSTED = pa.schema(
    [(name, pa.from_numpy_dtype(np.dtype(kind))) for name, kind in TOTAL_TYPES.items()]
    + [("reversal", pa.bool_()), ("origin", pa.int64())]
)


class TotalsFile:
    """Totals of one stretch after another, kept on disk so that memory holds one stretch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sums = Sums()
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._file, POSTED)

    def __enter__(self) -> TotalsFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        self._file.close()

    def add_credited(self, totals: Columns) -> None:
        """What persons received in a stretch (TOTAL_TYPES)."""
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


def read_totals(paths: Sequence[Path]) -> pl.DataFrame:
    """All totals of these files, in their order (POSTED)."""
    tables = []
    for path in paths:
        with pa.OSFile(str(path), "rb") as file:
            tables.append(pa.ipc.open_stream(file).read_all())
    frame = pl.from_arrow(pa.concat_tables([POSTED.empty_table(), *tables]))
    assert isinstance(frame, pl.DataFrame)
    return frame
