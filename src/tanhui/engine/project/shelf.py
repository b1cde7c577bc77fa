"""The project part of the library: tables, methodologies and their worked cases, from files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..parameters import FactorTable
from ..problems import Problems, Where
from ..yamlfile import read_yaml
from .cases import Case, check_cases, read_cases
from .loader import load_project
from .nouns import ProjectMethodology
from .overlay import apply_overlay
from .tables import Table, read_table

_KIND = re.compile(rb"^kind:[ \t]*project\b", re.MULTILINE)
Cases = dict[tuple[str, str, str], tuple[Case, ...]]


def is_project(data: bytes) -> bool:
    """Whether a methodology file says `kind: project`."""
    return _KIND.search(data) is not None


def read_lookup_tables(files: Iterable[Path], root: Path, problems: Problems) -> dict[str, Table]:
    """`library/tables/*.yaml`, by id."""
    tables: dict[str, Table] = {}
    for file in files:
        label = file.relative_to(root).as_posix()
        with problems.part():
            data = file.read_bytes()
            table = read_table(
                read_yaml(data, file=label, problems=problems),
                data=data,
                file=label,
                problems=problems,
            )
            if table.id != file.stem:
                problems.add(
                    Where(label, 1),
                    zh=f"table: {table.id} 与文件名不符；请改名。",
                    en=f"table: {table.id} differs from the file name; rename one",
                )
            tables[table.id] = table
    return tables


def read_project(
    file: Path,
    root: Path,
    *,
    tables: Mapping[str, Table],
    factors: Mapping[str, FactorTable],
    problems: Problems,
) -> tuple[ProjectMethodology, tuple[Case, ...]] | None:
    """One methodology and the cases beside it, checked; None with its mistakes noted."""
    label = file.relative_to(root).as_posix()
    methodology = load_project(
        file.read_bytes(), file=label, tables=tables, factors=factors, problems=problems
    )
    if methodology is None:
        return None
    _check_place(methodology, file.relative_to(root), problems)
    return methodology, _read_cases(methodology, file, root, problems)


def fill_projects(
    projects: list[ProjectMethodology],
    cases: Cases,
    files: Iterable[Path],
    *,
    root: Path,
    problems: Problems,
) -> tuple[ProjectMethodology, ...]:
    """The methodologies with their overlays applied; `cases` gains those of each overlay."""
    found: dict[tuple[str, str], ProjectMethodology] = {}
    for each in projects:
        same = found.setdefault((each.code, each.version), each)
        if same is not each:
            problems.add(
                Where(each.file, 1),
                zh=f"{each.code} {each.version} 在 {same.file} 已有；请改版本号。",
                en=f"{each.code} {each.version} stands in {same.file} already; give this one "
                "another version",
            )
    for file in files:
        applied = apply_overlay(file, root, found, problems)
        if applied is not None:
            filled, own = applied
            base = found[filled.code, filled.version]
            cases[filled.identity] = (*cases.pop(base.identity, ()), *own)
            found[filled.code, filled.version] = filled
    return tuple(found[each.code, each.version] for each in projects)


def _read_cases(
    methodology: ProjectMethodology, file: Path, root: Path, problems: Problems
) -> tuple[Case, ...]:
    beside = file.with_name("cases.yaml")
    label = beside.relative_to(root).as_posix()
    if not beside.is_file():
        problems.add(
            Where(label, 1),
            zh="缺少 cases.yaml；请写出至少一个算例。",
            en="cases.yaml is missing; write at least one worked case",
        )
        return ()
    with problems.part():
        cases = read_cases(read_yaml(beside.read_bytes(), file=label, problems=problems), problems)
        check_cases(methodology, cases, problems)
        return cases
    return ()


def _check_place(methodology: ProjectMethodology, file: Path, problems: Problems) -> None:
    folders, code = file.parts[1:-1], methodology.code
    places = [(region, code) for region in methodology.regions]
    if folders[:2] not in places or folders[2:] not in ((), (methodology.version,)):
        problems.add(
            Where(file.as_posix(), 1),
            zh=f"文件应放在 methodologies/{methodology.regions[0]}/{code}/；请移动。",
            en=f"the file belongs in methodologies/{methodology.regions[0]}/{code}/; move it",
        )
