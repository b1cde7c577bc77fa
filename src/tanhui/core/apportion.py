"""Whole things divided by weights: every part its floor, what is left to the largest remainders.

Nothing is lost and nothing made: the parts add up to the whole, and no part is a unit or more
away from its exact share.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def apportion(whole: int, weights: Sequence[Fraction]) -> list[int]:
    """The parts of a whole by weight; equal remainders go in the order of the weights.

    `whole` >= 0, weights >= 0 and not all zero.

    >>> apportion(100, [Fraction(1), Fraction(1), Fraction(1)])
    [34, 33, 33]
    >>> apportion(147_811_600, [Fraction(2), Fraction(1)])
    [98541067, 49270533]
    """
    total = sum(weights)
    assert whole >= 0, "something to divide"
    assert min(weights) >= 0 < total, "weights to divide it by"
    exact = [whole * weight / total for weight in weights]
    parts = [share.numerator // share.denominator for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return parts


def each_of(whole: int, count: int) -> tuple[int, int]:
    """A whole in equal parts: what each gets, and how many of the first get one more.

    >>> each_of(1000, 3)
    (333, 1)
    """
    assert count > 0, "somebody to give to"
    return divmod(whole, count)
