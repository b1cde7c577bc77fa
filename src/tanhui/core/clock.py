"""The clock is passed in, so a test can say what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def utc_text(at: datetime) -> str:
    """
    >>> utc_text(datetime(2024, 10, 1, 8, 0, 0, 1999, UTC))
    '2024-10-01T08:00:00.001Z'
    """
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def utc_seconds(at: datetime) -> str:
    """
    >>> utc_seconds(datetime(2024, 10, 1, 8, 0, 0, 1999, UTC))
    '2024-10-01T08:00:00Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
