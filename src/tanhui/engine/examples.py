"""Worked examples: what the text of a methodology says a record gives, checked at every load."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from tanhui.core.errors import InputRefused
from tanhui.core.mass import round_half_away
from tanhui.core.period import day_number

from .expression import parse_expression
from .illustration import illustrated, steps_of
from .integer import compile as compile_form
from .methodology import (
    CODE_FIRST_CLAUSE,
    CODE_HISTORY_SHORT,
    CODE_NEGATIVE,
    CODE_NO_PARAMETER,
    CODE_QUANTIFIED,
    Clause,
    Example,
    Field,
    Methodology,
    Stated,
)
from .problems import Mistake, Problems, Unreadable
from .record import Record
from .reference import evaluate
from .rendering import number_text, render
from .section import Section, exact_decimal, nearest
from .units import parse_unit
from .yamlfile import Mapping, Node

EXAMPLES_MAX = 200
_WORDS = {"negative": CODE_NEGATIVE, "history.too_short": CODE_HISTORY_SHORT}
_WHOLE = re.compile(r"\d{1,19}", re.ASCII)


def read_examples(
    section: Section, fields: Sequence[Field], clauses: Sequence[Clause], *, key: str = "examples"
) -> tuple[Example, ...]:
    """The examples of a section, at least one; raises `Unreadable` when one cannot be read."""
    problems = section.problems
    nodes = section.items(key)
    if not 1 <= len(nodes) <= EXAMPLES_MAX:
        raise problems.stop(
            section.at(key),
            zh=f"{key} 应有 1 至 {EXAMPLES_MAX} 个算例；请补上。",
            en=f"{key} must hold 1 to {EXAMPLES_MAX} worked examples; add one",
        )
    before = len(problems.found)
    found = []
    for node in nodes:
        with problems.part():
            found.append(_read_example(node, problems, fields, clauses))
    if len(problems.found) > before:
        raise Unreadable
    return tuple(found)


def _read_example(
    node: Node, problems: Problems, fields: Sequence[Field], clauses: Sequence[Clause]
) -> Example:
    section = Section(
        node,
        problems,
        what="example",
        required=("given", "expect"),
        optional=("note", "illustration", "reference"),
    )
    names = tuple(field.name for field in fields)
    given = Section(
        section.node("given"),
        problems,
        what="given",
        required=("region", "at", *names),
        optional=("class",),
    )
    record = Record(
        region=given.region("region"),
        class_=given.optional_text("class") or "",
        day=day_number(given.day("at")),
        quantities={name: given.decimal(name) for name in names},
    )
    mg, code = _read_expected(section, clauses)
    return Example(
        record,
        mg,
        code,
        section.optional_text("note"),
        node.where,
        illustration=_read_illustration(section),
        values=_read_values(section),
        reference=section.optional_text("reference"),
    )


def _read_illustration(section: Section) -> dict[str, Fraction]:
    if "illustration" not in section:
        return {}
    node = section.node("illustration")
    part = Section(node, section.problems, what="illustration", required=("parameters",))
    values = part.node("parameters")
    if not isinstance(values, Mapping):
        raise section.problems.stop(
            part.at("parameters"),
            zh="illustration.parameters 应为“参数: 数值”；请写成 {参数: 0.13}。",
            en="illustration.parameters must map parameters to numbers; write {name: 0.13}",
        )
    known = Section(
        values, section.problems, what="illustration.parameters", optional=tuple(values.entries)
    )
    return {name: known.decimal(name) for name in values.entries}


def _read_values(section: Section) -> dict[str, Stated]:
    """`values: {baseline: 1.3 kgCO2e}` of `expect`: steps on the way, as printed."""
    expect = section.node("expect")
    if not isinstance(expect, Mapping) or not isinstance(expect.entries.get("values"), Mapping):
        return {}
    values = expect.entries["values"]
    assert isinstance(values, Mapping)
    part = Section(values, section.problems, what="values", optional=tuple(values.entries))
    return {name: _read_stated(part, name) for name in values.entries}


def _read_stated(part: Section, name: str) -> Stated:
    number, _, unit = part.text(name).partition(" ")
    try:
        places = len(number.partition(".")[2])
        return Stated(exact_decimal(number), places, parse_unit(unit.strip() or "1"))
    except Mistake as mistake:
        raise part.problems.stop(part.at(name), zh=mistake.zh, en=mistake.en) from None


def _read_expected(section: Section, clauses: Sequence[Clause]) -> tuple[int, int]:
    expect = Section(
        section.node("expect"),
        section.problems,
        what="expect",
        optional=("mg", "not_applicable", "no_parameter", "values"),
    )
    if len(set(expect.mapping.entries) - {"values"}) != 1:
        raise section.problems.stop(
            expect.where,
            zh="expect 应写 mg、not_applicable、no_parameter 之一；请只写一个。",
            en="expect must give one of mg, not_applicable, no_parameter; write one",
        )
    if "mg" in expect:
        text = expect.text("mg")
        if not _WHOLE.fullmatch(text):
            raise section.problems.stop(
                expect.at("mg"),
                zh="expect.mg 应为整毫克；请只写数字。",
                en="expect.mg must be whole milligrams; write digits only",
            )
        return int(text), CODE_QUANTIFIED
    if "no_parameter" in expect:
        return 0, CODE_NO_PARAMETER
    return 0, _clause_code(expect, clauses)


def _clause_code(expect: Section, clauses: Sequence[Clause]) -> int:
    text = expect.text("not_applicable")
    if text in _WORDS:
        return _WORDS[text]
    sources = [clause.source for clause in clauses]
    try:
        wanted = render(parse_expression(text))
    except Mistake:
        wanted = text
    if wanted not in sources:
        raise expect.problems.stop(
            expect.at("not_applicable"),
            zh=f"“{text[:60]}”不是 applies 的条件；可写：{'；'.join(sources)}；或 negative。",
            en=f"'{text[:60]}' is no clause of applies; there are: "
            f"{'; '.join(sources) or 'none'}; or write negative",
        )
    return CODE_FIRST_CLAUSE + sources.index(wanted)


def check_examples(
    methodology: Methodology, examples: Sequence[Example], problems: Problems
) -> None:
    """Each example must give what it states."""
    for example in examples:
        with problems.part(example.where):
            _check_example(methodology, example, problems)


def _check_example(methodology: Methodology, example: Example, problems: Problems) -> None:
    for name in example.illustration:
        if name not in methodology.parameters:
            close = nearest(name, methodology.parameters)
            raise Mistake(
                zh=f"算例的 illustration 写了不存在的参数“{name[:40]}”；已有：{close or '无'}。",
                en=f"the example's illustration names '{name[:40]}', which is no parameter; "
                f"did you mean '{close}'?",
            )
        if methodology.parameters[name].argument is not None:
            raise Mistake(
                zh=f"illustration 不能代替分段参数 {name}；请删去。",
                en=f"an illustration cannot stand for {name}, a table of steps; remove it",
            )
    worked = illustrated(methodology, example)
    try:
        outcome = evaluate(worked, example.given)
    except InputRefused as refused:
        raise Mistake(zh=f"算例：{refused.zh}", en=f"example: {refused.en}") from None
    compile_form(worked)  # what is known only in illustrations must be provable all the same
    if (outcome.mg, outcome.code) != (example.mg, example.code):
        stated = _told(methodology, example.mg, example.code)
        found = _told(methodology, outcome.mg, outcome.code)
        problems.add(
            example.where,
            zh=f"算例写的是 {stated}，计算得 {found}；请改正公式、参数或算例。",
            en=f"the example states {stated} but the result is {found}; correct the "
            "equation, the parameter or the example",
        )
    _check_values(worked, example, problems)


def _check_values(methodology: Methodology, example: Example, problems: Problems) -> None:
    steps = steps_of(methodology, example.given) if example.values else {}
    for name, stated in example.values.items():
        if name not in steps:
            raise Mistake(
                zh=f"算例写了 {name} 的值，但它不是公式或缺少参数；请改正名称或补上参数。",
                en=f"the example states {name}, which is no equation or lacks a parameter; correct "
                "the name or give the parameter",
            )
        if methodology.equations[name].unit.dimension != stated.unit.dimension:
            raise Mistake(
                zh=f"算例中 {name} 的单位 {stated.unit.text} 与公式不符；请改正单位。",
                en=f"the example gives {name} in {stated.unit.text}, which the equation is not; "
                "correct the unit",
            )
        exact = steps[name] / stated.unit.factor
        scale = 10**stated.places
        if round_half_away(exact * scale) != stated.number * scale:
            text = number_text(exact)
            problems.add(
                example.where,
                zh=f"算例写 {name} 为 {number_text(stated.number)} {stated.unit.text}，"
                f"计算得 {text}；"
                "请改正公式、参数或算例。",
                en=f"the example states {name} = {number_text(stated.number)} {stated.unit.text} "
                f"but it is {text}; correct the equation, the parameter or the example",
            )


def _told(methodology: Methodology, mg: int, code: int) -> str:
    if code == CODE_QUANTIFIED:
        return f"{mg} mg"
    if code == CODE_NO_PARAMETER:
        return "no_parameter"
    for word, meaning in _WORDS.items():
        if code == meaning:
            return f"not_applicable: {word}"
    return f"not_applicable: {methodology.clauses[code - CODE_FIRST_CLAUSE].source}"
