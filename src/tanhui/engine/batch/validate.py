"""The door of the pipeline: canonical text rows become integers, or a reason.

Every check is exact and done on whole columns; a row gets the first reason found, in the order
external_id, person, scene, region, times, class, corrects, quantities. Nothing is repaired.
Empty text becomes null at the entrance, once for all checks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tanhui.core.errors import InputRefused
from tanhui.core.period import MS_PER_DAY
from tanhui.core.region import CHINA_OFFSET_MIN, Region

from ..library import Library
from ..methodology import Methodology
from .events import NARROW_QUANTITIES, NO_METHOD, QUANTITIES
from .landing import BASE_COLUMNS
from .limits import EVENT_LENGTH_MS_MAX, FUTURE_TOLERANCE_MS, OLDEST_MS
from .validate_method import MethodFinder, find_methods
from .validate_quantity import EMPTY, DecimalColumn, count_steps, read_decimals
from .validate_text import (
    Words,
    check_corrects,
    check_external_id,
    check_person,
    class_problem,
    scene_problem,
)
from .validate_time import Milliseconds, read_times
from .validate_verdicts import Verdicts


@dataclass(frozen=True)
class Validated:
    """Rows that may be quantified, and rows that may not with their reason.

    landed: row i64, external_id, person_ref, corrects, scene str; method u16 (place in `methods`,
    65535 when none holds), cell i32, region i32, start and end i64 ms, day i32, q0..q3 i64, and
    q4..q7 where a methodology of these rows has that many fields.
    rejects: row i64, reason str. `methods` is always the whole library, so places stay the same
    from block to block.
    """

    landed: pl.DataFrame
    rejects: pl.DataFrame
    methods: tuple[Methodology, ...]


def quantity_columns(library: Library) -> frozenset[str]:
    """Every quantity column that some methodology of the library reads."""
    return frozenset(f.column for method in library.methodologies for f in method.reported_fields)


def validate(events: pl.DataFrame, *, library: Library, received_ms: int) -> Validated:
    """Check one frame of canonical text columns with `row`; see `Validator` for many frames."""
    return Validator(library, received_ms).validate(events)


@dataclass
class Validator:
    """Validates the blocks of one file; keeps methodology lookups between them."""

    library: Library
    received_ms: int
    finder: MethodFinder = field(init=False)

    def __post_init__(self) -> None:
        self.finder = MethodFinder(self.library)
        self._scenes = self.library.scenes

    def validate(self, events: pl.DataFrame) -> Validated:
        """Canonical text columns and `row` in, landed integers and rejects out."""
        events = _without_empty_texts(events)
        verdicts = Verdicts(len(events))
        check_external_id(_text(events, "external_id"), verdicts)
        check_person(_text(events, "person"), verdicts)
        words = self._words(events, verdicts)
        start, end = self._times(events, verdicts)
        words[2].refuse_unless(class_problem, None, verdicts)
        check_corrects(_text(events, "corrects"), _text(events, "external_id"), verdicts)
        days = (start + CHINA_OFFSET_MIN * 60_000) // MS_PER_DAY
        methods, cells = find_methods(self.finder, words, days, verdicts.accepted())
        slots = self._quantities(events, methods, verdicts)
        regions = _region_numbers(words[1])
        columns: dict[str, npt.NDArray[Any]] = {
            "method": methods, "cell": cells, "region": regions,
            "start": start, "end": end, "day": days.astype(np.int32), **slots,
        }  # fmt: skip
        return Validated(
            landed=_landed(events, columns, verdicts.accepted()),
            rejects=verdicts.rejects(events["row"]),
            methods=self.library.methodologies,
        )

    def _words(self, events: pl.DataFrame, verdicts: Verdicts) -> tuple[Words, Words, Words]:
        """Scene, region and class as codes; scene and region are judged."""
        scene, region = Words(_text(events, "scene")), Words(_text(events, "region"))
        scene.refuse_unless(
            lambda text: scene_problem(text, self._scenes), "scene.missing", verdicts
        )
        region.refuse_unless(_region_problem, "region.missing", verdicts)
        return scene, region, Words(_text(events, "class"))

    def _times(self, events: pl.DataFrame, verdicts: Verdicts) -> tuple[Milliseconds, Milliseconds]:
        start = read_times(_text(events, "started_at"), verdicts)
        end = read_times(_text(events, "ended_at"), verdicts)
        verdicts.refuse(end < start, "time.ends_before_start")
        verdicts.refuse(start < OLDEST_MS, "time.too_old")
        verdicts.refuse(end > self.received_ms + FUTURE_TOLERANCE_MS, "time.in_future")
        verdicts.refuse(end - start > EVENT_LENGTH_MS_MAX, "time.event_too_long")
        return start, end

    def _quantities(
        self, events: pl.DataFrame, methods: npt.NDArray[np.uint16], verdicts: Verdicts
    ) -> dict[str, npt.NDArray[np.int64]]:
        """Each methodology's fields in their order, as steps: q0..q3, and q4..q7 where used."""
        columns = {
            name: read_decimals(_text(events, name))
            for name in events.columns
            if name not in BASE_COLUMNS and name != "row"
        }
        present = np.flatnonzero(np.bincount(methods, minlength=NO_METHOD + 1)[:NO_METHOD])
        used = max((len(self.library.methodologies[index].fields) for index in present), default=0)
        names = NARROW_QUANTITIES if used <= len(NARROW_QUANTITIES) else QUANTITIES
        slots = {slot: np.zeros(len(events), dtype=np.int64) for slot in names}
        for index in present:
            places = np.flatnonzero(methods == index)
            method = self.library.methodologies[int(index)]
            for slot, each in zip(QUANTITIES, method.reported_fields, strict=False):
                column = columns.get(each.column)
                if column is None:
                    verdicts.refuse_at(places, f"quantity.{each.column}.missing")
                else:
                    slots[slot][places] = count_steps(column, each, places, verdicts)
            _refuse_unexpected(columns, method, places, verdicts)
        return slots


