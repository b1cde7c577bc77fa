"""A picture of where something is: the seats of the provinces as dots on a grid, and markers.

Equirectangular, true to scale at 35° N, in whole SVG units. No tiles, no boundaries: see
`engine.seats`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from tanhui.engine.seats import Seat

WEST, EAST, SOUTH, NORTH = 72, 136, 17, 54
UNITS_A_DEGREE = 10
NARROWING = Fraction(82, 100)  # of a degree of longitude against one of latitude, at 35° N
GRID_DEGREES = 10
RADIUS_MIN, RADIUS_MAX = 6, 22


@dataclass(frozen=True)
class Dot:
    """A seat, a project or a province's sum, in SVG units; `code` is the region's."""

    code: str
    x: int
    y: int
    radius: int = 3
    count: int = 0


@dataclass(frozen=True)
class GridLine:
    """A meridian or parallel: its degree, and where it runs."""

    degree: int
    at: int


@dataclass(frozen=True)
class PlaceMap:
    """The picture: grid, seats, and what is marked. A project is `here`, provinces are `sums`."""

    meridians: tuple[GridLine, ...]
    parallels: tuple[GridLine, ...]
    seats: tuple[Dot, ...]
    here: Dot | None = None
    sums: tuple[Dot, ...] = ()
    width: int = int((EAST - WEST) * NARROWING * UNITS_A_DEGREE)
    height: int = (NORTH - SOUTH) * UNITS_A_DEGREE


def project_map(
    seats: Iterable[Seat], region: str, *, latitude: str = "", longitude: str = ""
) -> PlaceMap | None:
    """Where a project is: at its coordinates, else the dot of its province; None outside the map.

    >>> found = project_map([], "420106", latitude="30.5", longitude="114.5")
    >>> found.here
    Dot(code='420106', x=348, y=235, radius=7, count=0)
    >>> project_map([], "420106") is None
    True
    """
    known = tuple(seats)
    here = None
    if latitude and longitude:
        here = _dot(region, Fraction(latitude), Fraction(longitude), radius=7)
    else:
        own = [one for one in known if one.code[:2] == region[:2]]
        if own:
            here = _dot(region, own[0].latitude, own[0].longitude, radius=12)
    return _map(known, here=here) if here is not None else None


def sums_map(seats: Iterable[Seat], counts: Iterable[tuple[str, int]]) -> PlaceMap | None:
    """A circle at each province, its area by the count; None when no province has one."""
    known = tuple(seats)
    of: Counter[str] = Counter()
    for code, count in counts:
        if count > 0:
            of[code] += count
    largest = max(of.values(), default=0)
    sums = [
        _dot(one.code, one.latitude, one.longitude, radius=_radius(of[one.code], largest))
        for one in known
        if one.code in of
    ]
    drawn = tuple(
        Dot(dot.code, dot.x, dot.y, dot.radius, of[dot.code]) for dot in sums if dot is not None
    )
    return _map(known, sums=drawn) if drawn else None


def _map(known: Iterable[Seat], *, here: Dot | None = None, sums: tuple[Dot, ...] = ()) -> PlaceMap:
    dots = (_dot(one.code, one.latitude, one.longitude) for one in known)
    first_east = -(-WEST // GRID_DEGREES) * GRID_DEGREES
    first_north = -(-SOUTH // GRID_DEGREES) * GRID_DEGREES
    return PlaceMap(
        meridians=tuple(
            GridLine(degree, _x(Fraction(degree)))
            for degree in range(first_east, EAST, GRID_DEGREES)
        ),
        parallels=tuple(
            GridLine(degree, _y(Fraction(degree)))
            for degree in range(first_north, NORTH, GRID_DEGREES)
        ),
        seats=tuple(dot for dot in dots if dot is not None),
        here=here,
        sums=sums,
    )


def _dot(code: str, latitude: Fraction, longitude: Fraction, *, radius: int = 3) -> Dot | None:
    """The dot, or None for a place outside the picture."""
    if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
        return None
    return Dot(code, _x(longitude), _y(latitude), radius)


def _x(longitude: Fraction) -> int:
    return int((longitude - WEST) * NARROWING * UNITS_A_DEGREE)


def _y(latitude: Fraction) -> int:
    return int((NORTH - latitude) * UNITS_A_DEGREE)


def _radius(count: int, largest: int) -> int:
    """By the square root, so that areas compare; in whole units."""
    return max(RADIUS_MIN, isqrt(RADIUS_MAX**2 * count // largest))
