"""The library: law as data, loaded whole or refused whole.

    library/methodologies/<region>/<code>/methodology.yaml + cases.yaml
    library/factors/<id>.yaml
    library/tables/<id>.yaml            what project methodologies look up
    library/overlays/<region>/<code>.yaml   what an authority fills in
    library/rulesets/<region>.yaml  which templates a programme lets count
    library/frozen.yaml                 versions that may not change any more, if listed

Behaviour and project methodologies stand side by side; `kind` in the file says which. A second
version of a methodology stands in `<region>/<code>/<version>/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tanhui.core.errors import InputRefused, NotFound
from tanhui.core.period import day_number, day_of
from tanhui.core.region import Region

from .examples import check_examples, read_examples
from .freeze_list import read_frozen, refuse_thawed
from .integer import IntegerForm
from .integer import compile as compile_form
from .loader import load_methodology
from .methodology import Example, Methodology
from .names import refuse_unknown_codes
from .overlays import fill_in
from .parameters import FactorTable, read_factor_table
from .problems import Problems, Where
from .project.nouns import ProjectMethodology
from .project.overlay import names_project
from .project.shelf import (
    Cases,
    Shared,
    fill_projects,
    is_project,
    read_lookup_tables,
    read_project,
)
from .project.tables import Table
from .rulesets import Rulesets
from .section import Section
from .status import LibraryStatus, library_status
from .yamlfile import read_yaml

FILES_MAX = 5_000
METHODOLOGY_FILE = "methodology.yaml"
CASES_FILE = "cases.yaml"


@dataclass(frozen=True)
class Library:
    """All methodologies, in the order of their files; `cases` are the worked cases beside them."""

    methodologies: tuple[Methodology, ...]
    cases: dict[tuple[str, str, str], tuple[Example, ...]]
    factors: tuple[FactorTable, ...]
    projects: tuple[ProjectMethodology, ...]
    project_cases: Cases
    tables: tuple[Table, ...]
    rulesets: Rulesets

    @classmethod
    def load(cls, path: Path, *, directory: Path | None = None) -> Library:
        """Read and check everything under `path`.

        `directory` is the library that names scenes and regions where `path` names none, as an
        author's own folder does.

        Raises `LibraryBroken` listing every mistake as `file:line: what; fix`.
        """
        problems = Problems()
        tables = read_tables(path, problems)
        rulesets = Rulesets.read(path / "rulesets", problems)
        lookups = read_lookup_tables(_files(path, "tables/*.yaml", problems), path, problems)
        shared = Shared.of(lookups, tables)
        methodologies: list[Methodology] = []
        cases: dict[tuple[str, str, str], tuple[Example, ...]] = {}
        projects: list[ProjectMethodology] = []
        project_cases: Cases = {}
        for file in _files(path, f"methodologies/**/{METHODOLOGY_FILE}", problems):
            label, data = file.relative_to(path).as_posix(), file.read_bytes()
            if is_project(data):
                found = read_project(file, path, shared=shared, problems=problems)
                if found is not None:
                    projects.append(found[0])
                    project_cases[found[0].identity] = found[1]
                continue
            methodology = load_methodology(data, file=label, tables=tables, problems=problems)
            if methodology is None:
                _note_mistakes(file.with_name(CASES_FILE), path, problems)
                continue
            _check_place(methodology, file.relative_to(path), problems)
            methodologies.append(methodology)
            cases[methodology.identity] = read_cases(methodology, file, path, problems)
        overlays = _files(path, "overlays/*/*.yaml", problems)
        codes = frozenset(each.code for each in projects)
        for_projects = [each for each in overlays if names_project(each.read_bytes(), codes)]
        overlays = [each for each in overlays if each not in for_projects]
        all_projects = fill_projects(
            projects, project_cases, for_projects, root=path, problems=problems
        )
        filled = fill_in(methodologies, cases, overlays, root=path, problems=problems)
        _refuse_ambiguous(filled, problems)
        named = path if directory is None or (path / "directory").is_dir() else directory
        refuse_unknown_codes((*filled, *all_projects), named, problems)
        if not problems.found:  # what could not be read is not gone
            frozen = read_frozen(path, problems)
            refuse_thawed(frozen, (*filled, *all_projects), problems)
        problems.refuse()
        return cls(
            filled,
            cases,
            tuple(tables.values()),
            all_projects,
            project_cases,
            tuple(lookups.values()),
            rulesets,
        )

    @property
    def scenes(self) -> frozenset[str]:
        """Every scene some methodology knows."""
        return frozenset(methodology.scene for methodology in self.methodologies)

    def status(self, *, on: date) -> LibraryStatus:
        """How much is known, and what may be credited on that day."""
        return library_status(
            self.methodologies, self.projects, day=day_number(on), rulesets=self.rulesets
        )

    def admits(self, methodology: Methodology, region: str, day: int) -> bool:
        """Whether it may count there that day: a template only where a rule set names it."""
        return not methodology.inclusion_only or self.rulesets.allows_template(
            methodology.code, region=region, on=day_of(day)
        )

    def form(self, methodology: Methodology) -> IntegerForm:
        """The integer form, compiled once."""
        return compile_form(methodology)

    def get(self, code: str, *, on: date, region: str | None = None) -> Methodology:
        """The newest version of `code` in force that day (in that region); raises `NotFound`."""
        day = day_number(on)
        lineage = None if region is None else Region(region).lineage()
        found = [
            methodology
            for methodology in self.methodologies
            if methodology.code == code
            and methodology.in_force_on(day)
            and (lineage is None or any(each in lineage for each in methodology.regions))
        ]
        if found:
            return max(found, key=lambda each: each.first_day)
        raise NotFound(
            "methodology.not_found",
            zh=f"{on} 没有在用的方法学“{code[:60]}”；请核对编号与日期。",
            en=f"No methodology '{code[:60]}' is in force on {on}; check the code and the day.",
        )

    def project(self, code: str, *, version: str | None, day: int) -> ProjectMethodology:
        """The project methodology of that version, else the one in force; raises `NotFound`."""
        for each in self.projects:
            wanted = each.in_force_on(day) if version is None else each.version == version
            if each.code == code and wanted:
                return each
        raise NotFound(
            "project.methodology_not_found",
            zh=f"没有在用的项目方法学“{code[:60]}”{version or ''}；请核对编号、版本与登记日期。",
            en=f"No project methodology '{code[:60]}' {version or ''} is in force; check the code, "
            "the version and the day of registration.",
        )

    def by_digest(self, code: str, version: str, digest: str) -> Methodology:
        """Exactly the methodology a stored result names; raises `NotFound`."""
        for methodology in self.methodologies:
            if methodology.identity == (code, version, digest):
                return methodology
        raise NotFound(
            "methodology.version_not_found",
            zh=f"库中没有 {code} {version}（{digest[:12]}…）；请装回当时的方法学文件。",
            en=f"The library has no {code} {version} ({digest[:12]}...); "
            "put back the file of that time.",
        )

    def find(self, scene: str, *, region: str, day: int) -> Methodology | None:
        """What quantifies a record of that scene, place and day: the nearest region first.

        Of several versions of a code in force that day the one with the latest first day counts:
        a new version follows an old one without a change to the old file, which may be frozen.
        Passed over: what is disabled, not in force by its life (or withdrawn), lacks a value, or is
        a template that no rule set names.
        """
        try:
            lineage = Region(region).lineage()
        except InputRefused:
            return None
        for code in lineage:
            newest: dict[str, Methodology] = {}
            for methodology in self.methodologies:
                if (
                    methodology.scene == scene
                    and code in methodology.regions
                    and methodology.creditable_on(day)
                    and self.admits(methodology, code, day)
                ):
                    earlier = newest.setdefault(methodology.code, methodology)
                    if earlier.first_day < methodology.first_day:
                        newest[methodology.code] = methodology
            for methodology in newest.values():
                if compile_form(methodology).covers(region, day):
                    return methodology
        return None


def _files(path: Path, pattern: str, problems: Problems) -> list[Path]:
    files = sorted(path.glob(pattern))
    if len(files) > FILES_MAX:
        raise problems.stop(
            Where(str(path), 1),
            zh=f"文件超过 {FILES_MAX} 个；请拆分。",
            en=f"more than {FILES_MAX} files; split the library",
        )
    return files


def read_tables(path: Path, problems: Problems) -> dict[str, FactorTable]:
    """The factor tables of the library in `path`, by id."""
    tables: dict[str, FactorTable] = {}
    for file in _files(path, "factors/**/*.yaml", problems):
        label = file.relative_to(path).as_posix()
        with problems.part():
            data = file.read_bytes()
            root = read_yaml(data, file=label, problems=problems)
            table = read_factor_table(root, data=data, file=label, problems=problems)
            if table.id != file.stem:
                problems.add(
                    Where(label, 1),
                    zh=f"factor: {table.id} 与文件名不符；请改名。",
                    en=f"factor: {table.id} differs from the file name; rename one",
                )
            tables[table.id] = table
    return tables


def read_cases(
    methodology: Methodology, file: Path, root: Path, problems: Problems
) -> tuple[Example, ...]:
    """The worked cases beside a methodology's file, each checked."""
    beside = file.with_name(CASES_FILE)
    label = beside.relative_to(root).as_posix()
    if not beside.is_file():
        problems.add(
            Where(label, 1),
            zh="缺少 cases.yaml；请写出至少一个算例。",
            en="cases.yaml is missing; write at least one worked case",
        )
        return ()
    with problems.part():
        tree = read_yaml(beside.read_bytes(), file=label, problems=problems)
        section = Section(tree, problems, what="cases", required=("cases",))
        cases = read_examples(section, methodology.fields, methodology.clauses, key="cases")
        check_examples(methodology, cases, problems)
        return cases
    return ()


