"""The nouns of a methodology file, checked and exact; made by `loader`, never by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal

from .expression import Expression
from .facets import classes_within, facets
from .life import Life
from .problems import Where
from .record import Record
from .section import Text
from .steps import Known, StepTable
from .terms import Allocation, Cap, Claim, Exclusion, Group, History
from .units import Unit

QUANTITY_SLOTS = 8  # quantities travel as whole-number columns q0..q7, in field order
CLAUSES_MAX = 32

EVIDENCE = (
    "official",
    "published",
    "seed",
    "derived",
    "borrowed",
    "template",
    "unconfirmed",
    "unknown",
)
UNUSABLE = (
    "unconfirmed",
    "recalled",
    "unknown",
)  # shown, never calculated with, until somebody stands for it
EQUATION_STATUS = ("official", "published_summary", "inferred", "template", "name_only")
EQUATIONS_NOT_FOR_CREDITING = ("template", "name_only")  # nobody's text: nothing is issued by them
ROUNDING = ("half_away", "down")
SKELETON = ("boundary", "baseline", "leakage", "monitoring", "data_quality")

CODE_QUANTIFIED = 0
CODE_NO_PARAMETER = 1
CODE_FIRST_CLAUSE = 2  # 2 + k: the k-th clause does not hold
CODE_HISTORY_SHORT = 254  # fewer earlier periods than a history asks for
CODE_NEGATIVE = 255

Rounding = Literal["half_away", "down"]


@dataclass(frozen=True)
class Field:
    """A quantity of the record, kept as a whole count of `step`."""

    name: str
    title: Text
    unit: Unit
    step: Fraction  # in `unit`
    min_count: int  # in steps, both ends belong
    max_count: int
    derived: bool = False  # filled from the person's own history, never sent by a partner

    @property
    def column(self) -> str:
        """The column of the canonical feed, such as `distance_km`."""
        return column_name(self.name, self.unit.text)

    @property
    def base_per_count(self) -> Fraction:
        """Base units in one step."""
        return self.step * self.unit.factor


def column_name(name: str, unit_text: str) -> str:
    """The canonical column of a field.

    >>> column_name("energy", "kWh"), column_name("share", "1")
    ('energy_kwh', 'share_1')
    """
    unit = "".join(letter if letter.isalnum() else "_" for letter in unit_text.lower())
    return f"{name}_{unit}"


@dataclass(frozen=True)
class Filled:
    """Who filled a value in, on which day, in which overlay."""

    by: str
    day: int
    file: str


@dataclass(frozen=True)
class ParameterValue:
    """A number of law: where and when it holds, who says so, and how well that is known.

    `value` is in the parameter's unit; None is an honest unknown. A value that is `unconfirmed`
    was only relayed by others: it is shown and, like an unknown one, never calculated with.
    """

    region: str
    class_: str  # facets joined by "+"; "" holds for every class without a value of its own
    first_day: int
    end_day: int | None
    value: Fraction | None
    source: str
    source_url: str | None
    evidence: str
    note: Text | None
    filled: Filled | None = None  # by an overlay, where the methodology left it open
    steps: StepTable | None = None  # in place of `value` where the parameter is a table of steps

    @property
    def content(self) -> Known | None:
        """The number or the steps, in the parameter's units; None is unknown."""
        return self.value if self.steps is None else self.steps

    @property
    def usable(self) -> bool:
        """Whether it may be calculated with."""
        return self.content is not None and self.evidence not in UNUSABLE

    def holds_on(self, day: int) -> bool:
        """Whether the value is in force that day."""
        return self.first_day <= day and (self.end_day is None or day < self.end_day)


@dataclass(frozen=True)
class Parameter:
    """A named value with its unit; `factor` names the shared table it comes from, if any.

    A parameter with an `argument` is a table of steps by a quantity of that unit.
    """

    name: str
    title: Text
    unit: Unit
    values: tuple[ParameterValue, ...]
    factor: str | None
    argument: Unit | None = None

    @cached_property
    def classes(self) -> frozenset[str]:
        """Every class that a value names."""
        return frozenset(entry.class_ for entry in self.values)

    @cached_property
    def _entries(self) -> dict[tuple[str, str], list[ParameterValue]]:
        found: dict[tuple[str, str], list[ParameterValue]] = {}
        for entry in self.values:
            found.setdefault((entry.region, entry.class_), []).append(entry)
        return found

    def value_for(self, lineage: tuple[str, ...], class_: str, day: int) -> ParameterValue | None:
        """The entry in force: nearest region first, there the class with most facets.

        None too where the record's facets meet two values and the law says neither comes first.
        """
        wanted = classes_within(self.classes, class_)
        for region in lineage if wanted else ():
            held: list[ParameterValue] = []
            for each in wanted or ():
                if held and len(facets(each)) < len(facets(held[0].class_)):
                    break
                entries = self._entries.get((region, each), ())
                held += (entry for entry in entries if entry.holds_on(day))
            if held:
                return held[0] if len(held) == 1 else None
        return None

    def in_base(self, content: Known) -> Known:
        """A number or steps of this parameter in base units."""
        if isinstance(content, StepTable):
            assert self.argument is not None
            return content.in_base(argument=self.argument.factor, value=self.unit.factor)
        return content * self.unit.factor


