"""Reading the blocks of a methodology file other than its parameters."""

from __future__ import annotations

import keyword
import re
from typing import cast

from .expression import Expression, conjuncts, parse_expression
from .intexpr import NARROW_MAX
from .methodology import (
    EQUATION_STATUS,
    QUANTITY_SLOTS,
    ROUNDING,
    Clause,
    Field,
    Reward,
    Rounding,
    Status,
)
from .parameters import read_unit
from .problems import Mistake, Problems, Where
from .rendering import render
from .section import Section, scalar_text
from .units import UNIT_NAMES
from .yamlfile import Mapping, Node, Scalar

ROUNDING_DEFAULT: Rounding = "half_away"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_VERSION = re.compile(r"[0-9][0-9A-Za-z.-]{0,31}", re.ASCII)
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


def read_slug(section: Section, key: str) -> str:
    """A code such as `wuhan-metro`."""
    return slug_text(section.node(key), section.problems, what=key)


def slug_text(node: Node, problems: Problems, *, what: str) -> str:
    """A scalar that is a code such as `wuhan-metro`."""
    text = scalar_text(node, problems, what=what)
    if not _SLUG.fullmatch(text):
        raise problems.stop(
            node.where,
            zh=f"{what} 只能用小写字母、数字和连字符；请写成 wuhan-metro 这样。",
            en=f"{what} takes lower-case letters, digits and hyphens; write it like wuhan-metro",
        )
    return text


def read_version(section: Section) -> str:
    """A version such as 2023.1."""
    text = section.text("version")
    if not _VERSION.fullmatch(text):
        raise section.problems.stop(
            section.at("version"),
            zh="version 不是版本号；请写成 2023.1 这样。",
            en="the version looks like 2023.1; rewrite it",
        )
    return text


def read_zone(section: Section) -> int:
    """Minutes east of UTC, from `+08:00`."""
    text = section.text("zone")
    match = _ZONE.fullmatch(text)
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        raise section.problems.stop(
            section.at("zone"),
            zh='zone 应是固定时差；请写成 "+08:00"。',
            en='the zone looks like "+08:00"; write a fixed offset',
        )
    minutes = int(match[2]) * 60 + int(match[3])
    return -minutes if match[1] == "-" else minutes


def check_name(name: str, where: Where, problems: Problems) -> None:
    """A name of a field, parameter or equation; raises `Unreadable` for one that would confuse."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in ("min", "max"):
        raise problems.stop(
            where,
            zh=f"名称“{name[:60]}”不可用；请用小写字母、数字、下划线，且不是保留字。",
            en=f"the name '{name[:60]}' cannot be used; take lower-case letters, digits and "
            "underscores, and no reserved word",
        )
    if name in UNIT_NAMES:
        raise problems.stop(
            where,
            zh=f"名称“{name}”是单位；请换一个名称。",
            en=f"the name '{name}' is a unit; choose another",
        )


def read_fields(node: Node, problems: Problems) -> tuple[Field, ...]:
    """The quantities of a record, at most `QUANTITY_SLOTS`."""
    if not isinstance(node, Mapping) or not 1 <= len(node.entries) <= QUANTITY_SLOTS:
        raise problems.stop(
            node.where,
            zh=f"fields 应有 1 至 {QUANTITY_SLOTS} 个字段；请合并或拆成两个方法学。",
            en=f"fields must name 1 to {QUANTITY_SLOTS} quantities; merge some or split the "
            "methodology",
        )
    found: list[Field] = []
    for name, entry in node.entries.items():
        with problems.part():
            check_name(name, node.lines[name], problems)
            found.append(_read_field(name, entry, problems))
    columns = [each.column for each in found]
    if len(set(columns)) < len(columns):
        problems.add(
            node.where,
            zh="两个字段的列名相同；请改名。",
            en="two fields give the same column name; rename one",
        )
    return tuple(found)


def _read_field(name: str, node: Node, problems: Problems) -> Field:
    section = Section(
        node, problems, what=f"field {name}", required=("name", "unit", "step", "min", "max")
    )
    step, low, high = section.decimal("step"), section.decimal("min"), section.decimal("max")
    if step <= 0 or (low / step).denominator != 1 or (high / step).denominator != 1:
        raise problems.stop(
            section.at("step"),
            zh=f"字段 {name} 的 step 必须大于 0，且 min、max 是它的整数倍；请改正。",
            en=f"the step of field {name} must be above 0 and divide min and max; correct it",
        )
    if low >= high:
        raise problems.stop(
            section.at("max"),
            zh=f"字段 {name} 的 max 必须大于 min；请改正。",
            en=f"the max of field {name} must be above its min; correct it",
        )
    if max(abs(low), abs(high)) / step > NARROW_MAX:
        raise problems.stop(
            section.at("max"),
            zh=f"字段 {name} 的 max 除以 step 超出 64 位整数；请放大 step 或减小 max。",
            en=f"max / step of field {name} leaves 64 bits; widen the step or lower max",
        )
    return Field(
        name,
        section.bilingual("name"),
        read_unit(section, "unit"),
        step,
        int(low / step),
        int(high / step),
    )


def read_status(section: Section) -> Status:
    """How far the issuer's text was seen."""
    part = Section(
        section.node("status"),
        section.problems,
        what="status",
        required=("equations", "note", "source"),
        optional=("source_url",),
    )
    return Status(
        part.choice("equations", EQUATION_STATUS),
        part.bilingual("note"),
        part.text("source"),
        part.optional_text("source_url"),
    )


