"""One methodology file by itself, wherever it stands: what an expert compares before it is law."""

from __future__ import annotations

from pathlib import Path

from .library import CASES_FILE, METHODOLOGY_FILE, read_cases, read_tables
from .loader import load_methodology
from .methodology import Example, Methodology
from .problems import Problems
from .project.cases import Case
from .project.cases import read_cases as read_project_cases
from .project.loader import load_project
from .project.nouns import ProjectMethodology
from .project.shelf import is_project, read_lookup_tables
from .yamlfile import read_yaml


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


def load_project_file(path: Path, *, library: Path) -> tuple[ProjectMethodology, tuple[Case, ...]]:
    """As `load_file`, for `kind: project`; its worked cases are read, not worked out."""
    file = path / METHODOLOGY_FILE if path.is_dir() else path
    problems = Problems()
    factors = read_tables(library, problems)
    tables = read_lookup_tables(sorted(library.glob("tables/*.yaml")), library, problems)
    found = load_project(
        file.read_bytes(), file=str(file), tables=tables, factors=factors, problems=problems
    )
    cases: tuple[Case, ...] = ()
    beside = file.with_name(CASES_FILE)
    if beside.is_file():
        with problems.part():
            root = read_yaml(beside.read_bytes(), file=str(beside), problems=problems)
            cases = read_project_cases(root, problems)
    problems.refuse()
    assert found is not None, "refused above"
    return found, cases


def is_project_file(path: Path) -> bool:
    """Whether the methodology in a file or folder says `kind: project`."""
    file = path / METHODOLOGY_FILE if path.is_dir() else path
    return is_project(file.read_bytes())
