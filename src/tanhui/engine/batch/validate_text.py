"""Checks of text fields: present, printable, within its length; text is data and stays inert.

Printable ASCII is checked for whole columns; the few other rows are looked at one by one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from .limits import (
    CLASS_CHARS_MAX,
    EXTERNAL_ID_CHARS_MAX,
    PERSON_CHARS_MAX,
    PERSON_CHARS_MIN,
    SCENE_CHARS_MAX,
)
from .validate_bytes import TextBytes
from .validate_verdicts import Verdicts

_PRINTABLE = "^[ -~]+$"
_PERSON = r"^[a-z][a-z0-9-]{0,15}:[ -~]+$"
_PERSON_EXACT = re.compile(r"[a-z][a-z0-9-]{0,15}:.+", re.DOTALL)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that never belong in an id: controls, direction marks, unassigned."""


def text_problem(text: str, field: str, *, shortest: int = 1, longest: int) -> str | None:
    """Reason code against one value, None when it may stand.

    >>> text_problem("a\\x00", "external_id", longest=128)
    'text.control_character'
    >>> text_problem("", "person", longest=128)
    'person.missing'
    """
    if not text:
        return f"{field}.missing"
    if any(unicodedata.category(char) in _INVISIBLE for char in text):
        return "text.control_character"
    if len(text) > longest:
        return f"{field}.too_long"
    if len(text) < shortest:
        return f"{field}.too_short"
    return None


def person_problem(text: str) -> str | None:
    """Reason code against a person reference, which reads `scheme:value`.

    >>> person_problem("szt:FIAAAEIFD") is None, person_problem("FIAAAEIFD")
    (True, 'person.malformed')
    """
    problem = text_problem(text, "person", shortest=PERSON_CHARS_MIN, longest=PERSON_CHARS_MAX)
    if problem is None and not _PERSON_EXACT.fullmatch(text):
        return "person.malformed"
    return problem


def check_external_id(ids: pl.Series, verdicts: Verdicts) -> None:
    """external_id: 1 to 128 printable characters."""
    _check(ids, _PRINTABLE, 1, EXTERNAL_ID_CHARS_MAX, (_external_id_problem, verdicts))


def check_person(persons: pl.Series, verdicts: Verdicts) -> None:
    """person: `scheme:value`, 3 to 128 printable characters."""
    _check(persons, _PERSON, PERSON_CHARS_MIN, PERSON_CHARS_MAX, (person_problem, verdicts))


def check_corrects(corrects: pl.Series, ids: pl.Series, verdicts: Verdicts) -> None:
    """corrects: empty, or the external_id of another record of the same partner."""
    if corrects.null_count() == len(corrects):
        return
    _check(
        corrects, _PRINTABLE, 1, EXTERNAL_ID_CHARS_MAX, (_corrects_problem, verdicts), empty=True
    )
    verdicts.refuse((corrects == ids).fill_null(value=False).to_numpy(), "corrects.itself")


def _external_id_problem(text: str) -> str | None:
    return text_problem(text, "external_id", longest=EXTERNAL_ID_CHARS_MAX)


def _corrects_problem(text: str) -> str | None:
    return text_problem(text, "corrects", longest=EXTERNAL_ID_CHARS_MAX)


def _check(
    texts: pl.Series,
    pattern: str,
    shortest: int,
    longest: int,
    judge: tuple[Callable[[str], str | None], Verdicts],
    *,
    empty: bool = False,
) -> None:
    """Whole column by pattern and length; the rest by `judge`."""
    problem_of, verdicts = judge
    if _is_clean(texts, pattern, shortest, longest):
        return
    lengths = texts.str.len_bytes()
    clean = texts.str.contains(pattern) & (lengths >= shortest) & (lengths <= longest)
    doubtful = np.flatnonzero(~clean.fill_null(value=False).to_numpy())
    for place in doubtful.tolist():
        text = texts[place]
        if not text and empty:
            continue
        problem = problem_of(text or "")
        if problem is not None:
            verdicts.refuse_each([place], [problem])


def _is_clean(texts: pl.Series, pattern: str, shortest: int, longest: int) -> bool:
    """Whether every row is plainly good: printable, of good length, persons of one scheme."""
    raw = TextBytes.of(texts)
    if not len(raw.lengths) or not raw.is_printable_ascii():
        return False
    if int(raw.lengths.min()) < shortest or int(raw.lengths.max()) > longest:
        return False
    if pattern == _PRINTABLE:
        return True
    scheme, colon, _ = str(texts[0]).partition(":")
    begin = scheme + colon
    return bool(
        colon
        and _PERSON_EXACT.fullmatch(begin + "x")
        and raw.lengths.min() > len(begin)
        and texts.str.starts_with(begin).all()
    )


class Words:
    """A column of few distinct words as codes: `codes[i]` is the place of a word, -1 when empty.

    >>> words = Words(pl.Series(["metro", None, "bus", "metro"]))
    >>> words.values, words.codes.tolist()
    (['metro', 'bus'], [0, -1, 1, 0])
    """

    def __init__(self, texts: pl.Series) -> None:
        if texts.null_count() == len(texts):
            self.values: list[str] = []
            self.codes: npt.NDArray[np.int64] = np.full(len(texts), -1, dtype=np.int64)
            return
        # a private set of categories: a global one would grow with every foreign word
        coded = texts.cast(pl.Categorical(pl.Categories.random(physical=pl.UInt32)))
        self.codes = coded.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        example = np.zeros(int(self.codes.max()) + 2, dtype=np.int64)  # the last is of empty rows
        example[self.codes] = np.arange(len(texts))
        self.values = [str(texts[place]) for place in example[:-1].tolist()]

    def refuse_unless(
        self, problem_of: Callable[[str], str | None], missing: str | None, verdicts: Verdicts
    ) -> None:
        """Judge each distinct word once; `missing` is the reason of an empty field, if any."""
        if missing is not None:
            verdicts.refuse(self.codes == -1, missing)
        verdicts.refuse_words(self.codes, [problem_of(value) for value in self.values])

    def word(self, place: int) -> str:
        """The word of a row, "" when empty."""
        code = int(self.codes[place])
        return self.values[code] if code >= 0 else ""


def class_problem(text: str) -> str | None:
    """Reason code against a class word; an empty one is no class."""
    return text_problem(text, "class", longest=CLASS_CHARS_MAX) if text else None


def scene_problem(text: str, scenes: frozenset[str]) -> str | None:
    """Reason code against a scene; `scenes` are those that some methodology names."""
    problem = text_problem(text, "scene", longest=SCENE_CHARS_MAX)
    if problem is None and text not in scenes:
        return "scene.unknown"
    return problem
