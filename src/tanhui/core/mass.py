"""Mass of CO2e as whole milligrams, the unit of every event result and personal ledger.

Grams would lose up to half a gram a ride; micrograms would overflow 64 bits at 9.2 Mt.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NewType

Milligrams = NewType("Milligrams", int)

MG_PER: dict[str, int] = {
    "mgCO2e": 1,
    "gCO2e": 1_000,
    "kgCO2e": 1_000_000,
    "tCO2e": 1_000_000_000,
}


def kilograms_text(mg: int, *, decimals: int = 3) -> str:
    """Exact decimal text of `mg` in kg, cut (never rounded up) to `decimals` places.

    >>> kilograms_text(535080)
    '0.535'
    >>> kilograms_text(-1)
    '-0.000'
    """
    sign, size = ("-", -mg) if mg < 0 else ("", mg)
    whole, rest = divmod(size, 1_000_000)
    return f"{sign}{whole:,}.{rest:06d}"[: len(f"{sign}{whole:,}.") + decimals]


def round_half_away(exact: Fraction) -> int:
    """The integer nearest to `exact`, halves away from zero.

    >>> [round_half_away(Fraction(n, 2)) for n in (-3, -1, 1, 3)]
    [-2, -1, 1, 2]
    """
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return -size if exact < 0 else size


def round_down(exact: Fraction) -> int:
    """The integer next to `exact` towards zero.

    >>> [round_down(Fraction(n, 2)) for n in (-3, -1, 1, 3)]
    [-1, 0, 0, 1]
    """
    size = abs(exact.numerator) // exact.denominator
    return -size if exact < 0 else size
