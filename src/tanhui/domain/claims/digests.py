"""How a thing becomes digests: the same text everywhere, so that two registers can compare.

    text    "tanhui-claim/1", the kind and its parts, joined by line feeds, UTF-8
    public  HMAC-SHA256(the salt that peers share, text)          what peers send each other
    stored  HMAC-SHA256(this register's own key, public)          what the table holds

A thing with an extent becomes one digest for each cell of time or place it touches, so that two
claims that overlap have a digest in common (docs/claims.md).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from .errors import malformed

VERSION = "tanhui-claim/1"
KINDS = ("ride", "meter", "vehicle", "plot", "certificate", "asset")
RIDE_WINDOW_S = 1_800
CELLS_PER_DEGREE = 2_000  # about 55 metres from south to north
CELLS_MAX = 10_000
DAYS_MAX = 366
CHARS_MAX = 120
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)

Point = tuple[Fraction, Fraction]
Cell = tuple[int, int]


def public_digest(text: str, *, salt: bytes) -> bytes:
    """What peers send each other."""
    return hmac.digest(salt, text.encode(), hashlib.sha256)


def stored_digest(public: bytes, *, key: bytes) -> bytes:
    """What the table holds: without this register's key it says nothing to who knows the salt."""
    return hmac.digest(key, public, hashlib.sha256)


def ride(person: str, mode: str, start: int) -> list[str]:
    """A ride by the person's reference, mode and start in seconds since 1970: two texts.

    Two grids of half-hour windows, one shifted by half: starts at most a quarter of an hour apart
    always share a window.

    >>> one = set(ride("szt:1", "metro", 1728345600))
    >>> [len(one & set(ride("szt:1", "metro", 1728345600 + s))) for s in (899, 900, 2700)]
    [2, 1, 0]
    """
    grids = (("a", start // RIDE_WINDOW_S), ("b", (start + RIDE_WINDOW_S // 2) // RIDE_WINDOW_S))
    return [_text("ride", person.strip(), mode, grid, str(cell)) for grid, cell in grids]


def meter(number: str, month: str) -> list[str]:
    """A meter in a month (2024-10).

    >>> meter("3100-1234", "2024-10")
    ['tanhui-claim/1\\nmeter\\n31001234\\n2024-10']
    """
    if not _MONTH.fullmatch(month):
        raise malformed(f"“{month[:20]}”不是月份", f"'{month[:20]}' is no month such as 2024-10")
    return [_text("meter", plain(number), month)]


def vehicle(plate: str, first: date, last: date) -> list[str]:
    """A vehicle from one day to another, both included: one text for each day."""
    days = (last - first).days + 1
    if not 0 < days <= DAYS_MAX:
        raise malformed(
            "车辆申领的日期不对", "the days of a vehicle's claim are not a year at most"
        )
    own = plain(plate)
    return [_text("vehicle", own, (first + timedelta(days=day)).isoformat()) for day in range(days)]


def plot(corners: Sequence[tuple[str, str]], years: Iterable[str]) -> list[str]:
    """A plot of land by its corners (longitude, latitude in degrees, as text) and its years.

    One text for each cell of a grid of 1/2000 degree that the plot touches, and each year.
    """
    named = list(years)
    if not named or not all(_YEAR.fullmatch(year) for year in named):
        raise malformed("地块的年份不对", "a plot is claimed for years such as 2024")
    cells = sorted(cells_of(corners))
    if len(cells) * len(named) > CELLS_MAX:
        raise malformed(
            f"地块过大：超过 {CELLS_MAX} 个格网", f"the plot is too large: over {CELLS_MAX} cells"
        )
    return [_text("plot", f"{x},{y}", year) for year in named for x, y in cells]


def certificate(number: str) -> list[str]:
    """A certificate of another scheme (green certificate, CCER serial) by its number."""
    return [_text("certificate", plain(number))]


def asset(number: str) -> list[str]:
    """An installation of a project by its number in the world: grid connection, serial, permit."""
    return [_text("asset", plain(number))]


def plain(text: str) -> str:
    """The letters and digits of a number as people write it differently.

    >>> plain("粤B·D12345"), plain("ＡＢ 12-3")
    ('粤BD12345', 'AB123')
    """
    kept = "".join(one for one in unicodedata.normalize("NFKC", text).upper() if one.isalnum())
    if not 0 < len(kept) <= CHARS_MAX:
        raise malformed("编号为空或过长", "the number is empty or too long")
    return kept


def cells_of(corners: Sequence[tuple[str, str]]) -> set[Cell]:
    """The cells that a polygon touches: those its border crosses and those whose middle it holds.

    >>> sorted(cells_of([("0.0001", "0.0001"), ("0.0009", "0.0001"), ("0.0001", "0.0004")]))
    [(0, 0), (1, 0)]
    """
    if not 3 <= len(corners) <= CHARS_MAX:
        raise malformed("地块应有 3 至 120 个顶点", "a plot has 3 to 120 corners")
    try:
        points = [
            (Fraction(x) * CELLS_PER_DEGREE, Fraction(y) * CELLS_PER_DEGREE) for x, y in corners
        ]
    except (ValueError, ZeroDivisionError):
        raise malformed("顶点坐标不是数字", "a corner is no pair of numbers") from None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if width * height > 4 * CELLS_MAX or width + height > CELLS_MAX:
        raise malformed(
            f"地块过大：超过 {CELLS_MAX} 个格网", f"the plot is too large: over {CELLS_MAX} cells"
        )
    found = {cell for edge in _edges(points) for cell in _crossed(*edge)}
    for x in range(_floor(min(xs)), _floor(max(xs)) + 1):
        for y in range(_floor(min(ys)), _floor(max(ys)) + 1):
            if (x, y) not in found and _holds(points, (x + Fraction(1, 2), y + Fraction(1, 2))):
                found.add((x, y))
    return found


def _text(*parts: str) -> str:
    if not all(0 < len(part) <= CHARS_MAX and part.isprintable() for part in parts):
        raise malformed("申领的内容为空或过长", "a part of the claim is empty or too long")
    return "\n".join((VERSION, *parts))


def _edges(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    yield from zip(points, [*points[1:], points[0]], strict=True)


def _crossed(begin: Point, end: Point) -> Iterator[Cell]:
    """The cells an edge passes through: cut at every grid line, one cell for each piece."""
    (x0, y0), (x1, y1) = begin, end
    cuts = {Fraction(0), Fraction(1)}
    for low, high in ((x0, x1), (y0, y1)):
        for line in range(_floor(min(low, high)) + 1, _floor(max(low, high)) + 1):
            cuts.add((line - low) / (high - low))
    ordered = sorted(cuts)
    for first, last in pairwise(ordered):
        middle = (first + last) / 2
        yield _floor(x0 + middle * (x1 - x0)), _floor(y0 + middle * (y1 - y0))


def _holds(points: Sequence[Point], point: Point) -> bool:
    """Whether a polygon holds a point, by counting the edges east of it."""
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in _edges(points):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator
