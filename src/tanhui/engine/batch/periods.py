"""Calendar periods as whole numbers: a day, its month or its year, counted from January 1970."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from tanhui.core.period import day_number, day_of

from ..terms import Period

I64 = npt.NDArray[np.int64]

MONTHS_PER_YEAR = 12
RANK: dict[Period, int] = {"day": 0, "month": 1, "year": 2}
"""A period of lower rank lies inside one of higher rank."""

_UNITS: dict[Period, str] = {"month": "datetime64[M]", "year": "datetime64[Y]"}


def period_of(day: int, per: Period) -> int:
    """The number of the period that holds a day number.

    >>> period_of(31, "day"), period_of(31, "month"), period_of(31, "year"), period_of(-1, "month")
    (31, 1, 0, -1)
    """
    if per == "day":
        return day
    date = day_of(day)
    year = date.year - 1970
    return year if per == "year" else year * MONTHS_PER_YEAR + date.month - 1


def days_of(number: int, per: Period) -> tuple[int, int]:
    """First and last day number of a period.

    >>> days_of(31, "day"), days_of(1, "month"), days_of(0, "year"), days_of(-1, "month")
    ((31, 31), (31, 58), (0, 364), (-31, -1))
    """
    return _first_day(number, per), _first_day(number + 1, per) - 1


def _first_day(number: int, per: Period) -> int:
    if per == "day":
        return number
    months = number * MONTHS_PER_YEAR if per == "year" else number
    return day_number(date(1970 + months // MONTHS_PER_YEAR, months % MONTHS_PER_YEAR + 1, 1))


def periods_of(days: npt.NDArray[Any], per: Period) -> I64:
    """`period_of` for a column of day numbers.

    >>> periods_of(np.array([31, -1]), "month").tolist()
    [1, -1]
    """
    wide: I64 = days.astype(np.int64)
    if per == "day":
        return wide
    numbers: I64 = wide.view("datetime64[D]").astype(_UNITS[per]).astype(np.int64)
    return numbers
