"""Mistakes found in law as data, gathered so that one run reports all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tanhui.core.errors import LibraryBroken

PROBLEMS_SHOWN_MAX = 100


@dataclass(frozen=True, order=True)
class Where:
    """A line of a file; lines count from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


NOWHERE = Where("", 1)
"""Of what was not read from a file."""


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where, what is wrong, and after the semicolon what to do."""

    where: Where
    en: str
    zh: str

    def __str__(self) -> str:
        return f"{self.where}: {self.en}"


class Mistake(ValueError):
    """A mistake in a piece of text whose place only the caller knows.

    `about` is the declared name it is about, if it is about one; the caller knows its line.
    """

    def __init__(self, *, zh: str, en: str, about: str = "") -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.about = about


class Unreadable(Exception):
    """A part cannot be read; the problem is already in the list."""


class Problems:
    """The list of one load. `refuse` ends it with one error that holds everything."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, where: Where, *, zh: str, en: str) -> None:
        """Note a mistake and go on reading."""
        self.found.append(Problem(where, en, zh))

    def stop(self, where: Where, *, zh: str, en: str) -> Unreadable:
        """Note a mistake; the caller raises what is returned to leave the part."""
        self.add(where, zh=zh, en=en)
        return Unreadable()

    @contextmanager
    def part(self, where: Where | None = None) -> Iterator[None]:
        """Read one part; what goes wrong in it does not keep the next part from being read."""
        try:
            yield
        except Unreadable:
            pass
        except Mistake as mistake:
            assert where is not None
            self.add(where, zh=mistake.zh, en=mistake.en)

    def refuse(self) -> None:
        """Raise `LibraryBroken` when anything was found, all problems in its message."""
        if not self.found:
            return
        found = sorted(set(self.found))
        shown = found[:PROBLEMS_SHOWN_MAX]
        raise LibraryBroken(
            "library.broken",
            zh=f"方法学库有 {len(found)} 处错误：\n"
            + "\n".join(f"{problem.where}：{problem.zh}" for problem in shown),
            en=f"The library has {len(found)} mistakes:\n" + "\n".join(map(str, shown)),
            problems=[str(problem) for problem in found],
            problems_zh=[f"{problem.where}：{problem.zh}" for problem in found],
        )
