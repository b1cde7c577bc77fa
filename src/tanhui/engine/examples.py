"""Worked examples: what the text of a methodology says a record gives, checked at every load."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number

from .expression import parse_expression
from .methodology import (
    CODE_FIRST_CLAUSE,
    CODE_NEGATIVE,
    CODE_NO_PARAMETER,
    CODE_QUANTIFIED,
    Clause,
    Example,
    Field,
    Methodology,
)
from .problems import Mistake, Problems, Unreadable
from .record import Record
from .reference import evaluate
from .rendering import render
from .section import Section
from .yamlfile import Node

EXAMPLES_MAX = 200
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
            zh=f"{key} 应有 1 至 {EXAMPLES_MAX} 个算例。",
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
        node, problems, what="example", required=("given", "expect"), optional=("note",)
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
    return Example(record, mg, code, section.optional_text("note"), node.where)


def _read_expected(section: Section, clauses: Sequence[Clause]) -> tuple[int, int]:
    expect = Section(
        section.node("expect"),
        section.problems,
        what="expect",
        optional=("mg", "not_applicable", "no_parameter"),
    )
    if len(expect.mapping.entries) != 1:
        raise section.problems.stop(
            expect.where,
            zh="expect 应写 mg、not_applicable、no_parameter 之一。",
            en="expect must give one of mg, not_applicable, no_parameter; write one",
        )
    if "mg" in expect:
        text = expect.text("mg")
        if not _WHOLE.fullmatch(text):
            raise section.problems.stop(
                expect.at("mg"),
                zh="expect.mg 应为整毫克。",
                en="expect.mg must be whole milligrams; write digits only",
            )
        return int(text), CODE_QUANTIFIED
    if "no_parameter" in expect:
        return 0, CODE_NO_PARAMETER
    return 0, _clause_code(expect, clauses)


def _clause_code(expect: Section, clauses: Sequence[Clause]) -> int:
    text = expect.text("not_applicable")
    if text == "negative":
        return CODE_NEGATIVE
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
        try:
            outcome = evaluate(methodology, example.given)
        except InputRefused as refused:
            problems.add(example.where, zh=f"算例：{refused.zh}", en=f"example: {refused.en}")
            continue
        if (outcome.mg, outcome.code) != (example.mg, example.code):
            stated = _told(methodology, example.mg, example.code)
            found = _told(methodology, outcome.mg, outcome.code)
            problems.add(
                example.where,
                zh=f"算例写的是 {stated}，计算得 {found}；请改正公式、参数或算例。",
                en=f"the example states {stated} but the result is {found}; correct the "
                "equation, the parameter or the example",
            )


def _told(methodology: Methodology, mg: int, code: int) -> str:
    if code == CODE_QUANTIFIED:
        return f"{mg} mg"
    if code == CODE_NO_PARAMETER:
        return "no_parameter"
    if code == CODE_NEGATIVE:
        return "not_applicable: negative"
    return f"not_applicable: {methodology.clauses[code - CODE_FIRST_CLAUSE].source}"
