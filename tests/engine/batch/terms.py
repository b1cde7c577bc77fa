"""Laws for the tests of settling: every term alone, and all of them against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tanhui.engine.batch.events import QUANTITIES, Column
from tanhui.engine.batch.laws import Baseline, Exclusion, Law, Laws, Limit
from tanhui.engine.terms import Allocation, Period, Window

METRO, BUS, POWER, TRIP = range(4)
ENOUGH = 2
TOO_MUCH = 800
READING = ("energy_kwh", Fraction(1, 10))


@dataclass(frozen=True)
class BelowOwnMean:
    """q1 / q2 - q0, in mg: 254 with fewer than ENOUGH, 2 above TOO_MUCH, 255 below zero."""

    def one(self, cell: int, counts: tuple[int, ...]) -> tuple[int, int]:
        """One record, in plain Python."""
        own, total, count = counts[:3]
        if cell < 0:
            return 0, 1
        if count < ENOUGH:
            return 0, 254
        if own > TOO_MUCH:
            return 0, 2
        mg = total // count - own
        return (mg, 0) if mg >= 0 else (0, 255)

    def rows(self, slots: Sequence[Column], cells: Column) -> tuple[Column, Column]:
        """Columns, in NumPy."""
        own, total, count = slots[:3]
        mg = total // np.maximum(count, 1) - own
        code = np.where(mg < 0, 255, 0)
        code = np.where(own > TOO_MUCH, 2, code)
        code = np.where(count < ENOUGH, 254, code)
        code = np.where(cells < 0, 1, code).astype(np.uint8)
        return np.where(code == 0, mg, 0), code


def limit(per: Period, *scenes: int, most: int, events: bool = False) -> Limit:
    return Limit(per, frozenset(scenes), most, events)


def law(scene: int, *limits: Limit, **terms: object) -> Law:
    ordered = tuple(sorted(limits, key=lambda each: each.breadth))
    return Law(scene, ordered, **terms)  # type: ignore[arg-type]


def reader(window: Window, most: int = 10**9, **terms: object) -> Law:
    """A law of home electricity against own history, reading values up to `most`."""
    return law(
        POWER,
        baselines=(Baseline(0, window, 1, 2, (0, most)),),
        readings=(READING,),
        quantifier=BelowOwnMean(),
        **terms,
    )


def share(person: int, platform: int, operator: int) -> Allocation:
    return Allocation(*(Fraction(each, 7) for each in (person, platform, operator)))


_DAY_CAPS = (
    law(METRO, limit("day", METRO, most=1000)),
    law(METRO, limit("day", METRO, most=500)),
    law(METRO, exclusive=False),
    law(BUS, limit("day", BUS, most=1000), exclusive=False),
    law(BUS),
)
_CAPS = (
    law(METRO, limit("day", METRO, most=1000), limit("month", METRO, most=1500)),
    law(METRO, limit("day", METRO, most=700), limit("year", METRO, BUS, most=2000)),
    law(BUS, limit("day", METRO, BUS, most=1200), limit("month", BUS, most=900)),
    law(BUS, limit("month", BUS, most=2, events=True), limit("month", BUS, most=1100)),
    law(BUS, limit("day", BUS, most=1, events=True), limit("year", BUS, most=3, events=True)),
)
_READERS = (
    reader(Window("days", 3)),
    reader(Window("days", 4), 400),
    reader(Window("months", 2), claim_days=3),
    reader(Window("same_period_years", 1), exclusive=False),
    law(POWER, readings=(READING,)),  # an older version, which did not look at history
    law(POWER, readings=(("energy_mwh", Fraction(1)),)),
)
_RIVALS = (
    law(METRO, exclusions=(Exclusion("day", frozenset({TRIP})),)),
    law(TRIP, exclusions=(Exclusion("month", frozenset({BUS})),)),
    law(TRIP, limit("day", TRIP, most=800)),
    law(BUS),
)
_SHARED = (
    law(BUS, limit("day", BUS, most=1000), allocation=share(5, 2, 0)),
    law(METRO, allocation=share(0, 3, 4)),
)
_CONTESTED_READERS = (
    reader(Window("days", 3), exclusions=(Exclusion("day", frozenset({TRIP})),)),
    law(TRIP),
)

PLAIN_LAWS = Laws(_DAY_CAPS)
LAW_SETS = {
    "day caps": PLAIN_LAWS,
    "nested caps": Laws(_CAPS[:1]),
    "caps": Laws([*_DAY_CAPS, *_CAPS]),
    "readings": Laws(_READERS),
    "exclusions": Laws(_RIVALS),
    "shares": Laws([*_SHARED, *_DAY_CAPS]),
    "all": Laws([*_DAY_CAPS, *_CAPS, *_READERS, *_RIVALS, *_SHARED, *_CONTESTED_READERS]),
}


def reading_of(rule: Law, row: dict[str, int]) -> dict[str, int]:
    """Quantities and cell of a row: a reader's own answer is still to come."""
    quantities = dict.fromkeys(QUANTITIES, 0) | {"q0": row["quantified"]}
    if not rule.observes:
        return quantities | {"cell": 0}
    cell = -1 if row["code"] == 1 else 0
    return quantities | {"cell": cell, "quantified": 0, "code": 0}
