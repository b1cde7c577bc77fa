"""Landed events made from their number alone, so any stretch can be made at any time.

One month of one province: people have days out with four events, mostly of one scene. Two of a
hundred rows repeat an earlier id (half of them with other content), about three of a hundred meet
an earlier ride (two are another partner's report of it). Rows arrive by day.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from tanhui.core.period import MS_PER_DAY, day_number
from tanhui.engine.batch.events import EVENT_TYPES, QUANTITIES, Columns
from tanhui.engine.batch.spool import Spool
from tanhui.engine.integer import IntegerForm
from tanhui.engine.library import Library
from tanhui.engine.methodology import Methodology

from .law import CITIES, CLASSES, SHAPES

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

BLOCK_ROWS = 250_000  # about what a feed hands over at once
EVENTS_PER_PERSON = 40
EVENTS_PER_DAY_OUT = 4
USUAL_SCENE_PER_CENT = 75
FIRST_DAY = "2024-10-01"
DAYS = 30
ZONE_MS = 8 * 3_600_000
FRESH_PER_CENT, OVERLAPPING_UNTIL = 96, 98  # then one resent, one resent with other content
REACH = 100_000


class Stream:
    """A stream of `rows` events under the library's twelve methodologies."""

    def __init__(self, rows: int, library: Library) -> None:
        self.rows = rows
        self.people = max(rows // EVENTS_PER_PERSON, 1)
        by_scene = {method.scene: method for method in library.methodologies}
        self.methods = [by_scene[shape.code] for shape in SHAPES]
        self.forms = [library.form(method) for method in self.methods]
        self.first_day = day_number(np.datetime64(FIRST_DAY).astype(object))
        self._edges = np.cumsum([shape.per_mille for shape in SHAPES])
        self._cells = np.stack([self._cells_of(form) for form in self.forms])
        self._low, self._span = _bounds(self.methods)

    def _cells_of(self, form: IntegerForm) -> I64:
        """Cell by city, class and day of the month."""
        return np.array(
            [
                [
                    [form.cell_of(city, class_, self.first_day + day) for day in range(DAYS)]
                    for class_ in CLASSES
                ]
                for city in CITIES
            ],
            dtype=np.int64,
        )

    def block(self, first: int, end: int) -> Columns:
        """Landed rows first+1 .. end, in arrival order."""
        row = np.arange(first, end, dtype=np.int64)
        draw = _draw(row, "kind", 100)
        earlier = np.maximum(row - 1 - _draw(row, "earlier", REACH), 0)
        source = np.where(draw < FRESH_PER_CENT, row, earlier)
        columns = self._event(source)
        columns["row"] = row + 1
        overlapping = (draw >= FRESH_PER_CENT) & (draw < OVERLAPPING_UNTIL)
        for half, other in (("key_hi", "other hi"), ("key_lo", "other lo")):
            columns[half] = np.where(overlapping, _mix(row, other), columns[half])
        shift = _draw(row, "shift", 60_000)
        columns["start"] += np.where(overlapping, shift, 0)
        columns["end"] += np.where(overlapping, shift, 0)
        columns["payload"] ^= (overlapping | (draw == 99)).astype(np.uint64)
        return {name: columns[name].astype(kind) for name, kind in EVENT_TYPES.items()}

    def _event(self, number: I64) -> Columns:
        """The event of each number as its own partner first reported it."""
        day = number * DAYS // self.rows
        out = _draw(number, "out", max(self.rows // DAYS // EVENTS_PER_DAY_OUT, 1)) * DAYS + day
        person = _draw(out, "person", self.people)
        city = _draw(person, "city", len(CITIES))
        usual = _draw(number, "usual", 100) < USUAL_SCENE_PER_CENT
        per_mille = np.where(usual, _draw(out, "method", 1000), _draw(number, "method", 1000))
        method = np.searchsorted(self._edges, per_mille, side="right")
        class_ = _draw(number, "class", len(CLASSES))
        length_ms = 300_000 + _draw(number, "length", 1_200_000)
        second = _draw(number, "second", 84_000)
        start = (self.first_day + day) * MS_PER_DAY - ZONE_MS + second * 1000
        columns: Columns = {
            "payload": _mix(number, "payload"),
            "person": (_mix(person, "id") >> np.uint64(2)).astype(np.int64),
            "scene": method,
            "region": np.array([int(code) for code in CITIES])[city],
            "start": start,
            "end": start + length_ms,
            "day": self.first_day + day,
            "method": method,
            "cell": self._cells[method, city, class_, day],
            "corrects_hi": np.zeros(len(number)),
            "corrects_lo": np.zeros(len(number)),
        }
        columns |= {half: _mix(number, half) for half in ("key_hi", "key_lo")}
        for slot, name in enumerate(QUANTITIES):
            columns[name] = self._low[method, slot] + _draw(number, name, self._span[method, slot])
        return columns

    def spool(self, path: Path) -> Spool:
        """Write the whole stream, block by block, as an intake would; closed, ready to read."""
        spool = Spool(path)
        for first in range(0, self.rows, BLOCK_ROWS):
            spool.add(self.block(first, min(first + BLOCK_ROWS, self.rows)))
        spool.close()
        return spool


def _bounds(methods: list[Methodology]) -> tuple[I64, I64]:
    """Lowest count and number of counts per methodology and slot; a part of the allowed range."""
    low = np.zeros((len(methods), len(QUANTITIES)), dtype=np.int64)
    span = np.ones_like(low)
    for index, method in enumerate(methods):
        for slot, field in enumerate(method.fields):
            low[index, slot] = field.min_count
            span[index, slot] = max((field.max_count - field.min_count) // 15, 4)
    return low, span


def _draw(number: I64, purpose: str, below: int | I64) -> I64:
    """A number in 0 .. below-1 for each number."""
    return (_mix(number, purpose) % np.asarray(below).astype(np.uint64)).astype(np.int64)


def _mix(number: npt.NDArray[np.int64], purpose: str) -> U64:
    """SplitMix64's finaliser over a number, another for every purpose."""
    value = number.astype(np.uint64) + np.uint64(int.from_bytes(purpose.encode()[:8], "big"))
    value = (value + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xD6E8FEB86659FD93)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
