"""The values that travel from a partner's file to the pipeline.

A feed (interfaces) reads a `SourceFile` and yields `FeedChunk`s, at last maybe one `FeedState`.
The types live here so that flows can handle them without knowing any feed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from .landing_file import LineIndex, SourceFile

BASE_COLUMNS = (
    "external_id",
    "person",
    "scene",
    "region",
    "started_at",
    "ended_at",
    "class",
    "corrects",
)
"""Text columns of every canonical event; all others are quantities, `<field>_<unit>`."""

REQUIRED_COLUMNS = BASE_COLUMNS[:6]

OUTCOME_SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "status": pl.String(),
    "reason": pl.String(),
    "ref": pl.String(),
}
"""What a feed says of a row that is no event; `ref` is `<row>` here or `<batch>-<row>` before."""


@dataclass(frozen=True)
class WaitingRow:
    """A row of this or an earlier batch whose other half may still arrive.

    `batch` is None for a row of the file being read. `key` groups rows that may meet.
    """

    batch: int | None
    row: int
    key: str
    payload: Mapping[str, str]
    person: str = ""
    """Whose it is, in clear; given with new rows, never kept so."""


Waiting = Sequence[WaitingRow] | Callable[[Sequence[str]], list[WaitingRow]]
"""What waits from earlier files: the rows themselves, or how to ask for those of some keys."""


def waiting_for(waiting: Waiting, keys: Sequence[str]) -> list[WaitingRow]:
    """The waiting rows of these keys only: all others cannot meet the file."""
    if callable(waiting):
        return waiting(keys)
    wanted = set(keys)
    return [row for row in waiting if row.key in wanted]


@dataclass(frozen=True)
class FeedChunk:
    """Some consecutive rows of a file, each either in `events` or in `outcomes`, never both.

    events: canonical text columns (null = empty) and `row` Int64; outcomes: OUTCOME_SCHEMA.
    `raw(row)` gives the original bytes of a row of this chunk, at most RAW_BYTES_MAX of them;
    `lines` says where they stand in a file of lines. `owners` (row, person) tells whose the rows
    are that are no events, where the feed can tell.
    """

    events: pl.DataFrame
    outcomes: pl.DataFrame
    rows: int
    raw: Callable[[int], bytes]
    lines: LineIndex | None = None
    owners: pl.DataFrame | None = None


@dataclass(frozen=True)
class FeedState:
    """What a stateful feed leaves behind: new waiting rows, the (batch, row) of those now met.

    `notes` counts things a reader of the receipt wants to know, such as rides by network.
    """

    waiting: list[WaitingRow]
    consumed: list[tuple[int, int]]
    notes: Mapping[str, int] = field(default_factory=dict)


class Feed(Protocol):
    """Turns one partner format into canonical events and accounts for every data row."""

    @property
    def name(self) -> str:
        """The feed's name in the registry."""
        ...

    def read(self, source: SourceFile, waiting: Waiting) -> Iterator[FeedChunk | FeedState]:
        """Chunks in row order; raises InputRefused/TooLarge when the whole file is refused."""
        ...


def outcomes(rows: list[tuple[int, str, str, str]]) -> pl.DataFrame:
    """A frame of OUTCOME_SCHEMA from (row, status, reason, ref) tuples, in row order.

    >>> outcomes([(2, "rejected", "row.blank", ""), (1, "paired", "tap.paired", "9")])["row"][0]
    1
    """
    return pl.DataFrame(rows, schema=OUTCOME_SCHEMA, orient="row").sort("row")
