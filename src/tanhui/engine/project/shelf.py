"""The project part of the library: tables, methodologies and their worked cases, from files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ..parameters import FactorTable
from ..problems import Problem, Problems, Where
from ..yamlfile import read_yaml
from .cases import Case, check_cases, read_cases
from .loader import load_project
from .nouns import ProjectMethodology
from .overlay import apply_overlay
from .tables import Table, read_table

_KIND = re.compile(rb"^kind:[ \t]*project\b", re.MULTILINE)
CASES = "cases.yaml"
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


@dataclass(frozen=True)
class Shared:
    """The tables and factors of one library; two are the same when their files are."""

    tables: Mapping[str, Table] = field(compare=False)
    factors: Mapping[str, FactorTable] = field(compare=False)
    key: str

    @classmethod
    def of(cls, tables: Mapping[str, Table], factors: Mapping[str, FactorTable]) -> Shared:
        """With the SHA-256 over all of them as its key."""
        parts = [(table.id, table.data) for table in tables.values()]
        parts += [(factor.id, factor.data) for factor in factors.values()]
        digest = hashlib.sha256()
        for name, data in parts:
            digest.update(f"{name} {len(data)}\n".encode() + data)
        return cls(tables, factors, digest.hexdigest())


def read_project(
    file: Path, root: Path, *, shared: Shared, problems: Problems
) -> tuple[ProjectMethodology, tuple[Case, ...]] | None:
    """One methodology and the cases beside it, checked; None with its mistakes noted."""
    label = file.relative_to(root).as_posix()
    beside = file.with_name(CASES)
    cases = beside.read_bytes() if beside.is_file() else None
    found, mistakes = _checked(label, file.read_bytes(), cases, shared)
    problems.found.extend(mistakes)
    return found


@lru_cache(maxsize=1_000)
def _checked(
    label: str, data: bytes, cases: bytes | None, shared: Shared
) -> tuple[tuple[ProjectMethodology, tuple[Case, ...]] | None, tuple[Problem, ...]]:
    """The same bytes give the same answer, so a process that loads again need not work again."""
    problems = Problems()
    methodology = load_project(
        data, file=label, tables=shared.tables, factors=shared.factors, problems=problems
    )
    if methodology is None:
        return None, tuple(problems.found)
    _check_place(methodology, Path(label), problems)
    found = _read_cases(methodology, cases, label.replace("methodology.yaml", CASES), problems)
    return (methodology, found), tuple(problems.found)


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
    methodology: ProjectMethodology, data: bytes | None, label: str, problems: Problems
) -> tuple[Case, ...]:
    if data is None:
        problems.add(
            Where(label, 1),
            zh="缺少 cases.yaml；请写出至少一个算例。",
            en="cases.yaml is missing; write at least one worked case",
        )
        return ()
    with problems.part():
        cases = read_cases(read_yaml(data, file=label, problems=problems), problems)
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