def _note_mistakes(file: Path, root: Path, problems: Problems) -> None:
    """What can be said of cases whose methodology cannot be read: blanks and YAML."""
    if file.is_file():
        with problems.part():
            read_yaml(file.read_bytes(), file=file.relative_to(root).as_posix(), problems=problems)


def _check_place(methodology: Methodology, file: Path, problems: Problems) -> None:
    """The folder says what the file says, so a reader finds law by its place."""
    folders = file.parts[1:-1]
    code = methodology.code
    expected: list[tuple[str, ...]] = [(region, code) for region in methodology.regions]
    expected += [(region, code, methodology.version) for region in methodology.regions]
    if folders not in expected:
        problems.add(
            Where(file.as_posix(), 1),
            zh=f"文件应放在 methodologies/{methodology.regions[0]}/{code}/；请移动。",
            en=f"the file belongs in methodologies/{methodology.regions[0]}/{code}/; move it",
        )


def _refuse_ambiguous(methodologies: Iterable[Methodology], problems: Problems) -> None:
    """One enabled methodology per scene, region and day; one file per code and version."""
    versions: dict[tuple[str, str], Methodology] = {}
    scenes: dict[tuple[str, str], list[Methodology]] = {}
    for methodology in methodologies:
        where = Where(methodology.file, 1)
        same = versions.setdefault((methodology.code, methodology.version), methodology)
        if same is not methodology:
            problems.add(
                where,
                zh=f"{methodology.code} {methodology.version} 在 {same.file} 已有；请改版本号。",
                en=f"{methodology.code} {methodology.version} stands in {same.file} already; "
                "give this one another version",
            )
        if not methodology.enabled or not compile_form(methodology).cells:
            continue  # shown only: until its values are known it competes with nobody
        for region in methodology.regions:
            others = scenes.setdefault((methodology.scene, region), [])
            for other in others:
                if _share_a_day(methodology, other) and not _follows(methodology, other):
                    problems.add(
                        where,
                        zh=f"场景 {methodology.scene}、地区 {region} 与 {other.file} 的有效期重叠；"
                        "请错开。",
                        en=f"scene {methodology.scene} in {region} overlaps in time with "
                        f"{other.file}; part the periods",
                    )
            others.append(methodology)


def _follows(one: Methodology, two: Methodology) -> bool:
    """Whether they are versions of one methodology, one later than the other."""
    return one.code == two.code and one.first_day != two.first_day


def _share_a_day(one: Methodology, two: Methodology) -> bool:
    return (two.end_day is None or one.first_day < two.end_day) and (
        one.end_day is None or two.first_day < one.end_day
    )
