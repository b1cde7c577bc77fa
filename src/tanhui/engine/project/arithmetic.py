"""Decimal arithmetic at 34 digits, the same on every machine: no float, no hidden context.

`exp` and `ln` are correctly rounded by the decimal standard; a general power goes through both
with ten guard digits. Sums are added exactly and rounded once, so that their order cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import (
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction

DIGITS = 34
_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
CONTEXT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, traps=_TRAPS)
_WIDE = Context(prec=10 * DIGITS, rounding=ROUND_HALF_EVEN, traps=_TRAPS)
_GUARDED = Context(prec=DIGITS + 10, rounding=ROUND_HALF_EVEN, traps=_TRAPS)
SHOWN_DIGITS = 12


def decimal_of(value: Fraction) -> Decimal:
    """The exact fraction at 34 digits.

    >>> decimal_of(Fraction(11, 3))
    Decimal('3.666666666666666666666666666666667')
    """
    return CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def times(value: Decimal, factor: Fraction) -> Decimal:
    """`value` times an exact factor, rounded once."""
    product = _WIDE.multiply(value, Decimal(factor.numerator))
    return CONTEXT.divide(product, Decimal(factor.denominator))


def total(values: Iterable[Decimal]) -> Decimal:
    """The sum, added exactly and rounded once.

    >>> total([Decimal("1e33"), Decimal("0.4"), Decimal("0.4"), Decimal("0.4")])
    Decimal('1000000000000000000000000000000001')
    """
    found = Decimal(0)
    for value in values:
        found = _WIDE.add(found, value)
    return CONTEXT.plus(found)


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """`base` to any power; whole powers by multiplication, others by ln and exp.

    >>> power(Decimal(4), Decimal("0.5"))
    Decimal('2.000000000000000000000000000000000')
    """
    if exponent == exponent.to_integral_value() and 0 <= exponent <= 64:
        found = Decimal(1)
        for _ in range(int(exponent)):
            found = CONTEXT.multiply(found, base)
        return found
    if base == 0 and exponent > 0:
        return Decimal(0)
    through = _GUARDED.exp(_GUARDED.multiply(exponent, logarithm(base, _GUARDED)))
    return CONTEXT.plus(through)


def logarithm(value: Decimal, context: Context) -> Decimal:
    """The natural logarithm; raises `DivisionByZero` for zero, where `ln` goes on with infinity."""
    if value == 0:
        raise DivisionByZero
    return context.ln(value)


def rounded(value: Decimal, mode: str) -> int:
    """A whole number: `down` towards minus infinity, `half_away` with halves away from zero.

    Down is never in the project's favour: a removal gets smaller, a reversal larger.

    >>> rounded(Decimal("-1.5"), "down"), rounded(Decimal("2.5"), "half_away")
    (-2, 3)
    """
    way = ROUND_FLOOR if mode == "down" else ROUND_HALF_UP
    return int(value.to_integral_value(rounding=way))


def plain(value: Decimal) -> str:
    """All digits, without an exponent and without zeros at the end.

    >>> plain(Decimal("1.500E+3")), plain(Decimal("0.10"))
    ('1500', '0.1')
    """
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def short(value: Decimal) -> str:
    """At most 12 digits for people; the full digits stand in the JSON report."""
    if value == 0:
        return "0"
    return plain(Context(prec=SHOWN_DIGITS, rounding=ROUND_HALF_EVEN).plus(value))
