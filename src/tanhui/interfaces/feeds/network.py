"""The metro as a graph of stations, read from an open network file; distances in whole metres.

The file (China-Metro-Info of HKUST-Trans-Lab) gives for each line its station names, their
coordinates and, per neighbouring pair, a track polyline with running distance. Two thirds of its
polylines are cut short or empty, so a stretch counts as the longer of its track and the straight
line between its stations: both are lower bounds of the real track, so nothing is overstated.
A network of a later year has more lines, so its shortest path can only be shorter, too.
"""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from tanhui.core.errors import InputRefused

NETWORK_BYTES_MAX = 64 * 1024**2
_EARTH_RADIUS_M = 6_371_009
_MM_PER_M = 1_000
_STRETCH_MM_MAX = 200_000_000
_STATION_SUFFIX = "站"


def station_name(text: str) -> str:
    """A station's name without blanks and the suffix 站.

    >>> station_name(" 深圳北站 "), station_name("机场东")
    ('深圳北', '机场东')
    """
    name = "".join(text.split())
    return name.removesuffix(_STATION_SUFFIX) or name


class MetroNetwork:
    """Stations joined by stretches of track; stations of one name are one interchange."""

    def __init__(self, stretches: Mapping[tuple[str, str], int]) -> None:
        """`stretches` maps pairs of station names to millimetres."""
        self._next: dict[str, dict[str, int]] = {}
        for (one, two), length_mm in stretches.items():
            self._join(one, two, length_mm)
            self._join(two, one, length_mm)
        self._from: dict[str, dict[str, int]] = {}

    def __contains__(self, station: str) -> bool:
        return station in self._next

    def distance_m(self, start: str, end: str) -> int | None:
        """Metres of the shortest path, rounded down; None when there is no path.

        >>> network = MetroNetwork({("a", "b"): 1_500, ("b", "c"): 1_700, ("a", "c"): 9_000})
        >>> network.distance_m("a", "c"), network.distance_m("a", "x")
        (3, None)
        """
        if start not in self._next:
            return None
        if start not in self._from:
            self._from[start] = self._shortest(start)
        length_mm = self._from[start].get(end)
        return None if length_mm is None else length_mm // _MM_PER_M

    def _join(self, one: str, two: str, length_mm: int) -> None:
        neighbours = self._next.setdefault(one, {})
        neighbours[two] = min(length_mm, neighbours.get(two, length_mm))

    def _shortest(self, start: str) -> dict[str, int]:
        """Millimetres to every station that can be reached (Dijkstra)."""
        settled: dict[str, int] = {}
        queue = [(0, start)]
        while queue:
            length_mm, station = heapq.heappop(queue)
            if station in settled:
                continue
            settled[station] = length_mm
            for neighbour, stretch_mm in self._next[station].items():
                if neighbour not in settled:
                    heapq.heappush(queue, (length_mm + stretch_mm, neighbour))
        return settled


def load_network(path: Path) -> MetroNetwork:
    """Read a network file; raises InputRefused `network.missing`, `network.malformed`."""
    if not path.is_file():
        raise InputRefused(
            "network.missing",
            zh=f"没有找到地铁网络文件“{path.name}”；请检查数据源配置 network。",
            en=f"There is no network file '{path.name}'; check the feed's configuration.",
        )
    try:
        if path.stat().st_size > NETWORK_BYTES_MAX:
            raise ValueError(NETWORK_BYTES_MAX)
        lines = json.loads(path.read_bytes(), parse_float=Decimal, parse_int=Decimal)
        stretches: dict[tuple[str, str], int] = {}
        for pair, length_mm in _stretches(lines):
            stretches[pair] = min(length_mm, stretches.get(pair, length_mm))
        if not stretches:
            raise ValueError(path.name)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, InvalidOperation,
            RecursionError) as error:  # fmt: skip
        raise InputRefused(
            "network.malformed",
            zh=f"地铁网络文件“{path.name}”的结构不符（China-Metro-Info 格式）。",
            en=f"The network file '{path.name}' is not of the China-Metro-Info form.",
        ) from error
    return MetroNetwork(stretches)


def _stretches(lines: dict[str, Any]) -> Iterator[tuple[tuple[str, str], int]]:
    for name, line in lines.items():
        if name == "Line_name":
            continue
        names = _unwrapped(line["id2name"])
        places = _unwrapped(line["center_gps"])
        for key, track in line.items():
            if not key.startswith("("):
                continue
            one, two = (part.strip() for part in key.strip("()").split(","))
            track_mm = int(track["dist"][-1] * _MM_PER_M) if track["dist"] else 0
            length_mm = max(track_mm, _straight_mm(places[one], places[two]))
            if not 0 < length_mm <= _STRETCH_MM_MAX:
                raise ValueError(key)
            yield (station_name(names[one]), station_name(names[two])), length_mm


def _unwrapped(value: Any) -> dict[str, Any]:
    """The dictionaries of the file stand in lists of one."""
    found = value[0] if isinstance(value, list) else value
    if not isinstance(found, dict):
        raise TypeError(type(found))
    return found


def _straight_mm(one: list[Decimal], two: list[Decimal]) -> int:
    """Great-circle millimetres between two places (longitude, latitude), down to whole metres."""
    east_1, north_1, east_2, north_2 = (math.radians(degrees) for degrees in (*one, *two))
    half = (
        math.sin((north_2 - north_1) / 2) ** 2
        + math.cos(north_1) * math.cos(north_2) * math.sin((east_2 - east_1) / 2) ** 2
    )
    return int(2 * _EARTH_RADIUS_M * math.asin(math.sqrt(half))) * _MM_PER_M
