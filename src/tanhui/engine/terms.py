"""The terms of crediting: what a methodology asks beyond its equations, as checked values.

Caps, own history, exclusion between scenes, the time to claim, who receives the reduction, and
events of a group. The batch pipeline applies them in order of arrival; `terms_reader` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from .problems import NOWHERE, Where
from .section import Text

Period = Literal["day", "month", "year"]
WindowKind = Literal["days", "months", "same_period_years"]

PERIODS: tuple[Period, ...] = ("day", "month", "year")
WINDOWS: dict[WindowKind, int] = {"days": 366, "months": 36, "same_period_years": 10}
"""The kinds of window and the longest of each."""
RECIPIENTS = ("person", "platform", "operator")


@dataclass(frozen=True)
class Cap:
    """The most a person is credited in a period over some scenes, and who says so.

    Either `max_mg` or `max_events` is set. `scenes` is sorted and holds the methodology's own.
    """

    per: Period
    scenes: tuple[str, ...]
    max_mg: int | None
    max_events: int | None
    source: str
    evidence: str
    note: Text | None
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Window:
    """Which earlier periods count, from the record's own day in the methodology's zone.

    days: the `count` days before it; months: the `count` calendar months before its month;
    same_period_years: its calendar month in each of the `count` years before.
    """

    kind: WindowKind
    count: int


@dataclass(frozen=True)
class History:
    """Two further fields from the person's own earlier records of the scene, by arrival.

    Each period of the window (a day, or a month) counts once, by its first record to arrive:
    so `count_field` is the number of periods found, at most `window.count`, and `sum_field` is
    the sum of field `of` over them. Fewer than `at_least` is not applicable (history.too_short);
    with 0 the equations decide what a record without history is worth.
    """

    name: str
    of: str
    window: Window
    at_least: int
    sum_field: str
    count_field: str


@dataclass(frozen=True)
class Exclusion:
    """In one period a person is credited for this scene or for one of `scenes`: first come."""

    scenes: tuple[str, ...]
    per: Period
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Claim:
    """When a record may be claimed: from `after_days` after its day, for `within_days` days.

    A record that arrives later than day + after_days + within_days has lapsed.
    """

    after_days: int
    within_days: int


@dataclass(frozen=True)
class Allocation:
    """Exact shares of the reduction; they add up to 1."""

    person: Fraction
    platform: Fraction
    operator: Fraction

    @property
    def shares(self) -> tuple[Fraction, Fraction, Fraction]:
        """In the order of `RECIPIENTS`, which is also the order the rest is given out in."""
        return self.person, self.platform, self.operator

    @property
    def is_whole_to_person(self) -> bool:
        """Whether nobody else receives anything."""
        return self.person == 1

    def split(self, mg: int) -> tuple[int, int, int]:
        """`mg` among person, platform and operator: the rest of the division by largest
        remainder, equal ones in that order.

        >>> Allocation(Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)).split(5)
        (3, 1, 1)
        """
        exact = [mg * share for share in self.shares]
        parts = [each.numerator // each.denominator for each in exact]
        by_remainder = sorted(range(3), key=lambda at: (parts[at] - exact[at], at))
        for at in by_remainder[: mg - sum(parts)]:
            parts[at] += 1
        return parts[0], parts[1], parts[2]


WHOLE_TO_PERSON = Allocation(Fraction(1), Fraction(0), Fraction(0))


@dataclass(frozen=True)
class Group:
    """An event of several people, reported once for each; field `members` says how many."""

    members: str
