"""The month of the demo city: October 2024 in Wuhan, with its real holidays and working days.

Working days follow the State Council's holiday notice for 2024: 1 to 7 October free, Saturday the
12th worked.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from .draws import I64

REGION = "420100"
FIRST_DAY = date(2024, 10, 1)
DAYS = 31
DAY_S = 86_400
DAY_TEXTS = [(FIRST_DAY + timedelta(days=day)).isoformat() for day in range(2 * DAYS)]
MINUTE_TEXTS = [f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440)]
SECOND_TEXTS = [f"{second:02d}+08:00" for second in range(60)]

WEEKS = ((1, 7), (8, 14), (15, 21), (22, 28), (29, 31))
"""First and last day of the month in each weekly file."""

WORKING_DAYS = frozenset({*range(8, 13), *range(14, 19), *range(21, 26), *range(28, 32)})


def is_working(day: I64) -> I64:
    """1 on working days, else 0; `day` counts from 0."""
    return np.isin(day + 1, list(WORKING_DAYS)).astype(np.int64)


def week_of(day: int) -> int:
    """Index into WEEKS; `day` counts from 0.

    >>> week_of(0), week_of(7), week_of(30)
    (0, 1, 4)
    """
    return next(index for index, (_, last) in enumerate(WEEKS) if day + 1 <= last)


def instant_text(second: int) -> str:
    """ISO-8601 text of a second counted from the start of the month, local time.

    >>> instant_text(DAY_S + 3_661), instant_text(31 * DAY_S)
    ('2024-10-02T01:01:01+08:00', '2024-11-01T00:00:00+08:00')
    """
    minute, rest = divmod(second, 60)
    return DAY_TEXTS[minute // 1440] + MINUTE_TEXTS[minute % 1440] + SECOND_TEXTS[rest]
