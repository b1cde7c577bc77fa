"""Rows that became no event: their outcome, and for the rejected their original bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tanhui.engine.batch.status import Status

OUTCOMES_FILE = "outcomes.parquet"
QUARANTINE_FILE = "quarantine.parquet"

OUTCOMES = pa.schema(
    [("row", pa.int64()), ("status", pa.string()), ("reason", pa.string()), ("ref", pa.string())]
)
QUARANTINE = pa.schema([("row", pa.int64()), ("reason", pa.string()), ("line", pa.binary())])

REJECTED = "rejected"
NO_CONSENT = Status.NO_CONSENT.label


class OutcomeFiles:
    """Writes both files block by block and counts rows per status and reason."""

    def __init__(self, folder: Path) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self._outcomes = pq.ParquetWriter(folder / OUTCOMES_FILE, OUTCOMES, compression="zstd")
        self._quarantine = pq.ParquetWriter(
            folder / QUARANTINE_FILE, QUARANTINE, compression="zstd"
        )

    def __enter__(self) -> OutcomeFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._outcomes.close()
        self._quarantine.close()

    def add(self, outcomes: pl.DataFrame, raw: Callable[[int], bytes]) -> None:
        """Rows with (row, status, reason, ref); the rejected keep the bytes `raw` gives."""
        if outcomes.is_empty():
            return
        self._outcomes.write_table(outcomes.to_arrow().cast(OUTCOMES))
        for status, reason, rows in outcomes.group_by("status", "reason").len().iter_rows():
            self.counts[status] += rows
            if reason:
                self.reasons[f"{status}/{reason}"] += rows
        rejected = outcomes.filter(pl.col("status") == REJECTED)
        self.keep(
            [(row, reason) for row, reason in rejected.select("row", "reason").iter_rows()], raw
        )

    def keep(self, rows: list[tuple[int, str]], raw: Callable[[int], bytes]) -> None:
        """Put the original bytes of (row, reason) into quarantine."""
        if rows:
            self._quarantine.write_table(
                pa.table(
                    [
                        pa.array([row for row, _ in rows], pa.int64()),
                        pa.array([reason for _, reason in rows], pa.string()),
                        pa.array([raw(row) for row, _ in rows], pa.binary()),
                    ],
                    schema=QUARANTINE,
                )
            )


def as_outcomes(rejects: pl.DataFrame) -> pl.DataFrame:
    """Validation's rejects (row, reason) in the shape of outcomes."""
    return rejects.select(
        "row",
        pl.lit(REJECTED).alias("status"),
        "reason",
        pl.lit("").alias("ref"),
    )


def rows_without_consent(batch: Path) -> dict[int, str]:
    """Row -> reason of the rows of a sealed batch that were not counted for want of consent."""
    wanted = [("status", "==", NO_CONSENT)]
    found = pq.read_table(batch / OUTCOMES_FILE, columns=["row", "reason"], filters=wanted)
    return dict(zip(found["row"].to_pylist(), found["reason"].to_pylist(), strict=True))
