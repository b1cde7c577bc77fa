"""How much of the library is known, and what may be credited today: counted, never claimed.

Every methodology falls into exactly one standing: `creditable` somewhere today; `inclusion_only`,
a template that a rule set lets count and that issues nothing; `waiting` for values or equations
nobody stands for yet; `calculation`, a tool or comparison that issues nothing by itself;
`not_in_force` by its days or its life; `disabled` by its own file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tanhui.core.period import day_of

from .integer import compile as compile_form
from .methodology import EQUATION_STATUS, Methodology
from .project.checks import closure, every_name
from .project.nouns import NOT_FOR_CREDITING, ProjectMethodology
from .rulesets import Rulesets

STANDINGS = ("creditable", "inclusion_only", "waiting", "calculation", "not_in_force", "disabled")
COUNTING = ("creditable", "inclusion_only")
NO_RULES = Rulesets({})


@dataclass(frozen=True)
class Standing:
    """One methodology on one day; `where` are the regions with every value known."""

    code: str
    version: str
    kind: str
    scene: str  # empty for projects
    equations: str
    standing: str
    where: tuple[str, ...]
    unknown: tuple[str, ...]  # parameters with a value nobody stands for


@dataclass(frozen=True)
class LibraryStatus:
    """The honest table: counts by equations and by standing add up to the methodologies."""

    methodologies: tuple[Standing, ...]
    equations: dict[str, int]
    standings: dict[str, int]

    @property
    def creditable(self) -> tuple[Standing, ...]:
        """What may be credited that day, and issued where it is for issuing."""
        return tuple(each for each in self.methodologies if each.standing == "creditable")

    @property
    def counting(self) -> tuple[Standing, ...]:
        """What counts that day; what is `inclusion_only` among it is never issued as credits."""
        return tuple(each for each in self.methodologies if each.standing in COUNTING)


def library_status(
    methodologies: Iterable[Methodology],
    projects: Iterable[ProjectMethodology],
    *,
    day: int,
    rulesets: Rulesets = NO_RULES,
) -> LibraryStatus:
    """The standing of each methodology of either kind on `day` (a day number), and the counts."""
    found = (
        *(_standing(each, day, rulesets) for each in methodologies),
        *(_project_standing(each, day) for each in projects),
    )
    equations = Counter(each.equations for each in found)
    standings = Counter(each.standing for each in found)
    return LibraryStatus(
        found,
        {name: equations[name] for name in EQUATION_STATUS},
        {name: standings[name] for name in STANDINGS},
    )


def _standing(methodology: Methodology, day: int, rulesets: Rulesets) -> Standing:
    code, on = methodology.code, day_of(day)
    cells = compile_form(methodology).cells
    where = {
        cell.region
        for cell in cells
        if cell.first_day <= day and (cell.end_day is None or day < cell.end_day)
        if not methodology.inclusion_only
        or rulesets.allows_template(code, region=cell.region, on=on)
    }
    unknown = [
        name
        for name, parameter in methodology.parameters.items()
        if any(not value.usable for value in parameter.values)
    ]
    if not methodology.enabled:
        standing = "disabled"
    elif not methodology.creditable_on(day):
        standing = "not_in_force"
    elif not where:
        standing = "waiting"
    else:
        standing = "inclusion_only" if methodology.inclusion_only else "creditable"
    return Standing(
        methodology.code,
        methodology.version,
        methodology.kind,
        methodology.scene,
        methodology.status.equations,
        standing,
        tuple(sorted(where)) if standing in COUNTING else (),
        tuple(unknown),
    )


def _project_standing(methodology: ProjectMethodology, day: int) -> Standing:
    """A project is creditable where the equations are and no number of law it needs is open."""
    roots = [*methodology.results.values(), *methodology.outputs]
    roots += [name for limit in methodology.limits for name in every_name(limit.expression)]
    needed = closure(iter(roots), methodology.equations)  # alternatives are never credited
    unknown = [
        name
        for name, parameter in methodology.parameters.items()
        if name in needed and all(value.evidence in NOT_FOR_CREDITING for value in parameter.values)
    ]
    unknown += [
        name
        for name, lookup in methodology.lookups.items()
        if name in needed and all(row.evidence in NOT_FOR_CREDITING for row in lookup.table.rows)
    ]
    unknown += [
        f"limits: {limit.title.zh}"
        for limit in methodology.limits
        if limit.evidence in NOT_FOR_CREDITING
    ]
    if not methodology.enabled:
        standing = "disabled"
    elif not methodology.in_force_on(day):
        standing = "not_in_force"
    elif "issuable" not in methodology.results:
        standing = "calculation"
    else:
        standing = "creditable" if methodology.creditable and not unknown else "waiting"
    return Standing(
        methodology.code,
        methodology.version,
        methodology.kind,
        "",
        methodology.status.equations,
        standing,
        methodology.regions if standing == "creditable" else (),
        tuple(unknown),
    )
