"""One methodology file by itself, wherever it stands: what an expert compares before it is law."""

from __future__ import annotations

from pathlib import Path

from .library import CASES_FILE, METHODOLOGY_FILE, read_cases, read_tables
from .loader import load_methodology
from .methodology import Example, Methodology
from .problems import Problems


def load_file(path: Path, *, library: Path) -> tuple[Methodology, tuple[Example, ...]]:
    """The methodology in a file or folder, and the worked cases beside it, if there are any.

    Factor tables come from `library`. Raises `LibraryBroken` with every mistake.
    """
    file = path / METHODOLOGY_FILE if path.is_dir() else path
    problems = Problems()
    tables = read_tables(library, problems)
    methodology = load_methodology(
        file.read_bytes(), file=str(file), tables=tables, problems=problems
    )
    cases: tuple[Example, ...] = ()
    if methodology is not None and file.with_name(CASES_FILE).is_file():
        cases = read_cases(methodology, file, file.parent, problems)
    problems.refuse()
    assert methodology is not None, "refused above"
    return methodology, cases
