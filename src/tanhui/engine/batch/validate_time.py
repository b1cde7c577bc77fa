"""ISO 8601 instants with an offset, as text, to epoch milliseconds; exact and strict.

Whole columns are read digit by digit with NumPy in the four usual shapes; any other text goes
through `read_time`, which knows the reason against it. Both follow one rule (ISO 8601-1:2019,
extended format, four-digit year, seconds given, at most milliseconds, no leap second).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from .validate_bytes import Bytes, TextBytes
from .validate_verdicts import Verdicts

Milliseconds = npt.NDArray[np.int64]

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_TIME_CHARS_MAX = 29
_OFFSET_HOURS_MAX = 14
_YEARS = 10_000


def _month_table() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """First day number and number of days of every month, indexed year * 13 + month."""
    starts = np.arange("0001-01", f"{_YEARS - 1}-01", dtype="datetime64[M]")
    following = (starts + 1).astype("datetime64[D]").astype(np.int64)
    place = np.arange(len(starts)) // 12 * 13 + np.arange(len(starts)) % 12 + 14
    first = np.zeros(_YEARS * 13, dtype=np.int64)
    days = np.zeros(_YEARS * 13, dtype=np.uint8)
    first[place] = starts.astype("datetime64[D]").astype(np.int64)
    days[place] = following - first[place]
    return first, days


_MONTH_FIRST, _MONTH_DAYS = _month_table()


def read_time(text: str) -> tuple[int, str | None]:
    """Epoch ms of one text, or 0 and the reason against it.

    >>> read_time("1970-01-01T08:00:00.5+08:00")
    (500, None)
    >>> read_time("2023-02-29T00:00:00Z"), read_time("2023-02-28T00:00:00")
    ((0, 'time.impossible'), (0, 'time.offset_missing'))
    """
    if not text:
        return 0, "time.missing"
    match = _ISO.fullmatch(text[: _TIME_CHARS_MAX + 1])
    if match is None:
        return 0, "time.unreadable"
    if match[8] is None:
        return 0, "time.offset_missing"
    year, month, day, hour, minute, second = (int(match[part]) for part in range(1, 7))
    place = year * 13 + month
    sane = 1 <= month <= 12 and 1 <= day <= int(_MONTH_DAYS[place])
    if not (sane and hour <= 23 and minute <= 59 and second <= 59):
        return 0, "time.impossible"
    offset_min, offset_sane = _read_offset(match[8])
    if not offset_sane:
        return 0, "time.impossible"
    days = int(_MONTH_FIRST[place]) + day - 1
    seconds = days * 86_400 + hour * 3_600 + (minute - offset_min) * 60 + second
    return seconds * 1_000 + int((match[7] or "").ljust(3, "0")), None


def _read_offset(text: str) -> tuple[int, bool]:
    """Minutes east of UTC of `Z` or `+hh:mm`, and whether such a zone can be (-00:00 cannot)."""
    if text == "Z":
        return 0, True
    hours, minutes = int(text[1:3]), int(text[4:6])
    total = hours * 60 + minutes
    sane = minutes <= 59 and total <= _OFFSET_HOURS_MAX * 60 and text != "-00:00"
    return (-total if text[0] == "-" else total), sane


@dataclass(frozen=True)
class _Shape:
    """What a text of one length holds behind the seconds."""

    length: int
    millis: bool
    zulu: bool


_SHAPES = {
    shape.length: shape
    for shape in (
        _Shape(25, millis=False, zulu=False),
        _Shape(20, millis=False, zulu=True),
        _Shape(29, millis=True, zulu=False),
        _Shape(24, millis=True, zulu=True),
    )
}


def read_times(texts: pl.Series, verdicts: Verdicts) -> Milliseconds:
    """Epoch ms of a text column, 0 where `verdicts` now holds a reason."""
    raw = TextBytes.of(texts)
    times = np.zeros(len(texts), dtype=np.int64)
    settled = np.zeros(len(texts), dtype=bool)
    for length, rows in raw.rows_by_length(_TIME_CHARS_MAX).items():
        shape = _SHAPES.get(length)
        if shape is None:
            continue
        values, good = _read_shape(raw.columns(rows, length), shape)
        values[~good] = 0
        if rows is None:
            times, settled = values, good
        else:
            times[rows], settled[rows] = values, good
    for place in np.flatnonzero(~settled).tolist():
        times[place], problem = read_time(texts[place] or "")
        if problem is not None:
            verdicts.refuse_each([place], [problem])
    return times


def _read_shape(places: Bytes, shape: _Shape) -> tuple[Milliseconds, npt.NDArray[np.bool_]]:
    """Values and which of them are sound, for texts of one shape."""
    digits = places - np.uint8(ord("0"))  # wraps: a byte below '0' becomes large
    zone = 23 if shape.millis else 19
    wanted = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":"}
    wanted |= {19: "."} if shape.millis else {}
    wanted |= {zone: "Z"} if shape.zulu else {zone + 3: ":"}
    good = np.ones(places.shape[1], dtype=bool)
    for place in range(shape.length):
        if place in wanted:
            good &= places[place] == ord(wanted[place])
        elif place != zone:
            good &= digits[place] <= 9
    year = _pair(digits, 0).astype(np.int64) * 100 + _pair(digits, 2)
    month = np.minimum(_pair(digits, 5), 99)
    day, hour, minute, second = (_pair(digits, place) for place in (8, 11, 14, 17))
    index = np.where(good & (month >= 1) & (month <= 12), year * 13 + month, 0)
    good &= (day >= 1) & (day <= _MONTH_DAYS[index])
    good &= (hour <= 23) & (minute <= 59) & (second <= 59)
    seconds = (_MONTH_FIRST[index] + day - 1) * 86_400
    seconds += hour.astype(np.int64) * 3_600 + minute.astype(np.int64) * 60 + second
    if not shape.zulu:
        seconds -= 60 * _offsets(places[zone], digits, zone, good)
    millis = seconds * 1_000
    if shape.millis:
        millis += digits[20].astype(np.int64) * 100 + _pair(digits, 21)
    return millis, good


def _offsets(
    sign: Bytes,
    digits: Bytes,
    zone: int,
    good: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Minutes east of UTC; clears `good` where there is no such zone."""
    minutes = _pair(digits, zone + 4)
    total = _pair(digits, zone + 1).astype(np.int64) * 60 + minutes
    west = sign == ord("-")
    good &= west | (sign == ord("+"))
    good &= (minutes <= 59) & (total <= _OFFSET_HOURS_MAX * 60) & ~(west & (total == 0))
    return np.where(west, -total, total)


def _pair(digits: Bytes, place: int) -> npt.NDArray[np.uint16]:
    """The two-digit numbers at `place`; meaningless where the bytes are no digits."""
    pair: npt.NDArray[np.uint16] = digits[place].astype(np.uint16) * np.uint16(10)
    pair += digits[place + 1]
    return pair
