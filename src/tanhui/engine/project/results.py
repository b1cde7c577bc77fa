"""From worked-out equations to what may be issued: vintages, buffer, reversal, whole tonnes.

Vintages are whole milligrams and add up exactly to the period: each is the rounded sum up to its
year less the rounded sum up to the year before, so nothing is lost or gained by rounding.
A reversal is shown as what it is, a negative number; it is never floored away.

A year that loses is made good before anything is issued: by what it gives itself, then by the
years after it, then by those before it. So whole tonnes issued never exceed what the period nets.
No issuer's text on a year that loses was seen; that the years before it answer too, as far as they
are of the same report, is the conservative reading: nothing of the period has been issued yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .arithmetic import rounded, total
from .evaluate import Evaluation
from .members import Member
from .nouns import RESULTS, YEARS, ProjectMethodology

MG_PER_TONNE = 1_000_000_000


@dataclass(frozen=True)
class Vintage:
    """What one year gives, in whole milligrams of CO2e; None where the law has no such result."""

    year: int
    mg: Mapping[str, int]  # issuable, buffer, reversal
    exact: Mapping[str, Decimal]  # the same before rounding

    @property
    def net_mg(self) -> int:
        """What the year gives on the whole: its issuance, less a reversal of the same year."""
        return self.mg.get("issuable", 0) + min(0, self.mg.get("reversal", 0))


def made_good(vintages: Sequence[Vintage]) -> list[int]:
    """mg that each vintage takes over for a year that lost (below zero) or is relieved of (above).

    They add up to zero; a loss greater than the whole period's gains stays where it is.
    """
    left = [max(0, each.net_mg) for each in vintages]
    carried = [0] * len(vintages)
    for at, each in enumerate(vintages):
        loss = max(0, -each.net_mg)
        for other in (*range(at + 1, len(vintages)), *reversed(range(at))):
            taken = min(loss, left[other])
            left[other] -= taken
            carried[other] -= taken
            carried[at] += taken
            loss -= taken
    return carried


def vintages_of(evaluation: Evaluation) -> tuple[Vintage, ...]:
    """The results of each monitoring year."""
    methodology, years = evaluation.methodology, evaluation.monitoring.years
    exact: dict[str, list[Decimal]] = {}
    mg: dict[str, list[int]] = {}
    for what in RESULTS:
        if what in methodology.results:
            values = evaluation.values[methodology.results[what]]
            exact[what] = [values[(year,)] for year in years]
            mg[what] = apportioned(exact[what], methodology.vintage_round)
    return tuple(
        Vintage(
            year.number,
            {what: each[at] for what, each in mg.items()},
            {what: each[at] for what, each in exact.items()},
        )
        for at, year in enumerate(years)
    )


def apportioned(values: list[Decimal], mode: str) -> list[int]:
    """Whole numbers that add up to the rounded sum of `values`.

    >>> apportioned([Decimal("0.5"), Decimal("0.5"), Decimal("0.5")], "down")
    [0, 1, 0]
    """
    sums = [rounded(total(values[: at + 1]), mode) for at in range(len(values))]
    return [now - before for before, now in zip([0, *sums], sums, strict=False)]


def summed(values: Mapping[tuple[Member, ...], Decimal], at: int) -> dict[Member, Decimal]:
    """Sub-totals per member of one set, over everything else."""
    gathered: dict[Member, list[Decimal]] = {}
    for index, value in values.items():
        gathered.setdefault(index[at], []).append(value)
    return {member: total(each) for member, each in gathered.items()}


def subtotals_of(
    methodology: ProjectMethodology, evaluation: Evaluation
) -> dict[str, dict[Member, Decimal]]:
    """For each equation named as a sub-total, its sum over the years per member."""
    found: dict[str, dict[Member, Decimal]] = {}
    for name in methodology.subtotals:
        sets = [set_ for _, set_ in methodology.equations[name].over]
        found[name] = summed(evaluation.values[name], 1 - sets.index(YEARS))
    return found
