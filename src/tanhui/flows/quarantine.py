"""Rows that became no event: their outcome, and which were rejected for what.

The rejected rows' own bytes are in the sealed file, under the key of whom they are about.
"""

from __future__ import annotations

from collections import Counter
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
QUARANTINE = pa.schema([("row", pa.int64()), ("reason", pa.string())])

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

    def add(self, outcomes: pl.DataFrame) -> list[int]:
        """Rows with (row, status, reason, ref); returns those that were rejected."""
        if outcomes.is_empty():
            return []
        self._outcomes.write_table(outcomes.to_arrow().cast(OUTCOMES))
        for status, reason, rows in outcomes.group_by("status", "reason").len().iter_rows():
            self.counts[status] += rows
            if reason:
                self.reasons[f"{status}/{reason}"] += rows
        rejected = outcomes.filter(pl.col("status") == REJECTED)
        return self.keep(list(rejected.select("row", "reason").iter_rows()))

    def keep(self, rows: list[tuple[int, str]]) -> list[int]:
        """Put (row, reason) into quarantine; returns the rows."""
        if rows:
            self._quarantine.write_table(
                pa.table(
                    [
                        pa.array([row for row, _ in rows], pa.int64()),
                        pa.array([reason for _, reason in rows], pa.string()),
                    ],
                    schema=QUARANTINE,
                )
            )
        return [row for row, _ in rows]


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