def _refuse_unexpected(
    columns: dict[str, DecimalColumn],
    method: Methodology,
    places: npt.NDArray[np.intp],
    verdicts: Verdicts,
) -> None:
    """A quantity the row's methodology does not read is a mistake, not something to ignore."""
    expected = {each.column for each in method.reported_fields}
    for name, column in columns.items():
        if name not in expected:
            given = column.state[places] != EMPTY
            verdicts.refuse_at(places[given], f"quantity.{name}.not_expected")


def _region_problem(text: str) -> str | None:
    if not text:
        return "region.missing"
    try:
        Region(text)
    except InputRefused as refused:
        return refused.code
    return None


def _region_numbers(regions: Words) -> npt.NDArray[np.int32]:
    """Region codes as integers; 0 where the text is no region."""
    numbers = [int(text) if _region_problem(text) is None else 0 for text in regions.values]
    return np.array([*numbers, 0], dtype=np.int32)[regions.codes]


def _without_empty_texts(events: pl.DataFrame) -> pl.DataFrame:
    """Empty text is no text: some formats tell the two apart, the platform never does."""
    texts = [name for name, kind in events.schema.items() if kind == pl.String]
    empty = [name for name in texts if events[name].str.len_bytes().min() == 0]
    return events.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)) for name in empty)


def _text(events: pl.DataFrame, name: str) -> pl.Series:
    """A column, or one of nulls when the partner does not send it."""
    if name in events.columns:
        return events[name]
    return pl.Series(name, [None], dtype=pl.String).new_from_index(0, len(events))


def _landed(
    events: pl.DataFrame,
    columns: dict[str, npt.NDArray[Any]],
    accepted: npt.NDArray[np.bool_],
) -> pl.DataFrame:
    texts = {
        "row": events["row"],
        "external_id": _text(events, "external_id"),
        "person_ref": _text(events, "person"),
        "corrects": _text(events, "corrects"),
        "scene": _text(events, "scene"),
    }
    frame = pl.DataFrame({**texts, **columns})
    return frame if accepted.all() else frame.filter(pl.Series(accepted))
