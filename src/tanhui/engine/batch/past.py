"""What earlier batches hold of the persons of a stretch, read from their evidence files.

Knows folders and numbers only, so a task on another machine reads it as the platform does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .events import NO_METHOD, QUANTITIES, SHARE_TYPES, Column, Columns, concatenate, take
from .files import EVENTS_FILE, RESULTS_FILE, REVERSALS_FILE, read_columns
from .history import HISTORY_TYPES, READING_TYPES
from .parts import part_folders
from .spool import Stretch

FROM_EVENTS = [
    "row", "key_hi", "key_lo", "payload", "person", "scene", "start", "end", "day", "region",
]  # fmt: skip
FROM_RESULTS = ["status", "detail", "mg", "points"]


@dataclass(frozen=True)
class RowGroup:
    """One stretch of a sealed batch: its buckets, the folder of its part, its number there."""

    first: int
    end: int
    folder: Path
    number: int


def row_groups(batch: Path, parts: Sequence[Sequence[Sequence[int]]]) -> list[RowGroup]:
    """Every row group of a batch in order; `parts` as its manifest holds them."""
    return [
        RowGroup(stretch[0], stretch[1], folder, number)
        for folder, stretches in zip(part_folders(batch, len(parts)), parts, strict=True)
        for number, stretch in enumerate(stretches)
    ]


@dataclass(frozen=True)
class PastBatch:
    """Where one committed batch keeps its rows, and its own scenes and methodologies as numbers
    of the new batch; without `laws` nobody asks for them.
    """

    seq: int
    groups: list[RowGroup]
    scenes: Column
    laws: Column | None = None


@dataclass(frozen=True)
class PastBatches:
    """Every batch committed so far; `read` gives what they left for some persons.

    With `readings` the quantities of earlier records come along, for methodologies that read own
    history; nobody else pays for them.
    """

    past: Sequence[PastBatch]
    taken_back: Mapping[int, Column]
    """Rows of each batch that later corrections took back."""
    no_law: int = NO_METHOD
    readings: bool = False

    @property
    def types(self) -> dict[str, str]:
        """The columns of `read`."""
        return HISTORY_TYPES | (READING_TYPES if self.readings else {})

    def read(self, stretch: Stretch, persons: Column) -> Columns:
        """HISTORY_TYPES (and READING_TYPES) of these persons in arrival order."""
        wanted = np.unique(persons)
        parts = []
        for past in self.past:
            groups = [
                group
                for group in past.groups
                if group.first < stretch.end and stretch.first < group.end
            ]
            if groups:
                part = concatenate(
                    [self._part(past, group, wanted) for group in groups], self.types
                )
                parts.append(take(part, np.argsort(part["row"], kind="stable")))
        return concatenate(parts, self.types)

    def _part(self, past: PastBatch, group: RowGroup, wanted: Column) -> Columns:
        events, results = group.folder / EVENTS_FILE, group.folder / RESULTS_FILE
        person = read_columns(events, ["person"], group.number)["person"]
        kept = np.flatnonzero(np.isin(person, wanted))
        if not len(kept):
            return concatenate([], self.types)
        names = [*FROM_EVENTS, *(() if past.laws is None else ("method",))]
        wide = QUANTITIES if self.readings else ()
        columns = take(read_columns(events, names, group.number, where_present=wide), kept)
        if self.readings:
            zeros = np.zeros(len(kept), dtype=np.int64)
            columns = dict.fromkeys(QUANTITIES, zeros) | columns
        shares = list(SHARE_TYPES)
        answers = read_columns(results, FROM_RESULTS, group.number, where_present=shares)
        columns |= take(answers, kept)
        columns.setdefault("person_mg", columns["mg"])  # all to the person where nothing is said
        columns.setdefault("platform_mg", np.zeros_like(columns["mg"]))
        columns["batch"] = np.full(len(kept), past.seq, dtype=np.int64)
        columns["scene"] = past.scenes[columns["scene"]]
        columns["law"] = self._laws(past, columns)
        gone = self.taken_back.get(past.seq)
        columns["reversed"] = (
            np.zeros(len(kept), dtype=bool) if gone is None else np.isin(columns["row"], gone)
        )
        return columns

    def _laws(self, past: PastBatch, columns: Columns) -> Column:
        """The law of each row, as the new batch numbers them."""
        if past.laws is None:
            return np.full(len(columns["row"]), self.no_law, dtype=np.uint16)
        method = columns.pop("method")
        laws = np.append(past.laws, self.no_law).astype(np.uint16)
        found: Column = laws[np.minimum(method, len(past.laws))]
        return found


def rows_taken_back(folders: Sequence[Path]) -> dict[int, Column]:
    """Batch -> its rows that corrections took back, from the reversals in these part folders."""
    names = ["origin_batch", "origin_row"]
    parts = [read_columns(folder / REVERSALS_FILE, names) for folder in folders]
    if not parts:
        return {}
    batch = np.concatenate([part["origin_batch"] for part in parts])
    row = np.concatenate([part["origin_row"] for part in parts])
    return {int(seq): row[batch == seq] for seq in np.unique(batch)}
