"""Two scenes that measure one reduction: in a period a person is credited for the first to come.

The rule is symmetric: it holds for two records when either one's methodology names the other's
scene. Only persons with records of both scenes in one period are looked at; for them overlap in
time and exclusion are asked together, in order of arrival, because a record that one of them
refuses holds no place against the other.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..terms import PERIODS, Period
from .laws import Laws
from .periods import period_of, periods_of

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Standing:
    """Records by position, in order of arrival: those that stand from before, then new ones.

    `person` numbers persons from 0; `counts` marks records that may exclude (credited ones and
    all new ones), `is_new` those that still wait for their answer.
    """

    person: I64
    scene: I64
    day: I64
    start: I64
    end: I64
    law: I64
    counts: Mask
    is_new: Mask


class Refused(NamedTuple):
    """Positions refused, the position of the record that was first, and whether by exclusion."""

    later: I64
    first: I64
    excluded: Mask


def rivals(standing: Standing, laws: Laws) -> Mask:
    """Positions of persons who have, in one period, records of two scenes that exclude
    each other.
    """
    found: list[I64] = []
    rules = {(law.scene, rule) for law in laws.items for rule in law.exclusions}
    for scene, rule in rules:
        has = np.array([law.scene == scene and rule in law.exclusions for law in laws.items])
        one = standing.counts & has[standing.law]
        two = standing.counts & np.isin(standing.scene, sorted(rule.scenes))
        if not one.any() or not two.any():
            continue
        period = periods_of(standing.day, rule.per)
        period -= period.min()
        place = standing.person * (int(period.max()) + 1) + period
        both = np.isin(place, np.intersect1d(place[one], place[two]))
        found.append(np.unique(standing.person[both & (one | two)]))
    if not found:
        return np.zeros(len(standing.person), dtype=bool)
    return np.isin(standing.person, np.concatenate(found))


def refuse_rivals(standing: Standing, rows: I64, laws: Laws) -> Refused:
    """Settle overlap and exclusion of the records at these positions (`rivals`)."""
    room = _Room(laws)
    answers: list[tuple[int, int, bool]] = []
    columns = (standing.person, standing.scene, standing.day, standing.start, standing.end,
               standing.law, standing.counts, standing.is_new)  # fmt: skip
    for position, one in zip(
        rows.tolist(), zip(*(each[rows].tolist() for each in columns), strict=True), strict=True
    ):
        person, scene, day, start, end, law, counts, is_new = one
        if is_new:
            first = room.overlapped(person, scene, law, start=start, end=end)
            by_exclusion = first is None
            if first is None:
                first = room.excluded(person, scene, law, day)
            if first is not None:
                answers.append((position, first, by_exclusion))
                continue
        room.take(person, scene, start, end, position=position)
        if counts:
            room.claim(person, scene, law, day, position=position)
    later, first_there, excluded = zip(*answers, strict=True) if answers else ((), (), ())
    return Refused(
        np.array(later, dtype=np.int64),
        np.array(first_there, dtype=np.int64),
        np.array(excluded, dtype=bool),
    )


class _Room:
    """Who holds which time and which period."""

    def __init__(self, laws: Laws) -> None:
        self.laws = laws
        self.times: dict[tuple[int, int], list[tuple[int, int, int]]] = defaultdict(list)
        self.first: dict[tuple[int, int, Period, int], int] = {}
        self.barred: dict[tuple[int, int, Period, int], int] = {}

    def overlapped(self, person: int, scene: int, law: int, *, start: int, end: int) -> int | None:
        """The first record there was that shares time with this one, if they may not."""
        if not self.laws[law].exclusive:
            return None
        end = max(end, start + 1)
        held = self.times[person, scene]
        return next((there for there, since, until in held if start < until and since < end), None)

    def excluded(self, person: int, scene: int, law: int, day: int) -> int | None:
        """The first record there was that excludes this one, or that this one excludes."""
        found = [
            self.first.get((person, other, rule.per, period_of(day, rule.per)))
            for rule in self.laws[law].exclusions
            for other in rule.scenes
        ]
        found += [self.barred.get((person, scene, per, period_of(day, per))) for per in PERIODS]
        return min((each for each in found if each is not None), default=None)

    def take(self, person: int, scene: int, start: int, end: int, *, position: int) -> None:
        """The record holds its time."""
        self.times[person, scene].append((position, start, max(end, start + 1)))

    def claim(self, person: int, scene: int, law: int, day: int, *, position: int) -> None:
        """The record holds its periods, for its scene and against the ones it excludes."""
        for per in PERIODS:
            self.first.setdefault((person, scene, per, period_of(day, per)), position)
        for rule in self.laws[law].exclusions:
            number = period_of(day, rule.per)
            for other in rule.scenes:
                self.barred.setdefault((person, other, rule.per, number), position)