def read_expression(text: str, where: Where, problems: Problems) -> Expression:
    """The tree of a text; raises `Unreadable` with its place."""
    try:
        return parse_expression(text)
    except Mistake as mistake:
        raise problems.stop(where, zh=mistake.zh, en=mistake.en) from None


def read_clauses(section: Section) -> tuple[Clause, ...]:
    """The conditions of `applies`, split at the top-level `and`."""
    if "applies" not in section:
        return ()
    where = section.at("applies")
    tree = read_expression(section.text("applies"), where, section.problems)
    return tuple(Clause(render(part), part) for part in conjuncts(tree))


def read_result(section: Section) -> tuple[str, Rounding]:
    """Which equation is the result and how it is rounded, once, to whole milligrams."""
    part = Section(
        section.node("result"),
        section.problems,
        what="result",
        required=("of", "unit"),
        optional=("round",),
    )
    part.choice("unit", ("mgCO2e",))
    mode = part.choice("round", ROUNDING) if "round" in part else ROUNDING_DEFAULT
    return part.text("of"), cast(Rounding, mode)


def read_reward(section: Section) -> Reward | None:
    """What the scheme pays besides, if it does: an equation and its unit."""
    if "reward" not in section:
        return None
    part = Section(section.node("reward"), section.problems, what="reward", required=("of", "unit"))
    return Reward(part.text("of"), read_unit(part, "unit"))


def read_duplicates(section: Section) -> bool:
    """Whether overlapping records of a person and mode count once."""
    part = Section(
        section.node("duplicates"),
        section.problems,
        what="duplicates",
        required=("id", "overlap", "order"),
    )
    _only(part, "id", ("source", "external_id"))
    part.choice("order", ("arrival",))
    if isinstance(part.node("overlap"), Scalar):
        part.choice("overlap", ("none",))
        return False
    _only(part, "overlap", ("person", "mode"))
    return True


def _only(section: Section, key: str, supported: tuple[str, ...]) -> None:
    if section.words(key) != supported:
        raise section.problems.stop(
            section.at(key),
            zh=f"{section.what}.{key} 目前只支持 [{', '.join(supported)}]；请照写。",
            en=f"{section.what}.{key} supports only [{', '.join(supported)}] so far; write that",
        )
