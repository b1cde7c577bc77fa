"""Serial numbers: whole numbers on one line for all units ever issued, both ends included.

A string comparison of serials is how others counted twice, and an end that was one too far is how
another registry split a hundred certificates into a hundred and one. Printed serials are derived.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class SerialRange:
    """Units `first` to `last`, both included.

    >>> SerialRange(1, 3000).split_high(1000)
    (SerialRange(first=1, last=2000), SerialRange(first=2001, last=3000))
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        assert 1 <= self.first <= self.last, "a range holds at least one unit, from 1 on"

    @property
    def units(self) -> int:
        """How many units stand in it.

        >>> SerialRange(27, 36).units
        10
        """
        return self.last - self.first + 1

    def split_high(self, units: int) -> tuple[SerialRange, SerialRange]:
        """The low part that stays and the high part, of `units`, that goes."""
        assert 0 < units < self.units, "a split leaves something on both sides"
        cut = self.last - units
        return SerialRange(self.first, cut), SerialRange(cut + 1, self.last)

    def holds(self, other: SerialRange) -> bool:
        """Whether every unit of the other range stands in this one."""
        return self.first <= other.first and other.last <= self.last

    def without(self, part: SerialRange) -> list[SerialRange]:
        """What is left, in order, when a part of it goes."""
        assert self.holds(part), "the part stands in the range"
        left = []
        if self.first < part.first:
            left.append(SerialRange(self.first, part.first - 1))
        if part.last < self.last:
            left.append(SerialRange(part.last + 1, self.last))
        return left

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"
