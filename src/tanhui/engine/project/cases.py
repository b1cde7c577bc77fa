"""Worked cases of a project methodology: a monitoring file and what must come out of it.

    cases:
      - name: {zh: 示例, en: Example}
        monitoring: |
          monitoring: example
          ...
        expect: {values: {"er[2024]": 90.77}, totals: {issuable_mg: 90770000000}}

Stated values are compared at the digits they are stated with. A case whose published value is wrong
is `disputed`: the published value, and the arithmetic that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tanhui.core.errors import InputRefused

from ..problems import Problems, Unreadable, Where
from ..section import Section, Text, exact_decimal
from ..yamlfile import Node, Scalar
from .about import without_numbers
from .nouns import ProjectMethodology
from .report import quantify

CASES_MAX = 100
_PLACE = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(\[(?P<at>[^\[\]]+)\])?")
OUTCOMES = ("quantified", "not_applicable", "not_creditable")


@dataclass(frozen=True)
class Case:
    """One worked case; `published` holds values somebody states that are shown to be wrong.

    `reference` names the collected example that the case comes from.
    """

    name: Text
    monitoring: bytes
    values: Mapping[str, str]
    totals: Mapping[str, str]
    outcome: str
    refused: str | None
    published: Mapping[str, str]
    disputed: Text | None
    reference: str | None
    where: Where


def read_cases(root: Node, problems: Problems) -> tuple[Case, ...]:
    """The cases of a file; raises `Unreadable` when one cannot be read."""
    return read_cases_of(Section(root, problems, what="cases", required=("cases",)), problems)


def read_cases_of(section: Section, problems: Problems) -> tuple[Case, ...]:
    """The cases under `cases` of a section; raises `Unreadable` when one cannot be read."""
    nodes = section.items("cases")
    if not 1 <= len(nodes) <= CASES_MAX:
        raise problems.stop(
            section.at("cases"),
            zh=f"cases 应有 1 至 {CASES_MAX} 个算例。",
            en=f"cases must hold 1 to {CASES_MAX} worked cases; add one",
        )
    before = len(problems.found)
    found = []
    for node in nodes:
        with problems.part():
            found.append(_read_case(node, problems))
    if len(problems.found) > before:
        raise Unreadable
    return tuple(found)


def _read_case(node: Node, problems: Problems) -> Case:
    section = Section(
        node,
        problems,
        what="case",
        required=("name", "monitoring", "expect"),
        optional=("disputed", "note", "source", "reference"),
    )
    text = section.node("monitoring")
    if not isinstance(text, Scalar):
        raise problems.stop(
            section.at("monitoring"),
            zh="monitoring 应为一段文字（monitoring: |）。",
            en="monitoring must be a text; write 'monitoring: |' and the file below it",
        )
    expect = Section(
        section.node("expect"),
        problems,
        what="expect",
        optional=("values", "totals", "outcome", "refused"),
    )
    published: dict[str, str] = {}
    disputed = None
    if "disputed" in section:
        part = Section(
            section.node("disputed"), problems, what="disputed", required=("values", "arithmetic")
        )
        published, disputed = _texts(part, "values"), part.bilingual("arithmetic")
    return Case(
        name=section.bilingual("name"),
        monitoring=text.text.encode("utf-8"),
        values=_texts(expect, "values"),
        totals=_texts(expect, "totals"),
        outcome=expect.choice("outcome", OUTCOMES) if "outcome" in expect else "quantified",
        refused=expect.optional_text("refused"),
        published=published,
        disputed=disputed,
        reference=section.optional_text("reference"),
        where=section.where,
    )


def _texts(section: Section, key: str) -> dict[str, str]:
    if key not in section:
        return {}
    node = section.node(key)
    entries = list(getattr(node, "entries", {}))
    part = Section(node, section.problems, what=key, optional=tuple(entries))
    found = {name: part.text(name) for name in entries}
    for name, text in found.items():
        with section.problems.part(part.at(name)):
            exact_decimal(text)
    return found


def check_cases(
    methodology: ProjectMethodology, cases: tuple[Case, ...], problems: Problems
) -> None:
    """Each case must give what it states, and what is disputed must indeed differ."""
    for case in cases:
        try:
            report = quantify(methodology, case.monitoring, put_in=without_numbers)
        except InputRefused as refused:
            if refused.code != case.refused:
                problems.add(case.where, zh=f"算例：{refused.zh}", en=f"case: {refused.en}")
            continue
        if case.refused is not None or report["outcome"] != case.outcome:
            problems.add(
                case.where,
                zh=f"算例写的是 {case.refused or case.outcome}，结果是 {report['outcome']}："
                f"{report['reason_zh']}；请改正。",
                en=f"the case states {case.refused or case.outcome}, the outcome is "
                f"{report['outcome']}: {report['reason_en']}; correct it",
            )
            continue
        for name, stated in {**case.values, **case.totals}.items():
            found = value_in(report, name)
            if found is None or not agrees(found, stated):
                problems.add(
                    case.where,
                    zh=f"算例写 {name} = {stated}，计算得 {found}；请改正公式、参数或算例。",
                    en=f"the case states {name} = {stated} but the result is {found}; correct the "
                    "formula, the parameter or the case",
                )
        for name, stated in case.published.items():
            found = value_in(report, name)
            if found is None or agrees(found, stated):
                problems.add(
                    case.where,
                    zh=f"disputed 的 {name} = {stated} 与计算结果一致或不存在；请删去争议说明。",
                    en=f"{name} = {stated} is disputed but agrees with the result, or is not "
                    "there; remove the dispute",
                )


def value_in(report: Mapping[str, Any], name: str) -> str | None:
    """The value of `er[2024]`, `issuable_mg` or `issuable_mg[2024]` in a report."""
    match = _PLACE.fullmatch(name)
    if match is None:
        return None
    symbol, at = match["name"], [part.strip() for part in (match["at"] or "").split(",") if part]
    if not at and symbol in report.get("totals", {}):
        return str(report["totals"][symbol])
    for vintage in report.get("vintages", []):
        if at == [str(vintage["year"])] and symbol in vintage:
            return str(vintage[symbol])
    for step in report.get("steps", []):
        for value in step["values"] if step["symbol"] == symbol else []:
            if value["at"] == at:
                return str(value["value"])
    return None


def agrees(found: str, stated: str) -> bool:
    """Whether a value, rounded to the digits stated, is what is stated.

    >>> agrees("2966.26486412", "2966.264864"), agrees("4338.5", "4339.51")
    (True, False)
    """
    digits = len(stated.partition(".")[2])
    return Decimal(found).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) == Decimal(stated)
