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
    case = np.zeros(len(places), dtype=np.int64)
    sizes = [len(each.values) + 1 for each in words]  # one more: empty
    for each, size in zip(words, sizes, strict=True):
        case *= size
        case += (each.codes if whole else each.codes[places]) + 1
    span = int(days.max() if whole else days[places].max()) - first_day + 1
    case *= span
    case += (days if whole else days[places]) - first_day
    distinct, which = _distinct(case, int(np.prod(sizes, dtype=np.int64)) * span)
    answers = [
        finder.find(*_decode(int(each), words, sizes, (first_day, span))) for each in distinct
    ]
    methods[places] = np.array([method for method, _ in answers], dtype=np.uint16)[which]
    cells[places] = np.array([cell for _, cell in answers], dtype=np.int32)[which]
    return methods, cells


def _distinct(
    case: npt.NDArray[np.int64], size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Distinct cases and, for each row, which of them; by table when cases are few."""
    if size > _DENSE_MAX:
        distinct, which = np.unique(case, return_inverse=True)
        return distinct, which
    seen = np.zeros(size, dtype=bool)
    seen[case] = True
    distinct = np.flatnonzero(seen).astype(np.int64)
    rank = np.zeros(size, dtype=np.intp)
    rank[distinct] = np.arange(len(distinct))
    return distinct, rank[case]


def _decode(
    case: int, words: tuple[Words, ...], sizes: list[int], calendar: tuple[int, int]
) -> tuple[str, str, str, int]:
    first_day, span = calendar
    rest, offset = divmod(case, span)
    texts = []
    for each, size in zip(reversed(words), reversed(sizes), strict=True):
        rest, code = divmod(rest, size)
        texts.append(each.values[code - 1] if code else "")
    class_, region, scene = texts
    return scene, region, class_, first_day + offset
