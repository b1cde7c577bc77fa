"""Cells: one per region, class and stretch of days in which every parameter has one value.

The id of the cell is stored with each result, so the numbers of law that were used can be named
without looking anything up again. Ids follow from the file alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tanhui.core.errors import InputRefused
from tanhui.core.region import Region

from .facets import class_of, classes_to_tell_apart, facets
from .methodology import Methodology, ParameterValue
from .problems import Mistake

CELLS_MAX = 100_000
NO_CELL = -1


@dataclass(frozen=True)
class Cell:
    """A region, a class ("" = none of its own) and days, with the parameter entries in force."""

    id: int
    region: str
    class_: str
    first_day: int
    end_day: int | None
    values: Mapping[str, ParameterValue]


class CellIndex:
    """All cells of a methodology and the way from a record to its cell."""

    def __init__(self, methodology: Methodology) -> None:
        self.regions = _regions(methodology)
        self.classes = _classes(methodology)
        self.cells = _build(methodology, self.regions, self.classes)
        self._facets = frozenset().union(*map(facets, self.classes))
        self._by_place: dict[tuple[str, str], list[Cell]] = {}
        for cell in self.cells:
            self._by_place.setdefault((cell.region, cell.class_), []).append(cell)
        self._starts = {
            place: [cell.first_day for cell in cells] for place, cells in self._by_place.items()
        }

    def cell_of(self, region: str, class_: str, day: int) -> int:
        """The id of the cell, or -1 when a parameter is missing or unknown there and then.

        A facet the methodology does not name counts as not given.
        """
        known = class_ if class_ in self.classes else class_of(facets(class_) & self._facets)
        place = (self._place(region), known)
        starts = self._starts.get(place)
        if starts is None:
            return NO_CELL
        at = bisect_right(starts, day) - 1
        if at < 0:
            return NO_CELL
        cell = self._by_place[place][at]
        return cell.id if cell.end_day is None or day < cell.end_day else NO_CELL

    def covers(self, region: str, day: int) -> bool:
        """Whether some class has a cell there and then."""
        return any(self.cell_of(region, class_, day) >= 0 for class_ in self.classes)

    def _place(self, region: str) -> str:
        try:
            lineage = Region(region).lineage()
        except InputRefused:
            return ""
        return next((code for code in lineage if code in self.regions), "")


@lru_cache(maxsize=1024)
def index_cells(methodology: Methodology) -> CellIndex:
    """The cells of a methodology, built once. Raises `Mistake` above `CELLS_MAX` cells."""
    return CellIndex(methodology)


def _regions(methodology: Methodology) -> tuple[str, ...]:
    """The methodology's own regions and every finer one that a value names inside them."""
    found = set(methodology.regions)
    for parameter in methodology.parameters.values():
        for entry in parameter.values:
            if any(code in methodology.regions for code in Region(entry.region).lineage()):
                found.add(entry.region)
    return tuple(sorted(found))


def _classes(methodology: Methodology) -> tuple[str, ...]:
    tables = [parameter.classes for parameter in methodology.parameters.values()]
    found = classes_to_tell_apart(tables, limit=CELLS_MAX)
    if found is None:
        raise Mistake(
            zh=f"类别的组合超过 {CELLS_MAX} 个；请减少互不排斥的类别。",
            en=f"more than {CELLS_MAX} combinations of classes; name fewer that go together",
        )
    return found


def _build(
    methodology: Methodology, regions: tuple[str, ...], classes: tuple[str, ...]
) -> tuple[Cell, ...]:
    starts = _starts(methodology)
    if len(regions) * len(classes) * len(starts) > CELLS_MAX:
        raise Mistake(
            zh=f"参数组合超过 {CELLS_MAX} 个；请按地区拆分方法学。",
            en=f"more than {CELLS_MAX} parameter cells; split the methodology by region",
        )
    cells: list[Cell] = []
    for region in regions:
        lineage = Region(region).lineage()
        for class_ in classes:
            stretches = _stretches(methodology, lineage, class_, starts)
            for first_day, end_day, values in stretches:
                cells.append(Cell(len(cells), region, class_, first_day, end_day, values))
    return tuple(cells)


def _starts(methodology: Methodology) -> list[int]:
    """Every day on which something changes, first to last, inside the effective period."""
    days = {methodology.first_day}
    for parameter in methodology.parameters.values():
        for entry in parameter.values:
            days.add(entry.first_day)
            if entry.end_day is not None:
                days.add(entry.end_day)
    return sorted(day for day in days if methodology.in_force_on(day))


def _stretches(
    methodology: Methodology, lineage: tuple[str, ...], class_: str, starts: list[int]
) -> list[tuple[int, int | None, dict[str, ParameterValue]]]:
    found: list[tuple[int, int | None, dict[str, ParameterValue]]] = []
    ends: list[int | None] = [*starts[1:], methodology.end_day]
    for first_day, end_day in zip(starts, ends, strict=True):
        values = {}
        for name, parameter in methodology.parameters.items():
            entry = parameter.value_for(lineage, class_, first_day)
            if entry is None or not entry.usable:
                break
            values[name] = entry
        else:
            if found and found[-1][1] == first_day and found[-1][2] == values:
                found[-1] = (found[-1][0], end_day, values)
            else:
                found.append((first_day, end_day, values))
    return found
