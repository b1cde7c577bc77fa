"""The common cap, one per person, scene and day: what is over it is not credited, in arrival order.

Several at once, longer periods and events are in `several_caps`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .laws import NO_CAP

I64 = npt.NDArray[np.int64]


def capped(place: I64, wanted: I64, cap: I64, used: I64) -> I64:
    """What of each `wanted` mg may be credited; rows in arrival order, all mg >= 0.

    `place` numbers (person, scene, day) from 0; `cap` is the row's own cap in mg or NO_CAP;
    `used[place]` is what earlier batches credited there.

    >>> a = lambda *numbers: np.array(numbers, dtype=np.int64)
    >>> capped(a(0, 1, 0, 0), a(4, 9, 4, 4), a(10, -1, 10, 10), a(1, 0)).tolist()
    [4, 9, 4, 1]
    """
    credit = wanted.copy()
    limited = cap != NO_CAP
    if not limited.any():
        return credit
    places = len(used)
    asked = used + _sums(place, wanted, places)
    lowest = np.full(places, np.iinfo(np.int64).max)
    np.minimum.at(lowest, place[limited], cap[limited])
    tight = np.flatnonzero((asked > lowest)[place])
    if not len(tight):
        return credit
    mixed = _mixed_caps(place[tight], cap[tight], places)
    for rows, settle in ((tight[~mixed], _uniform), (tight[mixed], _one_by_one)):
        if len(rows):
            credit[rows] = settle(place[rows], wanted[rows], cap[rows], used)
    return credit


def _sums(place: I64, amount: I64, places: int) -> I64:
    """Exact sum of `amount` per place (bincount would sum in doubles)."""
    total = np.zeros(places, dtype=np.int64)
    np.add.at(total, place, amount)
    return total


def _mixed_caps(place: I64, cap: I64, places: int) -> npt.NDArray[np.bool_]:
    """Rows whose place holds rows with another cap (two classes or versions on one day)."""
    highest = np.full(places, np.iinfo(np.int64).min)
    lowest = np.full(places, np.iinfo(np.int64).max)
    np.maximum.at(highest, place, cap)
    np.minimum.at(lowest, place, cap)
    mixed: npt.NDArray[np.bool_] = (highest != lowest)[place]
    return mixed


def _uniform(place: I64, wanted: I64, cap: I64, used: I64) -> I64:
    """One cap per place: a running sum per place, cut at the cap."""
    order = np.argsort(place, kind="stable")
    ranked = place[order]
    amount = wanted[order]
    running = np.cumsum(amount)
    starts = np.flatnonzero(np.diff(ranked, prepend=-1))
    before_place = np.repeat(running[starts] - amount[starts], np.diff(starts, append=len(ranked)))
    before = used[ranked] + running - amount - before_place
    credit = np.empty_like(wanted)
    credit[order] = np.clip(cap[order] - before, 0, amount)
    return credit


def _one_by_one(place: I64, wanted: I64, cap: I64, used: I64) -> I64:
    """Different caps in one place: row by row."""
    so_far = dict(zip(place.tolist(), used[place].tolist(), strict=True))
    credit = wanted.copy()
    for index, (spot, amount, limit) in enumerate(
        zip(place.tolist(), wanted.tolist(), cap.tolist(), strict=True)
    ):
        allowed = amount if limit == NO_CAP else min(amount, max(limit - so_far[spot], 0))
        so_far[spot] += allowed
        credit[index] = allowed
    return credit
