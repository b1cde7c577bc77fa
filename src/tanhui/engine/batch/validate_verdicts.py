"""Collects why rows are refused: one reason per row, the first one found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


class Verdicts:
    """Reason codes of the rows of one frame, by place (0-based).

    >>> verdicts = Verdicts(3)
    >>> verdicts.refuse(np.array([True, False, True]), "time.too_old")
    >>> verdicts.refuse(np.array([True, True, False]), "person.missing")
    >>> verdicts.reasons()
    ['time.too_old', 'person.missing', 'time.too_old']
    """

    def __init__(self, rows: int) -> None:
        self._number = np.zeros(rows, dtype=np.uint16)
        self._codes: list[str] = [""]

    def refuse(self, rows: Mask, code: str) -> None:
        """Give `code` to the rows of a mask that have no reason yet."""
        self.refuse_at(np.flatnonzero(rows), code)

    def refuse_at(self, places: Places, code: str) -> None:
        """Give `code` to these places that have no reason yet."""
        if not len(places):
            return
        open_places = places[self._number[places] == 0]
        self._number[open_places] = self._number_of(code)

    def refuse_each(self, places: Sequence[int], codes: Sequence[str]) -> None:
        """Give each place its own code."""
        for place, code in zip(places, codes, strict=True):
            if self._number[place] == 0:
                self._number[place] = self._number_of(code)

    def refuse_words(self, words: Places, problems: Sequence[str | None]) -> None:
        """Give each row the code of its word, if any; -1 is no word.

        >>> verdicts = Verdicts(3)
        >>> verdicts.refuse_words(np.array([1, -1, 0]), ["scene.unknown", None])
        >>> verdicts.reasons()
        ['', '', 'scene.unknown']
        """
        if not any(problems):
            return
        numbers = [self._number_of(code) if code else 0 for code in problems]
        found = np.array([*numbers, 0], dtype=np.uint16)[words]  # the last is of no word
        self._number = np.where(self._number == 0, found, self._number)

    def accepted(self) -> Mask:
        """True where a row has no reason against it."""
        good: Mask = self._number == 0
        return good

    def reasons(self) -> list[str]:
        """The code of each row, '' where accepted."""
        return [self._codes[number] for number in self._number.tolist()]

    def rejects(self, row: pl.Series) -> pl.DataFrame:
        """Frame (row Int64, reason String) of the refused rows."""
        places = np.flatnonzero(self._number)
        codes = np.array(self._codes, dtype=object)[self._number[places]]
        return pl.DataFrame(
            {"row": row.gather(places), "reason": pl.Series(codes.tolist(), dtype=pl.String)}
        )

    def _number_of(self, code: str) -> int:
        if code not in self._codes:
            self._codes.append(code)
        return self._codes.index(code)