@dataclass(frozen=True)
class Equation:
    """A named formula; `unit` is what its value is shown in."""

    name: str
    source: str
    expression: Expression
    unit: Unit
    where: Where


@dataclass(frozen=True)
class Clause:
    """One condition of `applies`; the first that fails is named in the answer."""

    source: str
    expression: Expression


@dataclass(frozen=True)
class Status:
    """How far the issuer's own text has been seen."""

    equations: str
    note: Text
    source: str
    source_url: str | None


@dataclass(frozen=True)
class Reward:
    """What a scheme pays besides counting carbon: shown and worked out, never posted."""

    of: str  # an equation
    unit: Unit


@dataclass(frozen=True)
class Stated:
    """A step of a worked case as somebody printed it: equal when rounded to the same places."""

    number: Fraction
    places: int
    unit: Unit


@dataclass(frozen=True)
class Example:
    """A worked case: what goes in and what must come out.

    `illustration` are values the case is worked with in place of the parameters' own, in the
    parameters' units; they show the arithmetic and are never credited with.
    """

    given: Record
    mg: int
    code: int
    note: str | None
    where: Where
    illustration: Mapping[str, Fraction] = field(default_factory=dict)
    values: Mapping[str, Stated] = field(default_factory=dict)
    reference: str | None = None


@dataclass(frozen=True, eq=False)
class Methodology:
    """One version of one methodology. Two are the same when code, version and digest are."""

    code: str
    version: str
    digest: str  # sha256 hex of the file and the factor tables it uses
    scene: str
    kind: str
    title: Text
    regions: tuple[str, ...]
    first_day: int
    end_day: int | None
    offset_min: int
    status: Status
    disabled: Text | None  # the reason, when shown but never applied
    skeleton: Mapping[str, Text]
    fields: tuple[Field, ...]  # in the order of their columns; those of history come last
    parameters: Mapping[str, Parameter]
    clauses: tuple[Clause, ...]
    equations: Mapping[str, Equation]  # each after the ones it uses
    result_of: str
    round: Rounding
    caps: tuple[Cap, ...]
    history: tuple[History, ...]
    exclusive_with: tuple[Exclusion, ...]
    claim: Claim | None
    allocation: Allocation
    group: Group | None
    overlap: bool  # two records of a person and mode that overlap in time are one event
    examples: tuple[Example, ...]
    file: str
    reward: Reward | None = None
    life: Life | None = None
    overlay: str | None = None  # the file that filled values in, part of the digest
    texts: tuple[tuple[str, bytes], ...] = ()  # (place in the library, bytes) that the digest is of
    lines: Mapping[str, Where] = field(default_factory=dict)  # where each block of the file starts

    @property
    def enabled(self) -> bool:
        """Whether it may be applied at all; an unfilled region or day may still stop it."""
        return self.disabled is None

    @property
    def inclusion_only(self) -> bool:
        """Whether what it gives may at most be counted and rewarded, and never issued as credits.

        Its equations are a template's: it is applied only where a rule set names it
        (`Library.admits`), and every result and receipt says so.
        """
        return self.status.equations in EQUATIONS_NOT_FOR_CREDITING

    @property
    def reported_fields(self) -> tuple[Field, ...]:
        """What a partner's record carries; the other fields come from history."""
        return tuple(field for field in self.fields if not field.derived)

    @property
    def cap(self) -> Cap | None:
        """The cap of a mass per person, own scene and day, if there is one."""
        own = (self.scene,)
        return next(
            (
                each
                for each in self.caps
                if each.max_mg is not None and (each.per, each.scenes) == ("day", own)
            ),
            None,
        )

    @property
    def cap_mg_per_day(self) -> int | None:
        """The daily cap per person and scene, if there is one."""
        return None if self.cap is None else self.cap.max_mg

    @property
    def identity(self) -> tuple[str, str, str]:
        """What is stored with every result."""
        return self.code, self.version, self.digest

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((each for each in self.fields if each.name == name), None)

    def in_force_on(self, day: int) -> bool:
        """Whether `day` lies in the effective period."""
        return self.first_day <= day and (self.end_day is None or day < self.end_day)

    def creditable_on(self, day: int) -> bool:
        """Whether behaviour of that day may be credited: enabled, effective, and in force."""
        alive = self.life is None or self.life.creditable_on(day)
        return self.enabled and self.in_force_on(day) and alive

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Methodology) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)
