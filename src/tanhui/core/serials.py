"""Serial numbers: whole numbers on one line for all units ever issued, both ends included.

A string comparison of serials is how others counted twice, and an end that was one too far is how
another registry split a hundred certificates into a hundred and one. Printed serials are derived.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import InputRefused

_PART = re.compile(r"(\d{1,16})(?:\s*-\s*(\d{1,16}))?", re.ASCII)
PARTS_MAX = 1_000


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

    def touches(self, other: SerialRange) -> bool:
        """Whether any unit stands in both.

        >>> [SerialRange(1, 3).touches(SerialRange(first, 9)) for first in (3, 4)]
        [True, False]
        """
        return self.first <= other.last and other.first <= self.last

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


def read_serials(text: str) -> list[SerialRange]:
    """The ranges of a text such as `1-10, 25`, in order and joined where they touch.

    Raises InputRefused for what is no serial, or for a unit that is named twice.

    >>> [str(one) for one in read_serials("25, 1-10, 11-12")]
    ['1-12', '25-25']
    """
    words = [word.strip() for word in re.split(r"[,，;；]", text) if word.strip()]
    found = []
    for word in words:
        match = _PART.fullmatch(word)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise _unreadable(word)
        found.append(SerialRange(first, last))
    if not 0 < len(found) <= PARTS_MAX:
        raise _unreadable(text)
    return _joined(sorted(found))


def write_serials(parts: Iterable[SerialRange]) -> str:
    """
    >>> write_serials([SerialRange(1, 10), SerialRange(25, 25)])
    '1-10, 25-25'
    """
    return ", ".join(map(str, parts))


def _joined(ordered: list[SerialRange]) -> list[SerialRange]:
    joined = ordered[:1]
    for one in ordered[1:]:
        if one.first <= joined[-1].last:
            raise InputRefused(
                "serials.named_twice",
                zh=f"序列号 {one} 与 {joined[-1]} 重叠；每个单位只写一次。",
                en=f"The serials {one} and {joined[-1]} overlap; name each unit once.",
            )
        if one.first == joined[-1].last + 1:
            joined[-1] = SerialRange(joined[-1].first, one.last)
        else:
            joined.append(one)
    return joined


def _unreadable(word: str) -> InputRefused:
    return InputRefused(
        "serials.unreadable",
        zh=f"“{word[:60]}”不是序列号；请写成 1-10, 25，至多 {PARTS_MAX} 段。",
        en=f"'{word[:60]}' is no serial; write 1-10, 25, with at most {PARTS_MAX} ranges.",
    )
