"""From the vintages of a period to whole units: what is carried, what is owed, to the milligram.

A project never has more whole units than its periods netted: what is less than a unit is carried to
its next period, and a loss that its own period cannot make good is owed in whole units, rounded up;
what that is too much is carried as well. So at any moment

    sum of what the periods netted = unit * (issued - cancelled for losses) + carried
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Yield:
    """What a period nets by vintage (year, mg >= 0), or the loss in mg that it leaves."""

    left: tuple[tuple[int, int], ...]
    buffer: tuple[tuple[int, int], ...]
    loss_mg: int


def yield_of(vintages: Sequence[Mapping[str, Any]]) -> Yield:
    """The yield of a report's rows of vintages."""
    nets = [row.get("issuable_mg", 0) + min(0, row.get("reversal_mg", 0)) for row in vintages]
    left = tuple(
        (row["year"], max(0, net) + min(0, row.get("carried_mg", 0)))
        for row, net in zip(vintages, nets, strict=True)
    )
    assert sum(mg for _, mg in left) == max(0, sum(nets)), "losses are made good exactly"
    buffer = tuple((row["year"], max(0, row.get("buffer_mg", 0))) for row in vintages)
    return Yield(left, buffer, max(0, -sum(nets)))


def whole_units(
    vintages: Sequence[tuple[int, int]], *, carried_mg: int, unit_mg: int
) -> tuple[list[tuple[int, int]], int]:
    """(year, units) of the years in which units become whole, and what is carried on.

    A unit made of two years belongs to the later one.

    >>> whole_units([(2023, 1_400), (2024, 700)], carried_mg=0, unit_mg=1_000)
    ([(2023, 1), (2024, 1)], 100)
    """
    assert 0 <= carried_mg < unit_mg
    found, before = [], carried_mg
    for year, mg in vintages:
        units, before = divmod(before + mg, unit_mg)
        if units:
            found.append((year, units))
    return found, before


def units_owed(loss_mg: int, *, carried_mg: int, unit_mg: int) -> tuple[int, int]:
    """Whole units to cancel for a loss, and what is carried on.

    >>> units_owed(1_300, carried_mg=200, unit_mg=1_000)
    (2, 900)
    >>> units_owed(100, carried_mg=200, unit_mg=1_000)
    (0, 100)
    """
    assert loss_mg >= 0
    units = -min(0, (carried_mg - loss_mg) // unit_mg)
    return units, carried_mg - loss_mg + units * unit_mg
