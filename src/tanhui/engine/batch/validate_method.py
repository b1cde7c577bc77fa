"""Which methodology and which parameter cell hold for a row: asked once per distinct case.

Millions of rows have few (scene, region, class, day) cases; each is looked up once and kept for
the next block of the same file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..library import Library
from .events import NO_METHOD
from .validate_text import Words

Codes = npt.NDArray[np.int64]

_DENSE_MAX = 4_000_000
NO_CELL = -1


@dataclass
class MethodFinder:
    """Answers (method, cell) for (scene, region, class, day); remembers every answer."""

    library: Library
    _places: dict[tuple[str, str, str], int] = field(init=False)
    _answers: dict[tuple[str, str, str, int], tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        methods = self.library.methodologies
        self._places = {method.identity: place for place, method in enumerate(methods)}

    def find(self, scene: str, region: str, class_: str, day: int) -> tuple[int, int]:
        """(index into library.methodologies or NO_METHOD, cell or -1)."""
        case = (scene, region, class_, day)
        answer = self._answers.get(case)
        if answer is None:
            answer = self._answers[case] = self._look_up(case)
        return answer

    def _look_up(self, case: tuple[str, str, str, int]) -> tuple[int, int]:
        scene, region, class_, day = case
        method = self.library.find(scene, region=region, day=day)
        if method is None:
            return NO_METHOD, NO_CELL
        cell = self.library.form(method).cell_of(region, class_, day)
        return self._places[method.identity], cell


def find_methods(
    finder: MethodFinder,
    words: tuple[Words, Words, Words],
    days: npt.NDArray[np.int64],
    good: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int32]]:
    """Method and cell of every good row; `words` are scene, region and class."""
    methods = np.full(len(days), NO_METHOD, dtype=np.uint16)
    cells = np.full(len(days), NO_CELL, dtype=np.int32)
    places = np.flatnonzero(good)
    if not len(places):
        return methods, cells
    whole = len(places) == len(days)
    first_day = int(days.min() if whole else days[places].min())
    columns = [((each.codes if whole else each.codes[places]) + 1, len(each.values) + 1)
               for each in words]  # fmt: skip
    offsets = (days if whole else days[places]) - first_day
    columns.append((offsets, int(offsets.max()) + 1))
    examples, which = _cases(columns)
    scene, region, class_ = words
    found = [
        finder.find(scene.word(place), region.word(place), class_.word(place), int(days[place]))
        for place in places[examples].tolist()
    ]
    methods[places] = np.array([method for method, _ in found], dtype=np.uint16)[which]
    cells[places] = np.array([cell for _, cell in found], dtype=np.int32)[which]
    return methods, cells


def _cases(columns: list[tuple[Codes, int]]) -> tuple[Codes, Codes]:
    """A row of each distinct case, and for each row which case it is.

    `columns` are codes from 0 and how many there may be. Codes are numbered anew before they
    would get large, by the rows at hand: a product is never above their square.
    """
    case, size = columns[0]
    for codes, many in columns[1:]:
        column, width = codes, many
        if size * width > _DENSE_MAX:
            case, size = _numbered_anew(case, size)
            column, width = _numbered_anew(column, width)
        case = case * width + column
        size *= width
    which, distinct = _numbered_anew(case, size)
    examples = np.zeros(distinct, dtype=np.int64)
    examples[which] = np.arange(len(which))
    return examples, which


def _numbered_anew(codes: Codes, size: int) -> tuple[Codes, int]:
    """Codes in the same order without gaps, and how many; by table when they are few."""
    if size > _DENSE_MAX:
        distinct, which = np.unique(codes, return_inverse=True)
        return which, len(distinct)
    seen = np.zeros(size, dtype=bool)
    seen[codes] = True
    rank = np.cumsum(seen) - 1
    return rank[codes], int(rank[-1]) + 1
