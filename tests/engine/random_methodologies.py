"""Random methodologies as hypothesis strategies: typed trees, so that units always agree.

Regions, classes and days are drawn so that some records have no cell; values and literals are
drawn so that exact halves of a milligram, negative results and failing clauses all occur. Step
tables, classes of two facets, fields of own history, groups and eight quantities occur as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import strategies as st

from tanhui.engine.methodology import Methodology

from .executors import Case

UNITS = ("km", "kWh", "ride", "1")
REGIONS = ("420100", "420106", "110000")
CLASSES = ("", "suv", "van", "self", "suv+self", "self+van", "suv+van", "suv+other", "a+self+suv")
DAYS = (20_000, 19_723, 20_088, 20_089, 20_818, 19_358, 19_722, 20_819)  # and one day outside

COUNTS_MAX = (1, 10, 1_000, 300_000, 10**6, 10**9, 10**12, 10**15)
STARTS = ("-1", "0", "0.001", "0.5", "1", "2.25", "7", "300", "1000.3")
LITERALS = ("0", "0.5", "1", "2", "3", "7", "0.0005", "1.25", "1000", "0.3")


@dataclass
class Draft:
    """What one random methodology has declared so far."""

    fields: list[tuple[str, bool]] = field(default_factory=list)  # unit, min above zero
    parameters: dict[str, tuple[str, bool]] = field(default_factory=dict)  # unit, positive
    tables: dict[str, tuple[str, str]] = field(default_factory=dict)  # unit, of which unit
    equations: dict[str, str] = field(default_factory=dict)


class Writer:
    """Writes random expressions of a wanted dimension."""

    def __init__(self, draw: st.DrawFn, draft: Draft) -> None:
        self.draw = draw
        self.draft = draft

    def choose(self, *options: str) -> str:
        return self.draw(st.sampled_from(options))

    def parameter(self, unit: str, *, positive: bool = False) -> str:
        """A parameter of that unit, an old one or a new one."""
        wanted = (unit, positive)
        old = [name for name, each in self.draft.parameters.items() if each == wanted]
        if old and self.draw(st.booleans()):
            return self.choose(*old)
        name = f"p{len(self.draft.parameters)}"
        self.draft.parameters[name] = wanted
        return name

    def table(self, unit: str, at: int) -> str:
        """A call of a step table that gives `unit`, by field `at`."""
        wanted = (unit, self.draft.fields[at][0])
        old = [name for name, each in self.draft.tables.items() if each == wanted]
        if not old or self.draw(st.booleans()):
            old = [f"s{len(self.draft.tables)}"]
            self.draft.tables[old[0]] = wanted
        quantity = self.choose(f"f{at}", f"f{at} * 2", f"(f{at} - f{at} / 3)")
        return f"{self.choose(*old)}({quantity})"

    def literal(self) -> str:
        return self.choose(*LITERALS)

    def field_index(self) -> int:
        return self.draw(st.integers(0, len(self.draft.fields) - 1))

    def carbon(self, depth: int) -> str:
        """A mass of CO2e."""
        if depth == 0:
            return self._carbon_leaf()
        below = depth - 1
        match self.choose("leaf", "sum", "scale", "over", "extreme", "case", "minus", "equation"):
            case "sum":
                sign = self.choose("+", "-")
                return f"({self.carbon(below)} {sign} {self.carbon(below)})"
            case "scale":
                return f"{self.carbon(below)} * ({self.number(below)})"
            case "over":
                return f"({self.carbon(below)}) / {self.divisor()}"
            case "extreme":
                third = self.choose("", ", 0", f", {self.carbon(0)}")
                op = self.choose("min", "max")
                return f"{op}({self.carbon(below)}, {self.carbon(below)}{third})"
            case "case":
                then, other = self.carbon(below), self.carbon(below)
                return f"({then} if {self.condition(below)} else {other})"
            case "minus":
                return f"(-{self.carbon(0)})"
            case "equation" if self.draft.equations:
                return self.choose(*self.draft.equations)
            case _:
                return self._carbon_leaf()

    def _carbon_leaf(self) -> str:
        match self.choose("rate", "rate", "rate", "stepped", "literal", "parameter"):
            case "stepped":
                return self.table("gCO2e", self.field_index())
            case "literal":
                return f"{self.literal()}*{self.choose('gCO2e', 'mgCO2e', 'kgCO2e')}"
            case "parameter":
                return self.parameter("gCO2e")
            case _:
                at = self.field_index()
                unit = self.draft.fields[at][0]
                return f"f{at} * {self.parameter('gCO2e' if unit == '1' else f'gCO2e/{unit}')}"

    def number(self, depth: int) -> str:
        """A plain number."""
        if depth == 0:
            return self.choose(self.literal(), self.parameter("1"), self.share())
        below = depth - 1
        match self.choose("leaf", "sum", "product", "over", "extreme", "case"):
            case "sum":
                return f"({self.number(below)} {self.choose('+', '-')} {self.number(below)})"
            case "product":
                return f"{self.number(below)} * {self.number(0)}"
            case "over":
                return f"({self.number(below)}) / {self.divisor()}"
            case "extreme":
                return f"{self.choose('min', 'max')}({self.number(below)}, {self.number(0)})"
            case "case":
                return f"({self.number(0)} if {self.condition(below)} else {self.number(0)})"
            case _:
                return self.number(0)

    def share(self, at: int | None = None) -> str:
        """A field over its own unit."""
        at = self.field_index() if at is None else at
        unit = self.draft.fields[at][0]
        return f"f{at}" if unit == "1" else f"(f{at} / (1*{unit}))"

    def divisor(self) -> str:
        """A plain number that is never zero."""
        options = ["3", "0.7", "2", self.parameter("1", positive=True)]
        for at, (unit, is_positive) in enumerate(self.draft.fields):
            if is_positive:
                options.append(f"f{at}" if unit == "1" else f"(f{at} / (1*{unit}))")
        return self.choose(*options)

    def condition(self, depth: int) -> str:
        """A condition."""
        below = max(depth - 1, 0)
        match self.choose("carbon", "number", "field", "chain", "logic", "not"):
            case "carbon":
                return f"{self.carbon(below)} {self.sign()} {self.carbon(below)}"
            case "number":
                return f"{self.number(below)} {self.sign()} {self.number(0)}"
            case "chain":
                low, high = self.threshold(), self.threshold()
                return f"({low} {self.sign()} f0 {self.sign()} {high})"
            case "logic" if depth:
                word = self.choose("and", "or")
                return f"({self.condition(below)} {word} {self.condition(below)})"
            case "not" if depth:
                return f"(not {self.condition(below)})"
            case _:
                return f"f0 {self.sign()} {self.threshold()}"

    def threshold(self) -> str:
        """Something in the unit of the first field."""
        unit = self.draft.fields[0][0]
        own = self.literal() if unit == "1" else f"{self.literal()}*{unit}"
        return self.choose(own, self.parameter(unit))

    def sign(self) -> str:
        return self.choose("<", "<=", ">", ">=", "==", "!=")


@st.composite
def methodology_texts(draw: st.DrawFn) -> str:
    """The text of a random methodology file."""
    draft = Draft()
    field_lines = []
    for at in range(draw(st.sampled_from((1, 2, 3, 5, 6)))):
        unit, is_positive = draw(st.sampled_from(UNITS)), draw(st.booleans())
        draft.fields.append((unit, is_positive))
        field_lines.append(_field_line(draw, at, unit=unit, is_positive=is_positive))
    term_lines, members = [], ""
    if len(draft.fields) < 6 and draw(st.integers(0, 3)) == 3:
        members = f"f{len(draft.fields)}"
        draft.fields.append(("person", True))
        field_lines.append(
            f"  {members}: {{name: {{zh: 人, en: people}}, unit: person, step: 1, min: 1, max: 9}}"
        )
        term_lines.append(f"group: {{members: {members}}}")
    if draw(st.booleans()):
        term_lines.append(_history_line(draw, draft))
    writer = Writer(draw, draft)
    depth = draw(st.integers(0, 4))
    for at in range(draw(st.integers(0, 2))):
        draft.equations[f"part{at}"] = writer.carbon(min(depth, 2))
    unused = "".join(
        f" + 0*gCO2e * {writer.share(at)}" for at in range(len(draft.fields))
    ) + "".join(f" + 0 * {name}" for name in draft.equations)
    shared = f" / ({members} / (1*person))" if members else ""
    draft.equations["reduction"] = f"({writer.carbon(depth)}){shared}{unused}"
    clauses = [writer.condition(1) for _ in range(draw(st.integers(0, 2)))]
    rounding = draw(st.sampled_from(("half_away", "down")))
    lines = [
        "methodology: random-one\nversion: '1'\ntitle: {zh: 随机, en: random}\nkind: behaviour",
        "scene: random\nregions: ['420100']",
        "effective: {from: 2023-01-01, to: 2027-01-01, zone: '+08:00'}",
        "status: {equations: template, source: none, note: {zh: 试, en: test}}",
        "fields:",
        *field_lines,
        "parameters:" if draft.parameters or draft.tables else "parameters: {}",
        *(
            _parameter_lines(draw, name, unit=u, positive=p)
            for name, (u, p) in draft.parameters.items()
        ),
        *(_table_lines(draw, name, unit=u, of=of) for name, (u, of) in draft.tables.items()),
        *([f"applies: {' and '.join(f'({clause})' for clause in clauses)}"] if clauses else []),
        "equations:",
        *(f"  {name}: {text}" for name, text in draft.equations.items()),
        f"result: {{of: reduction, unit: mgCO2e, round: {rounding}}}",
        "duplicates: {id: [source, external_id], overlap: none, order: arrival}",
        "allocation: {person: 100%}",
        "disabled: {zh: 试, en: test}",
        *term_lines,
        "examples: [{given: {region: '110000', at: 2024-01-01, "
        + ", ".join(f"f{at}: 1" for at in range(len(draft.fields)))
        + "}, expect: {no_parameter: true}}]",
    ]
    return "\n".join(_drop_unused(lines, draft))


def _drop_unused(lines: list[str], draft: Draft) -> list[str]:
    """Leave out parameters that the final text never names."""
    used = " ".join(draft.equations.values()) + " ".join(
        line for line in lines if line.startswith("applies")
    )
    words = set("".join(c if c.isalnum() else " " for c in used).split())
    law = {*draft.parameters, *draft.tables}
    unused = law - words
    kept = [
        line for line in lines if not (line.startswith("  ") and line.split(":")[0][2:] in unused)
    ]
    if unused == law:
        kept = ["parameters: {}" if line == "parameters:" else line for line in kept]
    return kept


def _history_line(draw: st.DrawFn, draft: Draft) -> str:
    """Own history of the first field: its sum and number of periods are fields like any other."""
    at = len(draft.fields)
    kind = draw(st.sampled_from(("days", "months", "same_period_years")))
    count = draw(st.integers(1, 7))
    at_least = draw(st.integers(0, count))
    draft.fields += [(draft.fields[0][0], False), ("1", at_least > 0)]
    return (
        f"history: {{own: {{of: f0, window: {{{kind}: {count}}}, at_least: {at_least}, "
        f"gives: {{sum: f{at}, count: f{at + 1}}}}}}}"
    )


def _field_line(draw: st.DrawFn, at: int, *, unit: str, is_positive: bool) -> str:
    places = draw(st.integers(0, 3))
    highest = draw(st.sampled_from(COUNTS_MAX))
    lowest = 1 if is_positive else draw(st.sampled_from((0, 0, -5)))
    step = "1" if places == 0 else "0." + "1".rjust(places, "0")
    low, high = (f"{count}e-{places}" for count in (lowest, (1 + highest) * 10**places))
    low, high = (_plain(text) for text in (low, high))
    return (
        f"  f{at}: {{name: {{zh: 量, en: field}}, unit: '{unit}', step: {step}, "
        f"min: {low}, max: {high}}}"
    )


def _plain(text: str) -> str:
    """`-5e-3` as -0.005."""
    number, _, places_text = text.partition("e-")
    places = int(places_text)
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    if places == 0:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _parameter_lines(draw: st.DrawFn, name: str, *, unit: str, positive: bool) -> str:
    spans = draw(
        st.sampled_from(
            (
                ["from: 2023-01-01"],
                ["from: 2023-01-01, to: 2025-01-01", "from: 2025-01-01"],
                ["from: 2024-01-01"],
            )
        )
    )
    values = [
        f"{{{place}{span}, {_value(draw, positive=positive)}, source: none}}"
        for place in _places(draw)
        for span in spans
    ]
    return (
        f"  {name}: {{name: {{zh: 参, en: parameter}}, unit: '{unit}', "
        f"values: [{', '.join(values)}]}}"
    )


def _places(draw: st.DrawFn) -> list[str]:
    """Where and for which classes values stand: the country, and a finer place or class."""
    finer = draw(
        st.sampled_from(
            (
                [("420100", "")],
                [("420100", "suv")],
                [("420106", "")],
                [("420100", "self"), ("420100", "van")],
                [("420100", "suv"), ("420106", "self"), ("100000", "self+suv")],
                [("100000", "suv+self")],
            )
        )
    )
    return [
        f"region: '{region}', {f'class: {class_}, ' if class_ else ''}"
        for region, class_ in (("100000", ""), *finer)
    ]


def _table_lines(draw: st.DrawFn, name: str, *, unit: str, of: str) -> str:
    """A parameter by steps; one place in forty is unknown."""
    values = []
    for place in _places(draw):
        content = "value: unknown, evidence: unknown"
        if draw(st.integers(0, 39)) < 39:
            starts = draw(st.lists(st.sampled_from(STARTS), min_size=1, max_size=5, unique=True))
            steps = ", ".join(
                f"{{from: {start}, value: {_number(draw)}}}"
                for start in sorted(starts, key=Fraction)
            )
            content = f"below: {_number(draw)}, steps: [{steps}], evidence: template"
        values.append(f"{{{place}from: 2023-01-01, {content}, source: none}}")
    return (
        f"  {name}: {{name: {{zh: 表, en: table}}, unit: '{unit}', of: '{of}', "
        f"values: [{', '.join(values)}]}}"
    )


def _number(draw: st.DrawFn) -> str:
    return _plain(f"{draw(st.integers(-2_000, 90_000))}e-{draw(st.sampled_from((0, 1, 2, 4)))}")


def _value(draw: st.DrawFn, *, positive: bool) -> str:
    if draw(st.integers(0, 39)) == 39:
        return "value: unknown, evidence: unknown"
    places = draw(st.sampled_from((0, 1, 2, 4, 9)))
    count = draw(st.integers(1 if positive else -2_000, 90_000))
    return f"value: {_plain(f'{count}e-{places}')}, evidence: template"


def cases_of(methodology: Methodology) -> st.SearchStrategy[list[Case]]:
    """Records at the bounds and between, in and out of the cells."""
    counts = st.tuples(
        *(
            st.one_of(
                st.sampled_from(sorted({low, low + 1, max(low, min(0, high)), high - 1, high})),
                st.integers(low, high),
            )
            for low, high in ((each.min_count, each.max_count) for each in methodology.fields)
        )
    )
    case = st.builds(
        Case,
        st.sampled_from(REGIONS[:2] * 6 + REGIONS[2:]),
        st.sampled_from(CLASSES),
        st.sampled_from(DAYS),
        counts,
    )
    return st.lists(case, min_size=25, max_size=25)
