"""How much of the library is known, and what may be credited today: counted, never claimed.

Every methodology falls into exactly one standing: `creditable` somewhere today; `waiting` for
values nobody stands for yet; `calculation`, a tool or comparison that issues nothing by itself;
`not_in_force` by its days or its life; `disabled` by its own file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .integer import compile as compile_form
from .methodology import EQUATION_STATUS, Methodology
from .project.checks import closure, every_name
from .project.nouns import NOT_FOR_CREDITING, ProjectMethodology

STANDINGS = ("creditable", "waiting", "calculation", "not_in_force", "disabled")


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
        """What may be credited that day."""
        return tuple(each for each in self.methodologies if each.standing == "creditable")


def library_status(
    methodologies: Iterable[Methodology], projects: Iterable[ProjectMethodology], *, day: int
) -> LibraryStatus:
    """The standing of each methodology of either kind on `day` (a day number), and the counts."""
    found = (
        *(_standing(each, day) for each in methodologies),
        *(_project_standing(each, day) for each in projects),
    )
    equations = Counter(each.equations for each in found)
    standings = Counter(each.standing for each in found)
    return LibraryStatus(
        found,
        {name: equations[name] for name in EQUATION_STATUS},
        {name: standings[name] for name in STANDINGS},
    )


def _standing(methodology: Methodology, day: int) -> Standing:
    cells = compile_form(methodology).cells
    where = {
        cell.region
        for cell in cells
        if cell.first_day <= day and (cell.end_day is None or day < cell.end_day)
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
    else:
        standing = "creditable" if where else "waiting"
    return Standing(
        methodology.code,
        methodology.version,
        methodology.kind,
        methodology.scene,
        methodology.status.equations,
        standing,
        tuple(sorted(where)) if standing == "creditable" else (),
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
