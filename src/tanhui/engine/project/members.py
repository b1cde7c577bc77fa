"""Members of sets at work: a word, a calendar year or a calendar month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from .arithmetic import CONTEXT

_YEAR = re.compile(r"\d{4}", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
YEAR_MIN, YEAR_MAX = 1900, 2200


@dataclass(frozen=True, order=True)
class Year:
    """A calendar year."""

    number: int

    def __str__(self) -> str:
        return str(self.number)


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month, counted from January of year 0."""

    count: int

    def __str__(self) -> str:
        return f"{self.count // 12:04d}-{self.count % 12 + 1:02d}"

    @property
    def year(self) -> Year:
        """The year it lies in."""
        return Year(self.count // 12)


Member = str | Year | Month


def shifted(member: Year | Month, by: int) -> Year | Month:
    """The member that many years or months later.

    >>> str(shifted(Month(24_000), -1))
    '1999-12'
    """
    return Year(member.number + by) if isinstance(member, Year) else Month(member.count + by)


def as_quantity(member: Year | Month) -> Decimal:
    """The member as a number of years."""
    if isinstance(member, Year):
        return Decimal(member.number)
    return CONTEXT.divide(Decimal(member.count), Decimal(12))


def read_member(text: str, kind: str) -> Member | None:
    """The member written, or None when it is not one of that kind.

    >>> read_member("2024-03", "month"), read_member("24", "year")
    (Month(count=24290), None)
    """
    if kind == "word":
        return text
    if kind == "year":
        if _YEAR.fullmatch(text) and YEAR_MIN <= int(text) <= YEAR_MAX:
            return Year(int(text))
        return None
    match = _MONTH.fullmatch(text)
    if match and 1 <= int(match[2]) <= 12 and YEAR_MIN <= int(match[1]) <= YEAR_MAX:
        return Month(int(match[1]) * 12 + int(match[2]) - 1)
    return None
