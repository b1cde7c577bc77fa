"""Fields filled from a person's own earlier records, for a column of rows.

A reading is a record that stands (sequential.Event.stands) and carries the field. Each day or
month counts once, by its first reading to arrive, and only when that came before the row: a later
arrival never changes an answer. So the firsts are found once, ordered by person, scene and period,
and each row sums the stretch of them that its window covers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..terms import Period, Window
from .events import QUANTITIES, Columns
from .laws import NO_SLOT, Baseline, Laws, Reading
from .periods import MONTHS_PER_YEAR, periods_of

I64 = npt.NDArray[np.int64]

PAIRS_MAX = 4_000_000  # of a row and an earlier reading in memory at once


@dataclass(frozen=True)
class Readings:
    """What stands, by position in order of arrival; `group` numbers person and scene from 0.

    `quantities` holds q0, q1, ... of each row, `law` its place in the laws.
    """

    group: I64
    day: I64
    law: I64
    quantities: Columns

    def values(self, reading: Reading, laws: Laws) -> tuple[I64, I64]:
        """Positions of the rows that carry this reading, and its counts."""
        slots = np.array([law.slot_of(reading) for law in laws.items])[self.law]
        value = np.zeros(len(slots), dtype=np.int64)
        for slot in np.unique(slots[slots != NO_SLOT]).tolist():
            mine = slots == slot
            value[mine] = self.quantities[QUANTITIES[slot]][mine]
        carrying = np.flatnonzero(slots != NO_SLOT)
        return carrying, value[carrying]


@dataclass(frozen=True)
class _Firsts:
    """The first reading of each group and period, ordered by both."""

    group: I64
    period: I64
    position: I64
    value: I64


def fill(readings: Readings, rows: I64, laws: Laws) -> Columns:
    """Sum and count for the rows at these positions, put into their columns of quantities.

    Returns all columns of quantities by position; those of `readings` stay as they are.
    """
    filled = {name: column.copy() for name, column in readings.quantities.items()}
    for number in np.unique(readings.law[rows]).tolist():
        law = laws[number]
        mine = rows[readings.law[rows] == number]
        for baseline in law.baselines:
            firsts = _firsts(readings, law.readings[baseline.of], baseline, laws)
            total, count = _sums(firsts, readings, mine, baseline.window)
            filled[QUANTITIES[baseline.sum_slot]][mine] = total
            filled[QUANTITIES[baseline.count_slot]][mine] = count
    return filled


def _firsts(readings: Readings, reading: Reading, baseline: Baseline, laws: Laws) -> _Firsts:
    per: Period = "day" if baseline.window.kind == "days" else "month"
    low, high = baseline.bounds
    position, value = readings.values(reading, laws)
    inside = (low <= value) & (value <= high)
    position, value = position[inside], value[inside]
    group = readings.group[position]
    period = periods_of(readings.day[position], per)
    order = np.lexsort((position, period, group))
    group, period = group[order], period[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (group[1:] != group[:-1]) | (period[1:] != period[:-1])
    order = order[fresh]
    return _Firsts(group[fresh], period[fresh], position[order], value[order])


def _sums(firsts: _Firsts, readings: Readings, rows: I64, window: Window) -> tuple[I64, I64]:
    """Sum and count over the window of each row."""
    group = readings.group[rows]
    if window.kind == "days":
        now = periods_of(readings.day[rows], "day")
    else:
        now = periods_of(readings.day[rows], "month")
    total, count = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    if window.kind == "same_period_years":
        stretches = [(years * MONTHS_PER_YEAR, 1) for years in range(1, window.count + 1)]
    else:
        stretches = [(window.count, window.count)]
    for back, length in stretches:
        low = _place(firsts, group, now - back)
        high = _place(firsts, group, now - back + length)
        _add(firsts, (low, high), rows, (total, count))
    return total, count


def _place(firsts: _Firsts, group: I64, period: I64) -> I64:
    """How many firsts stand before (group, period)."""
    if not len(firsts.group):
        return np.zeros(len(group), dtype=np.int64)
    base = min(int(firsts.period.min()), int(period.min()))
    span = max(int(firsts.period.max()), int(period.max())) - base + 1
    known = firsts.group * span + (firsts.period - base)
    return np.searchsorted(known, group * span + (period - base)).astype(np.int64)


def _add(firsts: _Firsts, stretch: tuple[I64, I64], rows: I64, into: tuple[I64, I64]) -> None:
    """Add the firsts low .. high-1 of each row that arrived before it; some rows at a time."""
    low, high = stretch
    total, count = into
    edges = np.cumsum(high - low)
    begin = 0
    while begin < len(rows):
        done = int(edges[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(edges, done + PAIRS_MAX, side="right")), begin + 1)
        sizes = (high - low)[begin:end]
        owner = np.repeat(np.arange(begin, end), sizes)
        inside = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        each = low[owner] + inside
        came_before = firsts.position[each] < rows[owner]
        np.add.at(total, owner[came_before], firsts.value[each[came_before]])
        np.add.at(count, owner[came_before], 1)
        begin = end
