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


def mass_text(mg: int) -> str:
    """The exact mass in the unit people read: t from a tonne on, kg from a kilogram on, else g.

    >>> mass_text(0), mass_text(784_000), mass_text(7_352_000), mass_text(1_600_000_001)
    ('0 g', '784 g', '7.352 kg', '1.600000001 t')
    """
    size = abs(mg)
    names = [("tCO2e", 9), ("kgCO2e", 6), ("gCO2e", 3)]
    name, digits = next((one for one in names if size >= MG_PER[one[0]]), names[-1])
    whole, rest = divmod(size, MG_PER[name])
    decimals = f".{rest:0{digits}d}".rstrip("0").rstrip(".")
    return f"{'-' if mg < 0 else ''}{whole:,}{decimals} {name.removesuffix('CO2e')}"


def percent_text(part: int, whole: int) -> str:
    """The exact share in per cent, or as a fraction where decimals have no end.

    >>> percent_text(216_000, 1_000_000), percent_text(1, 10**9), percent_text(1, 3)
    ('21.6%', '0.0000001%', '1/3')
    """
    exact, places = Fraction(part * 100, whole), 0
    rest = exact.denominator
    while rest % 2 == 0 or rest % 5 == 0:
        rest = rest // 10 if rest % 10 == 0 else rest // (2 if rest % 2 == 0 else 5)
        places += 1
    if rest != 1:
        return f"{part}/{whole}"
    digits = f"{exact.numerator * 10**places // exact.denominator:0{places + 1}d}"
    decimals = f".{digits[-places:]}".rstrip("0").rstrip(".") if places else ""
    return f"{digits[: len(digits) - places]}{decimals}%"


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
