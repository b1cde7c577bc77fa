"""Several caps at once: per day, month or year, over one scene or more, in mg or in events.

Rows of persons under such limits come here with all that these persons were credited before.
Where no limit is reached everything is credited. Where the limits that matter lie inside one
another, each is a running sum cut at its most, from the narrowest to the widest: once a wider
place is used up nothing later in it is credited, whatever the narrower ones still leave. The rare
rest goes row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .laws import Laws, Limit
from .periods import periods_of
from .status import CAP_DETAILS

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """Rows by position, in order of arrival: those credited before, then the ones that ask.

    `person` numbers persons from 0; `used` is 0 for rows that ask, `wanted` for the others.
    `law` is read of rows that ask (`asks`) only.
    """

    person: I64
    scene: I64
    day: I64
    law: I64
    asks: Mask
    used: I64
    wanted: I64

    def at(self, rows: Mask) -> Asked:
        """Only these rows."""
        return Asked(**{name: column[rows] for name, column in self.__dict__.items()})


class _Place:
    """One limit over the rows: who is limited by it, and whose credit uses it up.

    `number` is the place of each member (person and period), -1 for other rows.
    """

    def __init__(self, limit: Limit, asked: Asked, laws: Laws) -> None:
        self.limit = limit
        self.detail = int(CAP_DETAILS[limit.per, limit.of_events])
        member = np.isin(asked.scene, sorted(limit.scenes))
        has = np.array([limit in law.limits for law in laws.items], dtype=bool)
        self.limited = member & asked.asks & has[asked.law]
        self.number = np.full(len(member), -1, dtype=np.int64)
        period = periods_of(asked.day[member], limit.per)
        base = int(period.min()) if len(period) else 0
        span = int(period.max()) - base + 1 if len(period) else 1
        _, numbers = np.unique(asked.person[member] * span + (period - base), return_inverse=True)
        self.number[member] = numbers
        self.places = int(numbers.max()) + 1 if len(numbers) else 0

    @property
    def member(self) -> Mask:
        """Rows whose credit counts here."""
        found: Mask = self.number >= 0
        return found

    def weigh(self, mg: I64) -> I64:
        """What an amount uses up: itself, or one event."""
        return (mg > 0).astype(np.int64) if self.limit.of_events else mg

    def crowded(self, asked: Asked) -> Mask:
        """Limited rows of places where more is asked than the limit has."""
        total = np.zeros(self.places + 1, dtype=np.int64)  # the last of no place
        mine = self.member
        amount = self.weigh(asked.used) + self.weigh(asked.wanted)
        np.add.at(total, self.number[mine], amount[mine])
        crowded: Mask = self.limited & (total > self.limit.most)[self.number]
        return crowded

    def allowed(self, wanted: I64, given: I64, used: I64) -> I64:
        """What of `wanted` the limit leaves, when all rows before got what `given` says."""
        order = np.flatnonzero(self.member)
        order = order[np.argsort(self.number[order], kind="stable")]
        place = self.number[order]
        amount = self.weigh(given[order]) + self.weigh(used[order])
        running = np.cumsum(amount)
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        sizes = np.diff(starts, append=len(order))
        before_place = np.repeat(running[starts] - amount[starts], sizes)
        room = np.maximum(self.limit.most - (running - amount - before_place), 0)
        left = wanted.copy()
        asking = wanted[order]
        left[order] = asking * (room > 0) if self.limit.of_events else np.minimum(asking, room)
        return np.where(self.limited, left, wanted)


def capped_by_several(asked: Asked, laws: Laws) -> tuple[I64, I64]:
    """mg credited by position (0 for rows that do not ask), and the Detail of the limit that cut.

    Of limits that leave equally little, the widest is named.
    """
    mg, detail = asked.wanted.copy(), np.zeros(len(asked.wanted), dtype=np.int64)
    limits = {limit for law in laws.items for limit in law.limits}
    ordered = sorted(limits, key=lambda limit: limit.breadth)
    crowded = np.zeros(len(mg), dtype=bool)
    for limit in ordered:
        crowded |= _Place(limit, asked, laws).crowded(asked)
    if not crowded.any():
        return mg, detail
    concerned = np.isin(asked.person, np.unique(asked.person[crowded]))
    few = asked.at(concerned)
    places = [_Place(limit, few, laws) for limit in ordered]
    places = [place for place in places if place.limited.any()]
    odd = np.isin(few.person, np.unique(few.person[_odd_rows(places, few)]))
    few_mg, few_detail = few.wanted.copy(), np.zeros(len(few.wanted), dtype=np.int64)
    for rows, settle in ((~odd, _nested), (odd, _one_by_one)):
        if rows.any():
            part = few.at(rows)
            again = [_Place(place.limit, part, laws) for place in places]
            few_mg[rows], few_detail[rows] = settle(part, again)
    mg[concerned], detail[concerned] = few_mg, few_detail
    return mg, detail


def _odd_rows(places: Sequence[_Place], asked: Asked) -> Mask:
    """Rows with limits that cross, or in a place whose limit is not their own."""
    odd = np.zeros(len(asked.asks), dtype=bool)
    for place in places:
        odd |= place.member & asked.asks & ~place.limited
    for one, two in combinations(places, 2):
        apart = not (one.limit.scenes & two.limit.scenes)
        if not apart and not one.limit.lies_in(two.limit) and not two.limit.lies_in(one.limit):
            odd |= one.limited & two.limited
    return odd


def _nested(asked: Asked, places: Sequence[_Place]) -> tuple[I64, I64]:
    """Limits inside one another: one after the other, each over what the narrower ones left."""
    mg, detail = asked.wanted.copy(), np.zeros(len(asked.wanted), dtype=np.int64)
    for place in places:
        allowed = place.allowed(asked.wanted, mg, asked.used)
        cuts = (allowed < asked.wanted) & (allowed <= mg)
        mg[cuts], detail[cuts] = allowed[cuts], place.detail
    return mg, detail


def _one_by_one(asked: Asked, places: Sequence[_Place]) -> tuple[I64, I64]:
    """Limits that cross: row by row."""
    mg, detail = asked.wanted.copy(), np.zeros(len(asked.wanted), dtype=np.int64)
    used = [[0] * place.places for place in places]
    numbers = [place.number.tolist() for place in places]
    limited = [place.limited.tolist() for place in places]
    for row, (before, wanted) in enumerate(
        zip(asked.used.tolist(), asked.wanted.tolist(), strict=True)
    ):
        given = wanted
        for at, place in enumerate(places):
            if limited[at][row]:
                room = max(place.limit.most - used[at][numbers[at][row]], 0)
                left = (wanted if room else 0) if place.limit.of_events else min(wanted, room)
                if left < wanted and left <= given:
                    given, detail[row] = left, place.detail
        mg[row] = given
        for at, place in enumerate(places):
            if numbers[at][row] >= 0:
                amount = given + before
                used[at][numbers[at][row]] += (amount > 0) if place.limit.of_events else amount
    return mg, detail
