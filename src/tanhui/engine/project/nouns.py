"""The nouns of a project methodology file, checked; made by `loader`, never by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from ..expression import Expression
from ..life import Life
from ..methodology import (
    EQUATIONS_NOT_FOR_CREDITING,
    EVIDENCE,
    UNUSABLE,
    Parameter,
    Rounding,
    Status,
)
from ..problems import Where
from ..section import Text
from ..units import Unit
from .tables import Table

# `recalled`: the value was written from memory of a document nobody opened; as unknown as unknown
# for crediting, but good enough to show how the arithmetic goes.
PROJECT_EVIDENCE = (*EVIDENCE, "recalled")
NOT_FOR_CREDITING = ("template", *UNUSABLE)

SHAPES = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "other")
RESULTS = ("issuable", "buffer", "reversal")
WORLD = "900000"  # no country: international methodologies, and values that hold everywhere
YEARS = "years"
YEAR_ENDS = "year_ends"

SetKind = Literal["word", "year", "month"]
Over = tuple[tuple[str, str], ...]  # variable, set


@dataclass(frozen=True)
class SetOf:
    """A named set: strata, wastes, years. `members` is None where the monitoring file says."""

    name: str
    title: Text
    kind: SetKind
    members: tuple[str, ...] | None


@dataclass(frozen=True)
class Missing:
    """What stands in for a measurement that is missing: a value, or the lowest or highest given."""

    use: str  # value, lowest or highest
    value: Fraction | None  # in the input's unit
    note: Text


@dataclass(frozen=True)
class Input:
    """What the project reports: a quantity with a unit, or a word; one, or one per member."""

    name: str
    title: Text
    unit: Unit | None  # None: a word
    over: tuple[str, ...]
    minimum: Fraction | None
    maximum: Fraction | None
    choices: tuple[str, ...]  # for words; empty: any
    gap_max: int | None  # surveys at most this many years apart, interpolated; None: no surveys
    fixed: Literal["ex_ante", "monitored"]
    frequency: Text | None
    meter: Text | None
    missing: Missing | None
    needs_evidence: bool


@dataclass(frozen=True)
class ProjectParameter(Parameter):
    """A number of law; `per_year`: one for each monitoring year, used as `name[y]`."""

    per_year: bool = False


@dataclass(frozen=True)
class Lookup:
    """A column of a table under a name; `where` fixes keys, such as the GWP set or the calibre."""

    name: str
    table: Table
    column: str
    where: Mapping[str, str]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys an index must give, in order."""
        return tuple(key for key in self.table.keys if key not in self.where)

    @property
    def unit(self) -> Unit:
        """Of the values."""
        return self.table.columns[self.column].unit


@dataclass(frozen=True)
class ProjectEquation:
    """A named formula, once or for each member of its sets."""

    name: str
    title: Text
    unit: Unit
    over: Over
    source: str
    expression: Expression
    where: Where


@dataclass(frozen=True)
class Limit:
    """A condition on the results; when it fails the result is refused, or flagged."""

    title: Text
    over: Over
    source: str
    expression: Expression
    fails: Literal["refuse", "flag"]
    reference: str
    evidence: str
    where: Where


@dataclass(frozen=True)
class Question:
    """An applicability question the project answers, with files as evidence."""

    id: str
    text: Text
    wants: bool
    needs_evidence: bool
    reference: str


@dataclass(frozen=True)
class Alternative:
    """What the result would be with another formula for one symbol; shown, never issued."""

    id: str
    title: Text
    replaces: Mapping[str, tuple[str, Expression]]
    where: Where


@dataclass(frozen=True)
class ProjectMethodology:
    """One version of one project methodology."""

    code: str
    version: str
    digest: str  # sha256 hex of the file and the tables it uses
    title: Text
    shape: str
    regions: tuple[str, ...]
    first_day: int
    end_day: int | None
    status: Status
    disabled: Text | None
    skeleton: Mapping[str, Text]
    sets: Mapping[str, SetOf]
    inputs: Mapping[str, Input]
    parameters: Mapping[str, ProjectParameter]
    lookups: Mapping[str, Lookup]
    equations: Mapping[str, ProjectEquation]  # each after the ones it uses
    results: Mapping[str, str]  # issuable, buffer, reversal -> equation over years
    outputs: tuple[str, ...]  # further equations shown with the results
    subtotals: tuple[str, ...]  # equations over years and a set, summed per member
    vintage_round: Rounding
    whole_tonnes: bool  # issuance in whole tonnes, down
    limits: tuple[Limit, ...]
    applicability: tuple[Question, ...]
    alternatives: tuple[Alternative, ...]
    texts: Mapping[str, str]  # this file, its tables and its overlay, as they were read
    file: str
    life: Life | None = None
    overlay: str | None = None  # the file that filled unknown values in
    lines: Mapping[str, Where] = field(default_factory=dict)  # where each block of the file starts

    @property
    def kind(self) -> str:
        """As in the file."""
        return "project"

    @property
    def scene(self) -> str:
        """Lists show the shape where a behaviour has its scene."""
        return self.shape

    @property
    def enabled(self) -> bool:
        """Whether it may be used at all; crediting needs known values besides."""
        return self.disabled is None

    @property
    def identity(self) -> tuple[str, str, str]:
        """What is stored with every result."""
        return self.code, self.version, self.digest

    def is_for(self, lineage: tuple[str, ...]) -> bool:
        """Whether a place with these parents lies in its regions."""
        return any(code in self.regions for code in (*lineage, WORLD))

    @property
    def creditable(self) -> bool:
        """Whether its equations may be used for crediting; its values are judged one by one."""
        return self.enabled and self.status.equations not in EQUATIONS_NOT_FOR_CREDITING

    def in_force_on(self, day: int) -> bool:
        """Whether `day` lies in the effective period and the life, if the file tells one."""
        if self.life is not None and not self.life.creditable_on(day):
            return False
        return self.first_day <= day and (self.end_day is None or day < self.end_day)
