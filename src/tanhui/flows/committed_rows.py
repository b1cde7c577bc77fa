"""The measured rows of a batch as canonical JSON: the texts that its tree commits to.

A row says what was measured and what it was worth, in whole numbers and texts, and nothing of who:
the person is the one whose key opens it. The texts come from the evidence files alone, so whoever
has them and the manifest writes the same ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tanhui.engine.batch.cut import groups_of
from tanhui.engine.batch.events import (
    NO_METHOD,
    QUANTITIES,
    RESULT_TYPES,
    SHARE_TYPES,
    Columns,
    length,
    take,
)
from tanhui.engine.batch.files import EVENTS_FILE, RESULTS_FILE, event_names, read_columns
from tanhui.engine.batch.status import Status

INSTANT = "%Y-%m-%dT%H:%M:%S%.3fZ"
ROWS_AT_ONCE = 50_000
"""Rows whose texts are in memory at a time."""


@dataclass(frozen=True)
class Rows:
    """Some measured rows: whose they are, their ids, and their canonical JSON."""

    row: npt.NDArray[np.int64]
    person: npt.NDArray[np.int64]
    ids: list[str]
    texts: list[str]


@dataclass(frozen=True)
class BatchNames:
    """What the numbers in a batch's files stand for."""

    seq: int
    scenes: Sequence[str]
    methodologies: Sequence[Mapping[str, str]]

    def texts_of(self, events: Columns, results: Columns) -> Rows:
        """The rows of these columns, which stand side by side."""
        frame = pl.DataFrame(dict(events))
        answers = [pl.Series(f"r_{name}", column) for name, column in results.items()]
        named = frame.with_columns(answers).select(
            "row", "person", id=self._id(), text=self._text(frame.columns, results)
        )
        return Rows(
            named["row"].to_numpy(),
            named["person"].to_numpy(),
            named["id"].to_list(),
            named["text"].to_list(),
        )

    def _id(self) -> pl.Expr:
        return pl.concat_str(pl.lit(f"{self.seq}-"), pl.col("row"))

    def _text(self, events: Sequence[str], results: Columns) -> pl.Expr:
        """The object with its keys in order (RFC 8785)."""
        laws = [f"{each['code']} {each['version']}" for each in self.methodologies]
        other = pl.concat_str("r_other_batch", pl.lit("-"), "r_other_row")
        slots = [pl.concat_str(pl.lit('"'), name, pl.lit('"')) for name in QUANTITIES]
        there = [slot for name, slot in zip(QUANTITIES, slots, strict=True) if name in events]
        values = {
            "cell": pl.col("cell").cast(pl.String),
            "day": _quoted(pl.col("day").cast(pl.Date).dt.to_string("iso")),
            "detail": pl.col("r_detail").cast(pl.String),
            "end": _quoted(_instant("end")),
            "id": _quoted(self._id()),
            "methodology": _named(laws, "method", none=NO_METHOD),
            "mg": _quoted(pl.col("r_mg")),
            "other": _quoted(
                pl.when(pl.col("r_other_batch") == 0).then(pl.lit("")).otherwise(other)
            ),
            **{name: _quoted(pl.col(f"r_{name}")) for name in SHARE_TYPES if name in results},
            "points": _quoted(pl.col("r_points")),
            "quantified": _quoted(pl.col("r_quantified")),
            "quantities": pl.concat_str(
                pl.lit("["), pl.concat_str(there, separator=","), pl.lit("]")
            ),
            "region": _quoted(pl.col("region").cast(pl.String).str.zfill(6)),
            "scene": _named(self.scenes, "scene"),
            "start": _quoted(_instant("start")),
            "status": _named([each.label for each in Status], "r_status"),
        }
        parts = [
            part
            for place, (name, value) in enumerate(values.items())
            for part in (pl.lit(f'{"," if place else "{"}"{name}":'), value)
        ]
        return pl.concat_str(*parts, pl.lit("}"))


@dataclass(frozen=True)
class GroupRows:
    """One row group of a batch: who is in it, and its rows some at a time."""

    names: BatchNames
    events: Columns
    results: Columns

    @property
    def person(self) -> npt.NDArray[np.int64]:
        """Whose each row is."""
        return self.events["person"]

    def slices(self, where: npt.NDArray[np.bool_] | None = None) -> Iterator[Rows]:
        """The rows (only those of the mask `where`), at most ROWS_AT_ONCE at a time."""
        places = np.arange(length(self.events)) if where is None else np.flatnonzero(where)
        for first in range(0, len(places), ROWS_AT_ONCE):
            at = places[first : first + ROWS_AT_ONCE]
            yield self.names.texts_of(take(self.events, at), take(self.results, at))


def groups_of_rows(names: BatchNames, folder: Path, cut: dict[str, Any]) -> Iterator[GroupRows]:
    """The row groups of a batch; `folder` is the batch's, `cut` its manifest's buckets."""
    for group in groups_of(folder, cut):
        events_file, results_file = group.folder / EVENTS_FILE, group.folder / RESULTS_FILE
        events = read_columns(events_file, event_names(events_file), group.number)
        shares = [*SHARE_TYPES]
        results = read_columns(results_file, [*RESULT_TYPES], group.number, where_present=shares)
        assert length(events) == length(results), "events and results stand side by side"
        yield GroupRows(names, events, results)


def _quoted(value: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit('"'), value, pl.lit('"'))


def _instant(name: str) -> pl.Expr:
    """Epoch milliseconds as ISO text in UTC."""
    return pl.from_epoch(pl.col(name), time_unit="ms").dt.to_string(INSTANT)


def _named(names: Sequence[str], column: str, *, none: int | None = None) -> pl.Expr:
    """The JSON text of the name that a number stands for; `none` stands for no name."""
    numbers: list[int] = list(range(len(names)))
    texts = [json.dumps(name, ensure_ascii=False) for name in names]
    if none is not None:
        numbers, texts = [*numbers, none], [*texts, '""']
    return pl.col(column).cast(pl.Int64).replace_strict(numbers, texts, return_dtype=pl.String)


def result_hash(names: BatchNames, folder: Path, cut: dict[str, Any]) -> str:
    """SHA-256, in hex, over the canonical text of each row of a batch, each ended by a line feed,
    in the order of its files.
    """
    digest = hashlib.sha256()
    for group in groups_of_rows(names, folder, cut):
        for rows in group.slices():
            digest.update("".join([text + "\n" for text in rows.texts]).encode())
    return digest.hexdigest()
