"""Reading and validating a partner's file against reading it only, by the same parser."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from tanhui.engine.batch.landing import FeedChunk
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.engine.batch.validate import Validator, quantity_columns
from tanhui.engine.library import Library
from tanhui.interfaces.feeds import Surroundings, open_feed

from .measure import Facts, measure, middle
from .report import Row

HOLD = 2.5
ROWS = 1_000_000
RECEIVED_MS = 1_767_225_600_000  # 2026-01-01
LIBRARY = Path(__file__).parent.parent / "library"
FILES = {"csv": "events.csv", "ndjson": "events.ndjson"}


def prepare(folder: str) -> Generator[None, None, Facts]:
    """A million canonical rows, as CSV and as NDJSON; one in five hundred is not valid."""
    yield
    number = np.arange(ROWS, dtype=np.int64)
    start_ms = 1_727_712_000_000 + number * 2_700
    km = (500 + number * 7_919 % 30_000, 0)
    frame = pl.DataFrame(
        {
            "external_id": pl.Series(number).cast(pl.String).str.zfill(12),
            "person": "card:" + pl.Series(number * 104_729 % 250_007).cast(pl.String),
            "scene": pl.Series(np.where(number % 3 == 0, "bus", "metro")),
            "region": pl.Series(["420100"]).gather(np.zeros(ROWS, dtype=np.int64)),
            "started_at": _times(start_ms),
            "ended_at": _times(start_ms + 900_000 + number % 1_000 * 1_000),
            "distance_km": _decimals(np.where(number % 500 == 499, -km[0], km[0])),
        }
    )
    frame.write_csv(Path(folder) / FILES["csv"])
    frame.write_ndjson(Path(folder) / FILES["ndjson"])
    return {}


def _times(ms: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    return pl.Series(ms).cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%dT%H:%M:%S+08:00")


def _decimals(thousandths: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    text = pl.Series(np.abs(thousandths)).cast(pl.String).str.zfill(4)
    sign = pl.Series(np.where(thousandths < 0, "-", ""))
    return sign + text.str.slice(0, text.str.len_bytes() - 3) + "." + text.str.tail(3)


def parse(folder: str, kind: str) -> Generator[None, None, Facts]:
    """Read only."""
    library = Library.load(LIBRARY)
    yield
    return {"rows": sum(len(chunk.events) for chunk in _chunks(folder, kind, library))}


def parse_and_validate(folder: str, kind: str) -> Generator[None, None, Facts]:
    """Read and validate."""
    validator = Validator(Library.load(LIBRARY), RECEIVED_MS)
    yield
    landed = rejected = 0
    for chunk in _chunks(folder, kind, validator.library):
        validated = validator.validate(chunk.events)
        landed += len(validated.landed)
        rejected += len(validated.rejects)
    return {"landed": landed, "rejected": rejected}


def _chunks(folder: str, kind: str, library: Library) -> Iterator[FeedChunk]:
    around = Surroundings(quantity_columns(library), LIBRARY / "directory")
    path = Path(folder) / FILES[kind]
    for part in open_feed("canonical", {}, around=around).read(SourceFile(path, path.name), []):
        assert isinstance(part, FeedChunk)
        yield part


def rows(folder: Path, *, rounds: int) -> Iterator[Row]:
    """One row per format."""
    measure("intake:prepare", folder=str(folder))
    for kind in FILES:
        limits, ours = [], []
        for _ in range(rounds):
            limits.append(measure("intake:parse", folder=str(folder), kind=kind))
            ours.append(measure("intake:parse_and_validate", folder=str(folder), kind=kind))
        yield Row.of(
            f"intake/{kind}",
            f"{ROWS:,} {kind.upper()} rows: parse and validate, against parse only",
            ours=middle(ours),
            limit=middle(limits),
            hold=HOLD,
        )
