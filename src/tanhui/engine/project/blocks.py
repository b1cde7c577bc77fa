"""Reading the blocks of a project methodology: sets, inputs, parameters, lookups, questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from ..blocks import check_name
from ..parameters import FactorTable, read_unit, read_values
from ..problems import Problems, Where
from ..section import Section, Text
from ..yamlfile import Mapping as YamlMapping
from ..yamlfile import Node
from .formula import RESERVED
from .nouns import (
    PROJECT_EVIDENCE,
    YEAR_ENDS,
    YEARS,
    Input,
    Lookup,
    Missing,
    ProjectParameter,
    Question,
    SetKind,
    SetOf,
)
from .tables import Table, read_table

NAMES_MAX = 120
MEMBERS_MAX = 500
GAP_MAX = 50

BUILT_IN = {
    YEARS: SetOf(YEARS, Text("监测期各年", "years of the monitoring period"), "year", None),
    YEAR_ENDS: SetOf(
        YEAR_ENDS, Text("期初与各年末", "the opening and the end of each year"), "year", None
    ),
}


def named(section: Section, key: str) -> Iterator[tuple[str, Node, Where]]:
    """The entries of a mapping, with their places; nothing when the key is absent."""
    if key not in section:
        return
    with section.problems.part():
        node = section.node(key)
        if not isinstance(node, YamlMapping) or len(node.entries) > NAMES_MAX:
            raise section.problems.stop(
                section.at(key),
                zh=f"{key} 应为至多 {NAMES_MAX} 个“名称: 内容”。",
                en=f"{key} must be a mapping of at most {NAMES_MAX} names; write 'name: ...'",
            )
        for name, entry in node.entries.items():
            yield name, entry, node.lines[name]


def check_project_name(name: str, where: Where, problems: Problems) -> None:
    """A name that is no word of the formula language and no unit."""
    check_name(name, where, problems)
    if name in RESERVED:
        raise problems.stop(
            where,
            zh=f"名称“{name}”是公式语言的词；请换一个名称。",
            en=f"the name '{name}' is a word of the formula language; choose another",
        )


def read_sets(section: Section) -> dict[str, SetOf]:
    """The built-in sets of years and those of the file."""
    found = dict(BUILT_IN)
    problems = section.problems
    for name, node, where in named(section, "sets"):
        with problems.part():
            check_project_name(name, where, problems)
            part = Section(
                node, problems, what=f"set {name}", required=("name",), optional=("of", "members")
            )
            kind = part.choice("of", ("words", "years", "months")) if "of" in part else "words"
            members = part.words("members") if "members" in part else None
            if members is not None and (
                kind != "words"
                or not 1 <= len(members) <= MEMBERS_MAX
                or len(set(members)) < len(members)
            ):
                raise problems.stop(
                    part.at("members"),
                    zh=f"集合 {name} 的 members 应为 1 至 {MEMBERS_MAX} 个互不相同的名称；"
                    "年、月集合由监测文件给出。",
                    en=f"the members of set {name} must be 1 to {MEMBERS_MAX} different words; "
                    "sets of years and months are given by the monitoring file",
                )
            found[name] = SetOf(
                name, part.bilingual("name"), cast(SetKind, kind.removesuffix("s")), members
            )
    return found


def read_inputs(section: Section, sets: Mapping[str, SetOf]) -> dict[str, Input]:
    """What the project reports."""
    found: dict[str, Input] = {}
    for name, node, where in named(section, "inputs"):
        with section.problems.part():
            check_project_name(name, where, section.problems)
            found[name] = _read_input(name, node, section.problems, sets)
    return found


_INPUT_KEYS = (
    "unit",
    "word",
    "over",
    "min",
    "max",
    "surveys",
    "fixed",
    "frequency",
    "meter",
    "missing",
    "evidence",
)


def _read_input(name: str, node: Node, problems: Problems, sets: Mapping[str, SetOf]) -> Input:
    section = Section(
        node, problems, what=f"input {name}", required=("name",), optional=_INPUT_KEYS
    )
    if ("unit" in section) == ("word" in section):
        raise problems.stop(
            section.where,
            zh=f"输入 {name} 应有 unit 或 word 之一；请只写一个。",
            en=f"input {name} needs either a unit or word; write one of the two",
        )
    over = section.words("over") if "over" in section else ()
    for each in over:
        if each not in sets:
            raise problems.stop(
                section.at("over"),
                zh=f"没有名为“{each}”的集合；已有：{'、'.join(sets)}。",
                en=f"there is no set '{each}'; there are: {', '.join(sets)}",
            )
    gap_max = None
    if "surveys" in section:
        part = Section(section.node("surveys"), problems, what="surveys", required=("gap_max",))
        gap_max = _whole(part, "gap_max", GAP_MAX)
        if not over or over[-1] != YEAR_ENDS:
            raise problems.stop(
                section.at("surveys"),
                zh=f"有 surveys 的输入 {name}，over 的最后一项应为 {YEAR_ENDS}。",
                en=f"input {name} has surveys, so its over must end with {YEAR_ENDS}",
            )
    return Input(
        name=name,
        title=section.bilingual("name"),
        unit=read_unit(section, "unit") if "unit" in section else None,
        over=over,
        minimum=section.decimal("min") if "min" in section else None,
        maximum=section.decimal("max") if "max" in section else None,
        choices=() if "word" not in section else _read_choices(section),
        gap_max=gap_max,
        fixed="ex_ante"
        if "fixed" in section and section.choice("fixed", ("ex_ante", "monitored")) == "ex_ante"
        else "monitored",
        frequency=section.optional_bilingual("frequency"),
        meter=section.optional_bilingual("meter"),
        missing=_read_missing(section) if "missing" in section else None,
        needs_evidence="evidence" in section
        and section.choice("evidence", ("required", "optional")) == "required",
    )


def _whole(section: Section, key: str, highest: int) -> int:
    value = section.decimal(key)
    if value.denominator != 1 or not 1 <= value <= highest:
        raise section.problems.stop(
            section.at(key),
            zh=f"{key} 应为 1 至 {highest} 的整数。",
            en=f"{key} must be a whole number of 1 to {highest}; correct it",
        )
    return int(value)


def _read_choices(section: Section) -> tuple[str, ...]:
    """`word: any`, or the words allowed."""
    node = section.node("word")
    if getattr(node, "text", None) == "any":
        return ()
    return section.words("word")


def _read_missing(section: Section) -> Missing:
    part = Section(
        section.node("missing"),
        section.problems,
        what="missing",
        required=("use", "note"),
        optional=("value",),
    )
    use = part.choice("use", ("value", "lowest", "highest"))
    if (use == "value") != ("value" in part):
        raise section.problems.stop(
            part.at("use"),
            zh="use: value 与 value 必须同时出现；请改正。",
            en="use: value and a value go together; correct it",
        )
    return Missing(use, part.decimal("value") if use == "value" else None, part.bilingual("note"))


def read_parameters(
    section: Section, factors: Mapping[str, FactorTable]
) -> dict[str, ProjectParameter]:
    """Numbers of law with their own dated values, or of a shared factor table."""
    found: dict[str, ProjectParameter] = {}
    problems = section.problems
    for name, node, where in named(section, "parameters"):
        with problems.part():
            check_project_name(name, where, problems)
            part = Section(
                node,
                problems,
                what=f"parameter {name}",
                required=("name",),
                optional=("unit", "values", "factor", "per"),
            )
            per_year = "per" in part and part.choice("per", ("year",)) == "year"
            title = part.bilingual("name")
            if "factor" in part:
                id_ = part.choice("factor", tuple(factors))
                table = factors[id_]
                found[name] = ProjectParameter(
                    name, title, table.unit, table.values, table.id, per_year=per_year
                )
            else:
                values = read_values(part, problems, words=PROJECT_EVIDENCE)
                unit = read_unit(part, "unit")
                found[name] = ProjectParameter(name, title, unit, values, None, per_year=per_year)
    return found


def read_own_tables(section: Section, *, file: str) -> dict[str, Table]:
    """Tables that only this methodology uses, written in its own file."""
    found: dict[str, Table] = {}
    for name, node, where in named(section, "tables"):
        with section.problems.part():
            table = read_table(node, data=b"", file=file, problems=section.problems)
            if table.id != name:
                section.problems.add(
                    where,
                    zh=f"table: {table.id} 与键 {name} 不符；请改名。",
                    en=f"table: {table.id} differs from its key {name}; rename one",
                )
            found[name] = table
    return found


def read_lookups(section: Section, tables: Mapping[str, Table]) -> dict[str, Lookup]:
    """Columns of tables under the names the formulas use."""
    found: dict[str, Lookup] = {}
    problems = section.problems
    for name, node, where in named(section, "lookups"):
        with problems.part():
            check_project_name(name, where, problems)
            part = Section(
                node,
                problems,
                what=f"lookup {name}",
                required=("table", "column"),
                optional=("where",),
            )
            table = tables[part.choice("table", tuple(tables))]
            column = part.choice("column", tuple(table.columns))
            fixed: dict[str, str] = {}
            if "where" in part:
                keys = Section(part.node("where"), problems, what="where", optional=table.keys)
                for key in table.keys:
                    if key in keys:
                        fixed[key] = keys.choice(key, table.members(key))
            found[name] = Lookup(name, table, column, fixed)
    return found


def read_questions(section: Section) -> tuple[Question, ...]:
    """The applicability questions."""
    found: list[Question] = []
    if "applicability" not in section:
        return ()
    for node in section.items("applicability"):
        with section.problems.part():
            part = Section(
                node,
                section.problems,
                what="applicability question",
                required=("id", "question", "wants"),
                optional=("evidence", "source"),
            )
            found.append(
                Question(
                    id=part.text("id"),
                    text=part.bilingual("question"),
                    wants=part.choice("wants", ("yes", "no")) == "yes",
                    needs_evidence="evidence" in part
                    and part.choice("evidence", ("required", "optional")) == "required",
                    reference=part.optional_text("source") or "",
                )
            )
    return tuple(found)
