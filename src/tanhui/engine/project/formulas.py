"""Reading what holds formulas: equations, limits, alternatives; and their order, names and units.

"stock[stratum in strata, y in year_ends]":
  name: {zh: 碳储量, en: carbon stock}
  unit: tCO2e
  is: area[stratum] * volume[stratum, y] * ...
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, cast

from ..blocks import check_name
from ..dimensions import Kind, Type, type_of, unit_text
from ..expression import Expression, parse_expression
from ..methodology import EVIDENCE, UNUSABLE
from ..parameters import read_unit
from ..problems import Mistake, Problems, Where
from ..section import Section, scalar_text
from ..units import Dimension
from .blocks import check_project_name, named
from .formula import FormulaReader
from .nouns import Alternative, Limit, Over, ProjectEquation, SetOf

_HEAD = re.compile(r"(?P<name>[^\[\]]+?)\s*(\[(?P<over>[^\[\]]+)\])?")
_LOOP = re.compile(r"(?P<variable>[a-z][a-z0-9_]*)\s+in\s+(?P<set>[a-z][a-z0-9_]*)")
OVER_MAX = 4
LIMIT_EVIDENCE = tuple(each for each in EVIDENCE if each not in UNUSABLE)  # a limit is applied


def read_formula(text: str, where: Where, problems: Problems) -> Expression:
    """The tree of a project formula; raises `Unreadable` with its place."""
    try:
        return parse_expression(text, reader=FormulaReader)
    except Mistake as mistake:
        raise problems.stop(where, zh=mistake.zh, en=mistake.en) from None


def read_equations(section: Section, sets: Mapping[str, SetOf]) -> dict[str, ProjectEquation]:
    """The equations by name, in file order."""
    found: dict[str, ProjectEquation] = {}
    problems = section.problems
    for head, node, where in named(section, "equations"):
        with problems.part():
            name, over = _read_head(head, where, problems, sets)
            if name in found:
                raise problems.stop(
                    where,
                    zh=f"公式“{name}”写了两次；请改名。",
                    en=f"the equation '{name}' is given twice; rename one",
                )
            part = Section(node, problems, what=f"equation {name}", required=("name", "unit", "is"))
            text = part.text("is")
            found[name] = ProjectEquation(
                name=name,
                title=part.bilingual("name"),
                unit=read_unit(part, "unit"),
                over=over,
                source=text,
                expression=read_formula(text, part.at("is"), problems),
                where=part.at("is"),
            )
    return found


def _read_head(
    head: str, where: Where, problems: Problems, sets: Mapping[str, SetOf]
) -> tuple[str, Over]:
    match = _HEAD.fullmatch(head.strip())
    if match is None:
        raise problems.stop(
            where,
            zh=f"“{head[:60]}”应写成 名称 或 名称[变量 in 集合, ...]。",
            en=f"'{head[:60]}' must read name or name[variable in set, ...]; rewrite it",
        )
    name = match["name"]
    check_project_name(name, where, problems)
    return name, () if match["over"] is None else read_over(match["over"], where, problems, sets)


def read_over(text: str, where: Where, problems: Problems, sets: Mapping[str, SetOf]) -> Over:
    """`stratum in strata, y in years`."""
    over: list[tuple[str, str]] = []
    for part in text.split(","):
        match = _LOOP.fullmatch(part.strip())
        if match is None or match["set"] not in sets or len(over) == OVER_MAX:
            raise problems.stop(
                where,
                zh=f"“{part.strip()[:60]}”应写成 变量 in 集合，至多 {OVER_MAX} 个；"
                f"集合有：{'、'.join(sets)}。",
                en=f"'{part.strip()[:60]}' must read variable in set, at most {OVER_MAX} of them; "
                f"the sets are: {', '.join(sets)}",
            )
        check_name(match["variable"], where, problems)
        over.append((match["variable"], match["set"]))
    return tuple(over)


def read_limits(section: Section, sets: Mapping[str, SetOf]) -> tuple[Limit, ...]:
    """Conditions on the results."""
    found: list[Limit] = []
    if "limits" not in section:
        return ()
    problems = section.problems
    for node in section.items("limits"):
        with problems.part():
            part = Section(
                node,
                problems,
                what="limit",
                required=("name", "that", "fails", "source", "evidence"),
                optional=("over",),
            )
            text = part.text("that")
            found.append(
                Limit(
                    title=part.bilingual("name"),
                    over=read_over(part.text("over"), part.at("over"), problems, sets)
                    if "over" in part
                    else (),
                    source=text,
                    expression=read_formula(text, part.at("that"), problems),
                    fails=cast(Literal["refuse", "flag"], part.choice("fails", ("refuse", "flag"))),
                    reference=part.text("source"),
                    evidence=part.choice("evidence", LIMIT_EVIDENCE),
                    where=part.at("that"),
                )
            )
    return tuple(found)


def read_alternatives(section: Section) -> tuple[Alternative, ...]:
    """What is shown beside the result under another calibre."""
    found: list[Alternative] = []
    if "alternatives" not in section:
        return ()
    problems = section.problems
    for node in section.items("alternatives"):
        with problems.part():
            part = Section(node, problems, what="alternative", required=("id", "name", "replace"))
            replaces: dict[str, tuple[str, Expression]] = {}
            for name, entry, where in named(part, "replace"):
                text = scalar_text(entry, problems, what=f"replace.{name}")
                replaces[name] = text, read_formula(text, where, problems)
            found.append(Alternative(part.text("id"), part.bilingual("name"), replaces, part.where))
    return tuple(found)


def check_unit(
    equation: ProjectEquation, expression: Expression, known: Mapping[str, Type]
) -> None:
    """The formula must have the dimension of the unit it states; raises `Mistake`."""
    found = type_of(expression, known)
    wanted: Dimension = equation.unit.dimension
    if found is Kind.ZERO or found == wanted:
        return
    unit = unit_text(found)
    raise Mistake(
        zh=f"公式 {equation.name} 写明单位 {equation.unit.text}，计算得 {unit}；请改正单位或公式。",
        en=f"equation {equation.name} states {equation.unit.text}, its formula gives {unit}; "
        "correct the unit or the formula",
    )
