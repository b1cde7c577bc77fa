"""Reading the inputs of a monitoring file: one value for each member, in a unit that converts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import product

from ..expression import Expression, Name, parts
from ..problems import Mistake, Problems
from ..section import Section, exact_decimal, nearest, scalar_text
from ..units import Unit, parse_unit
from ..yamlfile import Mapping as YamlMapping
from ..yamlfile import Node, Scalar
from .arithmetic import decimal_of
from .formula import Indexed
from .members import Member, read_member
from .monitoring import Given
from .nouns import YEAR_ENDS, Input, ProjectMethodology
from .surveys import interpolate, shown_index

COMBINATIONS_MAX = 100_000
MISSING = "missing"


@dataclass
class _Values:
    """What is gathered while one input is read."""

    values: dict[tuple[Member, ...], Decimal | str] = field(default_factory=dict)
    written: dict[tuple[Member, ...], str] = field(default_factory=dict)
    missing: dict[tuple[Member, ...], str] = field(default_factory=dict)


class InputReader:
    """Reads inputs over the sets of one monitoring file."""

    def __init__(
        self,
        methodology: ProjectMethodology,
        sets: Mapping[str, tuple[Member, ...]],
        problems: Problems,
    ) -> None:
        self.methodology, self.sets, self.problems = methodology, sets, problems
        self.choices = word_choices(methodology)

    def read(self, wanted: Input, node: Node) -> Given:
        """One input; raises `Unreadable` with its mistakes noted."""
        section = _input_section(wanted, node, self.problems)
        gathered = _Values()
        unit = None if wanted.unit is None else self._read_unit(wanted, section)
        key = "values" if wanted.over else "value"
        self._gather(wanted, unit, section.node(key), (), gathered)
        if wanted.gap_max is None:
            self._refuse_gaps_in_sets(wanted, section, gathered)
        self._substitute(wanted, section, gathered)
        surveyed = frozenset(gathered.values) if wanted.gap_max is not None else frozenset()
        if wanted.gap_max is not None:
            with self.problems.part(section.where):
                interpolate(wanted, self.sets, gathered.values)
        evidence = section.words("evidence") if "evidence" in section else ()
        if wanted.needs_evidence and not evidence:
            raise self.problems.stop(
                section.where,
                zh=f"输入 {wanted.name} 需要证明文件；请写 evidence: [文件名]。",
                en=f"input {wanted.name} needs evidence; write evidence: [file name]",
            )
        return Given(
            values=gathered.values,
            written=gathered.written,
            surveyed=surveyed,
            substituted=gathered.missing,
            source=section.optional_text("source"),
            evidence=evidence,
        )

    def _read_unit(self, wanted: Input, section: Section) -> Unit:
        assert wanted.unit is not None
        try:
            unit = parse_unit(section.text("unit"))
        except Mistake as mistake:
            raise self.problems.stop(section.at("unit"), zh=mistake.zh, en=mistake.en) from None
        if unit.dimension != wanted.unit.dimension:
            raise self.problems.stop(
                section.at("unit"),
                zh=f"输入 {wanted.name} 的单位 {unit.text} 不符，应为 {wanted.unit.text} "
                "或可换算的单位；请改正。",
                en=f"input {wanted.name} is given in {unit.text} but must be in "
                f"{wanted.unit.text} or a unit that converts to it; correct it",
            )
        return unit

    def _gather(
        self,
        wanted: Input,
        unit: Unit | None,
        node: Node,
        at: tuple[Member, ...],
        into: _Values,
    ) -> None:
        if len(at) == len(wanted.over):
            with self.problems.part():
                self._gather_one(wanted, unit, node, at, into)
            return
        set_ = self.methodology.sets[wanted.over[len(at)]]
        if not isinstance(node, YamlMapping):
            raise self.problems.stop(
                node.where,
                zh=f"输入 {wanted.name} 应按 {set_.name} 逐项给出，写成“成员: 值”。",
                en=f"input {wanted.name} is given per member of {set_.name}: write 'member: value'",
            )
        for text, entry in node.entries.items():
            with self.problems.part():
                member = read_member(text, set_.kind)
                surveyed = wanted.gap_max is not None and set_.name == YEAR_ENDS
                if member is None or (not surveyed and member not in self.sets[set_.name]):
                    known = [str(each) for each in self.sets[set_.name]]
                    close = nearest(text, known)
                    hint = f"did you mean '{close}'?" if close else f"it has: {', '.join(known)}"
                    hint_zh = f"是否想写“{close}”？" if close else f"已有：{'、'.join(known)}。"
                    raise self.problems.stop(
                        node.lines[text],
                        zh=f"输入 {wanted.name}：“{text}”不是 {set_.name} 的成员；{hint_zh}",
                        en=f"input {wanted.name}: '{text}' is no member of {set_.name}; {hint}",
                    )
                self._gather(wanted, unit, entry, (*at, member), into)

    def _gather_one(
        self,
        wanted: Input,
        unit: Unit | None,
        node: Node,
        at: tuple[Member, ...],
        into: _Values,
    ) -> None:
        what = f"{wanted.name}{shown_index(at)}"
        if isinstance(node, YamlMapping):
            part = Section(node, self.problems, what=what, required=(MISSING,))
            self._note_missing(wanted, part, at, into)
            return
        text = scalar_text(node, self.problems, what=what)
        if unit is None:
            choices = self.choices.get(wanted.name) or wanted.choices
            if choices and text not in choices:
                close = nearest(text, choices)
                hint = f"did you mean '{close}'?" if close else f"known: {', '.join(choices)}"
                hint_zh = f"是否想写“{close}”？" if close else f"已有：{'、'.join(choices)}。"
                raise self.problems.stop(
                    node.where,
                    zh=f"{what} 不认识“{text[:40]}”；{hint_zh}",
                    en=f"{what} does not know '{text[:40]}'; {hint}",
                )
            into.values[at] = into.written[at] = text
            return
        try:
            value = exact_decimal(text)
        except Mistake as mistake:
            raise self.problems.stop(
                node.where, zh=f"{what}：{mistake.zh}", en=f"{what}: {mistake.en}"
            ) from None
        self._refuse_outside(wanted, unit, value, node, what)
        into.values[at] = decimal_of(value * unit.factor)
        into.written[at] = text if unit.text == "1" else f"{text} {unit.text}"

    def _refuse_outside(
        self, wanted: Input, unit: Unit, value: Fraction, node: Node, what: str
    ) -> None:
        assert wanted.unit is not None
        own = value * unit.factor / wanted.unit.factor
        low = Fraction(0) if wanted.minimum is None else wanted.minimum
        if own < low or (wanted.maximum is not None and own > wanted.maximum):
            highest = "" if wanted.maximum is None else str(decimal_of(wanted.maximum))
            span_zh = f"不小于 {decimal_of(low)}" + (highest and f"、不大于 {highest}")
            span = f"at least {decimal_of(low)}" + (highest and f" and at most {highest}")
            raise self.problems.stop(
                node.where,
                zh=f"{what} 应{span_zh} {wanted.unit.text}；请核对。",
                en=f"{what} must be {span} {wanted.unit.text}; check it",
            )

    def _note_missing(
        self, wanted: Input, section: Section, at: tuple[Member, ...], into: _Values
    ) -> None:
        if wanted.missing is None:
            raise self.problems.stop(
                section.where,
                zh=f"{wanted.name} 没有缺测替代规则，不能写 missing；请补测或改用有规则的方法学。",
                en=f"{wanted.name} has no rule for missing data, so it cannot be missing; "
                "give the value",
            )
        into.missing[at] = section.text(MISSING)

    def _refuse_gaps_in_sets(self, wanted: Input, section: Section, found: _Values) -> None:
        every = [self.sets[name] for name in wanted.over]
        count = 1
        for members in every:
            count *= len(members)
        if count > COMBINATIONS_MAX:
            raise self.problems.stop(
                section.where,
                zh=f"输入 {wanted.name} 超过 {COMBINATIONS_MAX} 个值；请拆分项目。",
                en=f"input {wanted.name} has more than {COMBINATIONS_MAX} values; "
                "split the project",
            )
        absent = [
            at for at in product(*every) if at not in found.values and at not in found.missing
        ]
        if absent and not self.problems.found:
            shown = "、".join(shown_index(at) or wanted.name for at in absent[:5])
            raise self.problems.stop(
                section.where,
                zh=f"输入 {wanted.name} 缺 {len(absent)} 个值：{shown}；请补上。",
                en=f"input {wanted.name} lacks {len(absent)} values: {shown}; add them",
            )

    def _substitute(self, wanted: Input, section: Section, found: _Values) -> None:
        if not found.missing:
            return
        assert wanted.missing is not None
        assert wanted.unit is not None
        given = [value for value in found.values.values() if isinstance(value, Decimal)]
        for at in found.missing:
            if wanted.missing.value is not None:
                value = decimal_of(wanted.missing.value * wanted.unit.factor)
            elif given:
                value = min(given) if wanted.missing.use == "lowest" else max(given)
            else:
                raise self.problems.stop(
                    section.where,
                    zh=f"输入 {wanted.name} 全部缺测，无从替代；请补测。",
                    en=f"every value of {wanted.name} is missing; give at least one",
                )
            found.values[at] = value
            found.written[at] = MISSING


def _input_section(wanted: Input, node: Node, problems: Problems) -> Section:
    """The mapping of one input; a single value may be written `1000 MWh` or a word."""
    what = f"input {wanted.name}"
    if isinstance(node, Scalar) and not wanted.over:
        number, _, unit = node.text.strip().partition(" ")
        entries: dict[str, Node] = {"value": node}
        if wanted.unit is not None:
            entries = {
                "value": Scalar(node.where, number),
                "unit": Scalar(node.where, unit.strip() or "1"),
            }
        node = YamlMapping(node.where, entries, dict.fromkeys(entries, node.where))
    key = "values" if wanted.over else "value"
    required = (key,) if wanted.unit is None else (key, "unit")
    return Section(
        node, problems, what=what, required=required, optional=("source", "evidence", "note")
    )


def word_choices(methodology: ProjectMethodology) -> dict[str, tuple[str, ...]]:
    """What a word input may be: the keys of the tables it is used to look up."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(expression: Expression) -> None:
        if isinstance(expression, Indexed) and expression.name in methodology.lookups:
            lookup = methodology.lookups[expression.name]
            for key, part in zip(lookup.keys, expression.at, strict=False):
                if isinstance(part, Name | Indexed) and part.name in methodology.inputs:
                    members = lookup.table.members(key)
                    have = found.get(part.name, members)
                    found[part.name] = tuple(word for word in have if word in members)
        for part in parts(expression):
            walk(part)

    for equation in methodology.equations.values():
        walk(equation.expression)
    for name, given in methodology.inputs.items():
        if given.choices:
            allowed = found.get(name, given.choices)
            found[name] = tuple(word for word in given.choices if word in allowed)
    return found
