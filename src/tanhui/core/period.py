"""Days in a region's own zone, as whole day numbers since 1970-01-01, and half-open periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from .errors import InputRefused

MS_PER_DAY = 86_400_000
EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """
    >>> day_number(date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """
    >>> day_of(1)
    datetime.date(1970, 1, 2)
    """
    return EPOCH + timedelta(days=number)


def local_day(epoch_ms: int, offset_min: int) -> int:
    """Day number of an instant in a zone with a fixed offset (China has no summer time).

    >>> local_day(-1, 0), local_day(16 * 3_600_000, 480)
    (-1, 1)
    """
    return (epoch_ms + offset_min * 60_000) // MS_PER_DAY


@dataclass(frozen=True)
class Period:
    """Days from `first` up to but not including `end`; `end` None is open.

    >>> date(2024, 1, 1) in Period(date(2023, 8, 18), None)
    True
    """

    first: date
    end: date | None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.first:
            raise InputRefused(
                "period.empty",
                zh=f"时段 {self.first} 至 {self.end} 为空；结束日应晚于开始日。",
                en=f"The period {self.first} to {self.end} is empty; end after the start.",
            )

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.end is None or day < self.end)

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a day."""
        return (other.end is None or self.first < other.end) and (
            self.end is None or other.first < self.end
        )
