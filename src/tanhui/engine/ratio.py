"""Exact rational values as integers: scale * numerator / denominator, the denominator positive.

The scale keeps common constant factors out of the per-event arithmetic; comparisons and sums
bring both sides to one scale and one denominator, so nothing is ever rounded on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from .intexpr import Builder, Node

# Above this many bits a common denominator over all cells gives way to one per cell.
COMMON_BITS_MAX = 40


@dataclass(frozen=True)
class Ratio:
    """`scale` > 0 and `denominator` proven >= 1."""

    scale: Fraction
    numerator: Node
    denominator: Node


class Algebra:
    """Arithmetic of ratios over one builder."""

    def __init__(self, build: Builder) -> None:
        self.build = build
        self.one = build.const(1)

    def constant(self, value: Fraction) -> Ratio:
        """A number that is the same for every event."""
        if value == 0:
            return Ratio(Fraction(1), self.build.const(0), self.one)
        return Ratio(abs(value), self.build.const(1 if value > 0 else -1), self.one)

    def count(self, count: Node, *, base_per_count: Fraction) -> Ratio:
        """A field, from its whole count."""
        return Ratio(base_per_count, count, self.one)

    def per_cell(self, values: tuple[Fraction, ...]) -> Ratio:
        """A value that depends on the cell only."""
        if len(set(values)) == 1:
            return self.constant(values[0])
        common = lcm(*(value.denominator for value in values))
        if common.bit_length() <= COMMON_BITS_MAX:
            wholes = [int(value * common) for value in values]
            shared = gcd(*wholes)
            column = self.build.column(tuple(whole // shared for whole in wholes))
            return Ratio(Fraction(shared, common), column, self.one)
        return Ratio(
            Fraction(1),
            self.build.column(tuple(value.numerator for value in values)),
            self.build.column(tuple(value.denominator for value in values)),
        )

    def common(self, left: Ratio, right: Ratio) -> tuple[Node, Node, Fraction, Node]:
        """Both numerators over one scale and one denominator."""
        build = self.build
        scale = _common_scale(left, right)
        one = build.mul(left.numerator, build.const(int(left.scale / scale)))
        two = build.mul(right.numerator, build.const(int(right.scale / scale)))
        if left.denominator is right.denominator:
            return one, two, scale, left.denominator
        one = build.mul(one, right.denominator)
        two = build.mul(two, left.denominator)
        return one, two, scale, build.mul(left.denominator, right.denominator)

    def sum_of(self, op: str, left: Ratio, right: Ratio) -> Ratio:
        """left + right or left - right"""
        one, two, scale, below = self.common(left, right)
        above = self.build.add(one, two) if op == "+" else self.build.sub(one, two)
        return Ratio(scale, above, below)

    def extreme(self, op: str, left: Ratio, right: Ratio) -> Ratio:
        """min or max"""
        one, two, scale, below = self.common(left, right)
        return Ratio(scale, self.build.extreme(op, one, two), below)

    def product(self, left: Ratio, right: Ratio) -> Ratio:
        """left * right"""
        return Ratio(
            left.scale * right.scale,
            self.build.mul(left.numerator, right.numerator),
            self.build.mul(left.denominator, right.denominator),
        )

    def quotient(self, left: Ratio, right: Ratio) -> Ratio | None:
        """left / right, or None when `right` is not proven to keep one sign away from zero."""
        divisor = right.numerator
        if divisor.low <= 0 <= divisor.high:
            return None
        sign = self.build.const(1 if divisor.low > 0 else -1)
        above = self.build.mul(self.build.mul(left.numerator, right.denominator), sign)
        below = self.build.mul(left.denominator, self.build.mul(divisor, sign))
        return Ratio(left.scale / right.scale, above, below)

    def case(self, condition: Node, then: Ratio, other: Ratio) -> Ratio:
        """`then` or `other`; each keeps its own denominator"""
        build = self.build
        scale = _common_scale(then, other)
        one = build.mul(then.numerator, build.const(int(then.scale / scale)))
        two = build.mul(other.numerator, build.const(int(other.scale / scale)))
        return Ratio(
            scale,
            build.case(condition, one, two),
            build.case(condition, then.denominator, other.denominator),
        )

    def compare(self, op: str, left: Ratio, right: Ratio) -> Node:
        """left op right, cross-multiplied"""
        one, two, _, _ = self.common(left, right)
        return self.build.compare(op, one, two)


def _common_scale(left: Ratio, right: Ratio) -> Fraction:
    """The largest scale both scales are whole multiples of; a zero takes the other's.

    >>> a = Ratio(Fraction(1, 2), Node(0, "quantity", (), 0, 0, 9), Node(1, "const", (), 1, 1, 1))
    >>> _common_scale(a, Ratio(Fraction(1, 3), a.numerator, a.denominator))
    Fraction(1, 6)
    """
    for zero, other in ((left, right), (right, left)):
        if zero.numerator.op == "const" and zero.numerator.value == 0:
            return other.scale
    above = gcd(
        left.scale.numerator * right.scale.denominator,
        right.scale.numerator * left.scale.denominator,
    )
    return Fraction(above, left.scale.denominator * right.scale.denominator)
