"""Read bytes through a feed and the validator of the shipped library, as the platform does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from tanhui.engine.batch.landing import FeedChunk, FeedState, Waiting
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.engine.batch.validate import Validator, quantity_columns
from tanhui.engine.library import Library
from tanhui.interfaces.feeds import Feed, Surroundings, open_feed

PROJECT = Path(__file__).parents[2]
SHARED = PROJECT.parent / "shared"
SECRET = b"a key of the tests"
RECEIVED_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z


@cache
def library() -> Library:
    return Library.load(PROJECT / "library")


@cache
def around() -> Surroundings:
    return Surroundings(quantity_columns(library()), PROJECT / "library" / "directory", SECRET)


def a_feed(name: str, **config: str) -> Feed:
    return open_feed(name, config, around=around())


def a_file(folder: Path, data: bytes, name: str = "file.csv") -> SourceFile:
    path = folder / "given"
    path.write_bytes(data)
    return SourceFile(path, name)


@dataclass(frozen=True)
class Answers:
    """What feed and validator said of every row of a file."""

    landed: pl.DataFrame
    outcomes: dict[int, tuple[str, str, str]]  # row -> (status, reason, ref)
    raws: Mapping[int, bytes]  # of the rejected rows
    state: FeedState | None
    rows: int

    def reasons(self) -> dict[int, str]:
        """Row -> reason of the rejected rows."""
        return {
            row: reason
            for row, (status, reason, _) in sorted(self.outcomes.items())
            if status == "rejected"
        }


def read_chunks(
    feed: Feed, source: SourceFile, waiting: Waiting = ()
) -> tuple[list[FeedChunk], FeedState | None]:
    chunks, state = [], None
    for part in feed.read(source, waiting):
        if isinstance(part, FeedState):
            state = part
        else:
            assert state is None, "the state comes last"
            chunks.append(part)
    return chunks, state


def read_answers(feed: Feed, source: SourceFile, waiting: Waiting = ()) -> Answers:
    """Answers of every row; checks that each row has exactly one and keeps its place."""
    validator = Validator(library(), RECEIVED_MS)
    chunks, state = read_chunks(feed, source, waiting)
    outcomes: dict[int, tuple[str, str, str]] = {}
    raws: dict[int, bytes] = {}
    landed = []
    rows = 0
    for chunk in chunks:
        validated = validator.validate(chunk.events)
        landed.append(validated.landed)
        told = list(chunk.outcomes.iter_rows())
        told += [(row, "rejected", reason, "") for row, reason in validated.rejects.iter_rows()]
        mine = [*(row for row, *_ in told), *validated.landed["row"]]
        assert sorted(mine) == list(range(rows + 1, rows + chunk.rows + 1))
        assert chunk.events["row"].is_sorted()
        rows += chunk.rows
        for row, status, reason, ref in told:
            outcomes[row] = (status, reason, ref)
            if status == "rejected":
                raws[row] = chunk.raw(row)
    frame = pl.concat(landed) if landed else validator.validate(_no_events()).landed
    return Answers(frame, outcomes, raws, state, rows)


def _no_events() -> pl.DataFrame:
    return pl.DataFrame(schema={"row": pl.Int64, "external_id": pl.String})
