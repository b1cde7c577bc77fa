"""The rows of one batch that a pool may take, read from its sealed evidence in order of row.

Credited and partly credited rows of one scene, place and stretch of days. Left out, and counted
apart, is what a later correction took back, what counts by a template's equations alone (decision
0013), what belongs to somebody who gave no mandate, and what another register claims.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..batch.cut import groups_of
from ..batch.events import SHARE_TYPES, Column, Columns, concatenate, take
from ..batch.files import EVENTS_FILE, RESULTS_FILE, read_columns
from ..batch.past import RowGroup

Mask = npt.NDArray[np.bool_]
ROW_TYPES = {"row": "i8", "person": "i8", "day": "i4", "method": "u2", "mg": "i8"}
_EVENTS = ["row", "person", "scene", "region", "day", "method"]
_ANSWERS = ["row", "mg"]

Left = Callable[[Column], Mask]
"""Which of these people gave no mandate."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a pool takes of a batch: scene by its number there, days and regions, all inclusive.

    `templates` are the methodologies of the batch that only count, `taken_back` the rows that a
    correction took back, `left` tells who gave no mandate, `claimed` are rows whose ride another
    register claims.
    """

    scene: int
    first_day: int
    last_day: int
    first_region: int
    last_region: int
    templates: frozenset[int] = frozenset()
    taken_back: Column = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    left: Left | None = None
    claimed: Column = field(default_factory=lambda: np.empty(0, dtype=np.int64))


@dataclass
class Figures:
    """What became of the rows that were asked for, in mg."""

    taken: int = 0
    taken_back: int = 0
    template: int = 0
    no_mandate: int = 0
    claimed: int = 0


def gather(batch: Path, cut: dict[str, Any], wanted: Wanted, figures: Figures) -> Columns:
    """The rows of a batch that `wanted` takes: ROW_TYPES, and SHARE_TYPES where they are shared.

    `figures` is added to. Rows come in order of row number.
    """
    parts = [_take(group, wanted, figures) for group in groups_of(batch, cut)]
    shared = any("person_mg" in part for part in parts)
    types = ROW_TYPES | (SHARE_TYPES if shared else {})
    rows = concatenate(parts, types)
    order = np.argsort(rows["row"], kind="stable")
    return take(rows, order)


def months_in(batch: Path, cut: dict[str, Any], wanted: Wanted) -> dict[int, tuple[int, int]]:
    """Rows and mg per month number (since 1970-01) of all that is credited, left out or not."""
    found: dict[int, tuple[int, int]] = {}
    for group in groups_of(batch, cut):
        events, answers = _read(group)
        here = _asked(events, answers, wanted)
        month = month_of(events["day"][here])
        for each in np.unique(month).tolist():
            of_it = month == each
            rows, mg = found.get(each, (0, 0))
            found[each] = rows + int(of_it.sum()), mg + int(answers["mg"][here][of_it].sum())
    return found


def month_of(day: Column) -> Column:
    """Month numbers since 1970-01 of day numbers."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _read(group: RowGroup) -> tuple[Columns, Columns]:
    events = read_columns(group.folder / EVENTS_FILE, _EVENTS, group.number)
    answers = read_columns(
        group.folder / RESULTS_FILE, _ANSWERS, group.number, where_present=[*SHARE_TYPES]
    )
    assert np.array_equal(events["row"], answers["row"]), "results stand beside events"
    return events, answers


def _asked(events: Columns, answers: Columns, wanted: Wanted) -> Mask:
    here: Mask = answers["mg"] > 0
    here &= events["scene"] == wanted.scene
    here &= events["day"] >= wanted.first_day
    here &= events["day"] <= wanted.last_day
    here &= events["region"] >= wanted.first_region
    here &= events["region"] <= wanted.last_region
    return here


def _take(group: RowGroup, wanted: Wanted, figures: Figures) -> Columns:
    events, answers = _read(group)
    here = _asked(events, answers, wanted)
    mg = answers["mg"]

    def leave(which: Mask) -> int:
        out = here & which
        here[out] = False
        return int(mg[out].sum())

    if len(wanted.taken_back):
        figures.taken_back += leave(np.isin(events["row"], wanted.taken_back))
    if wanted.templates:
        figures.template += leave(np.isin(events["method"], list(wanted.templates)))
    if wanted.left is not None:
        figures.no_mandate += leave(wanted.left(events["person"]))
    if len(wanted.claimed):
        figures.claimed += leave(np.isin(events["row"], wanted.claimed))
    names = [name for name in ROW_TYPES if name in events]
    rows = {name: events[name][here] for name in names}
    rows["mg"] = mg[here]
    figures.taken += int(rows["mg"].sum())
    if "person_mg" in answers:
        rows |= {name: answers[name][here] for name in SHARE_TYPES}
    return rows
