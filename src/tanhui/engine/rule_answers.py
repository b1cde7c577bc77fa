"""What rules answer: small values with the rule they came from (`rule`: source, tag, days)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .rule_forms import MonthDay
from .ruleset_reader import RuleValue


@dataclass(frozen=True)
class PointsEarnRule:
    """`points` for every whole `per_mg` milligrams, rounded towards zero."""

    per_mg: int
    points: int
    rule: RuleValue


@dataclass(frozen=True)
class OffsetCap:
    """At most `ratio` of `base`: quota (to surrender), emissions, shortfall, initial_quota."""

    ratio: Fraction
    base: str
    rule: RuleValue

    def limit_t(self, base_t: Fraction | int) -> int:
        """Whole tonnes that may be offset of a base in tonnes, rounded down once."""
        return int(base_t * self.ratio)


@dataclass(frozen=True)
class LocalShare:
    """At least `ratio` of what is offset must be local; `exception_ratio` where units come from
    one of the places of `exception_for` (poor_village, old_base_area, minority_area).
    """

    ratio: Fraction
    exception_ratio: Fraction | None
    exception_for: tuple[str, ...]
    rule: RuleValue

    def least(self, places: Iterable[str] = ()) -> Fraction:
        """The share that must be local, given the kinds of place that the units come from."""
        if self.exception_ratio is not None and set(places) & set(self.exception_for):
            return self.exception_ratio
        return self.ratio


@dataclass(frozen=True)
class Deadlines:
    """Month and day, None where nobody wrote one; of which year, the use that asks says."""

    apply_by: MonthDay | None
    surrender_by: MonthDay | None


@dataclass(frozen=True)
class VintageRule:
    """`any`, `not_before` a day, or `not_after_compliance_year`."""

    word: str
    not_before: date | None
    rule: RuleValue

    def allows(self, first: date, last: date, *, compliance_year: int) -> bool:
        """Whether reductions of these days may offset that year."""
        if self.word == "not_before":
            assert self.not_before is not None
            return self.not_before <= first
        return self.word == "any" or last.year <= compliance_year


@dataclass(frozen=True, kw_only=True)
class EventThresholds:
    """An event is large from these numbers on: people, visits, square metres."""

    show_people: int
    sport_people: int
    meeting_people: int
    expo_visits: int
    expo_m2: int
    rule: RuleValue


@dataclass(frozen=True)
class ForestTerm:
    """Neutral by new forest within so many years after an event, planted at most so many before."""

    within_years: int
    planted_before_years: int
    rule: RuleValue


@dataclass(frozen=True)
class Discount:
    """From this score of data quality (0 to 100) on, this share is deducted."""

    score_from: int
    deduct: Fraction


@dataclass(frozen=True)
class RecognitionDefaults:
    """What a bilateral agreement need not state; None: it must, or nothing limits it."""

    factor: Fraction | None
    cap_t: int | None
    valid_months: int | None


@dataclass(frozen=True)
class Share:
    """A party and its share of the proceeds."""

    party: str
    ratio: Fraction


def deducted(rows: Iterable[Discount], score: int) -> Fraction:
    """The share deducted for a score.

    >>> rows = (Discount(0, Fraction(1)), Discount(60, Fraction(1, 10)), Discount(90, Fraction(0)))
    >>> deducted(rows, 59), deducted(rows, 75), deducted(rows, 90)
    (Fraction(1, 1), Fraction(1, 10), Fraction(0, 1))
    """
    found = Fraction(0)
    for row in rows:
        if row.score_from <= score:
            found = row.deduct
    return found
