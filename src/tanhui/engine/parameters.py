"""Reading the dated values of parameters, and the shared factor tables they may come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tanhui.core.period import day_number
from tanhui.core.region import Region

from .facets import class_of
from .methodology import EVIDENCE, Parameter, ParameterValue
from .problems import Mistake, Problems, Unreadable, Where
from .section import Section, Text
from .steps import STEPS_MAX, StepTable
from .units import Unit, parse_unit
from .yamlfile import Node

VALUES_MAX = 2_000
CLASS_MAX = 32
UNKNOWN = "unknown"
_KEYS = ("region", "class", "from", "to", "value", "source", "source_url", "evidence", "note")
STEP_KEYS = (*_KEYS, "below", "steps")


@dataclass(frozen=True)
class FactorTable:
    """Values that several methodologies share, such as yearly grid factors.

    Tables of one `family` say the same thing by different calibres (average, margin, fossil), which
    differ by half and more; the id carries the calibre, so that a methodology must name it.
    """

    id: str
    title: Text
    unit: Unit
    values: tuple[ParameterValue, ...]
    data: bytes
    file: str
    family: str | None = None
    calibre: Text | None = None


def read_factor_table(root: Node, *, data: bytes, file: str, problems: Problems) -> FactorTable:
    """A file of `library/factors`; raises `Unreadable` when a part is beyond reading."""
    section = Section(
        root,
        problems,
        what="factor table",
        required=("factor", "title", "unit", "values"),
        optional=("note", "family", "calibre"),
    )
    section.optional_bilingual("note")
    id_, family = section.text("factor"), section.optional_text("family")
    if (family is None) == ("calibre" in section) or not id_.startswith(family or ""):
        raise problems.stop(
            section.at("family"),
            zh="family 与 calibre 必须同时写，且因子表的编号以 family 开头；请改正。",
            en="family and calibre go together and the id of the table begins with the family; "
            "correct them",
        )
    return FactorTable(
        id=id_,
        title=section.bilingual("title"),
        unit=read_unit(section, "unit"),
        values=read_values(section, problems),
        data=data,
        file=file,
        family=family,
        calibre=section.optional_bilingual("calibre"),
    )


def read_unit(section: Section, key: str) -> Unit:
    """A unit; raises `Unreadable` with the place of the key."""
    text = section.text(key)
    try:
        return parse_unit(text)
    except Mistake as mistake:
        raise section.problems.stop(section.at(key), zh=mistake.zh, en=mistake.en) from None


def read_parameter(
    name: str,
    node: Node,
    problems: Problems,
    *,
    tables: Mapping[str, FactorTable],
    regions: tuple[str, ...],
) -> Parameter:
    """One parameter: its own dated values, or `factor: <table>`."""
    section = Section(
        node,
        problems,
        what=f"parameters.{name}",
        required=("name",),
        optional=("unit", "of", "values", "factor"),
    )
    title = section.bilingual("name")
    if ("factor" in section) == ("values" in section):
        raise problems.stop(
            section.where,
            zh=f"参数 {name} 应有 values 或 factor 之一；请只写一个。",
            en=f"parameter {name} needs either values or factor; write one of the two",
        )
    if "factor" in section:
        if "of" in section:
            raise problems.stop(
                section.at("of"),
                zh=f"参数 {name} 取自因子表，不能分段；请删去 of。",
                en=f"parameter {name} comes from a factor table and has no steps; remove 'of'",
            )
        table = _table(section, tables)
        return Parameter(name, title, table.unit, table.values, table.id)
    argument = read_unit(section, "of") if "of" in section else None
    values = read_values(section, problems, is_stepped=argument is not None)
    _refuse_outside(values, section, regions)
    return Parameter(name, title, read_unit(section, "unit"), values, None, argument)


def _table(section: Section, tables: Mapping[str, FactorTable]) -> FactorTable:
    id_ = section.text("factor")
    calibres = sorted(table.id for table in tables.values() if table.family == id_)
    if id_ not in tables and calibres:
        raise section.problems.stop(
            section.at("factor"),
            zh=f"因子“{id_}”没有写口径，口径不可默认；请从中选一：{', '.join(calibres)}。",
            en=f"the factor '{id_}' names no calibre, and none is taken by default; choose one of "
            f"{', '.join(calibres)}",
        )
    if id_ not in tables:
        known = ", ".join(sorted(tables)) or "-"
        raise section.problems.stop(
            section.at("factor"),
            zh=f"没有名为“{id_[:60]}”的因子表；已有：{known}。",
            en=f"there is no factor table '{id_[:60]}'; the library has: {known}",
        )
    return tables[id_]


def read_values(
    section: Section,
    problems: Problems,
    *,
    is_stepped: bool = False,
    words: tuple[str, ...] = EVIDENCE,
) -> tuple[ParameterValue, ...]:
    """The dated values, none overlapping another of the same region and class.

    With `is_stepped` each is a table of steps, or unknown; `words` are the evidence words allowed.
    """
    found: list[tuple[ParameterValue, Where]] = []
    nodes = section.items("values")
    if not 1 <= len(nodes) <= VALUES_MAX:
        raise problems.stop(
            section.at("values"),
            zh=f"{section.what} 应有 1 至 {VALUES_MAX} 个值；请补上或拆分。",
            en=f"{section.what} needs 1 to {VALUES_MAX} values; add or split",
        )
    before = len(problems.found)
    for node in nodes:
        with problems.part():
            what = f"{section.what}.values"
            entry = _read_value(node, problems, what=what, is_stepped=is_stepped, words=words)
            _refuse_overlap(entry, node.where, found, problems)
            found.append((entry, node.where))
    if len(problems.found) > before:
        raise Unreadable
    return tuple(entry for entry, _ in found)


def _read_value(
    node: Node, problems: Problems, *, what: str, is_stepped: bool, words: tuple[str, ...]
) -> ParameterValue:
    required: tuple[str, ...] = ("region", "from", "source", "evidence")
    section = Section(
        node,
        problems,
        what=what,
        required=required if is_stepped else (*required, "value"),
        optional=STEP_KEYS if is_stepped else _KEYS,
    )
    first, end = read_days(section)
    evidence = section.choice("evidence", words)
    value: Fraction | None = None
    steps = _read_steps(section) if is_stepped else None
    if not is_stepped and section.text("value") != UNKNOWN:
        value = section.decimal("value")
    if (value is None and steps is None) != (evidence == UNKNOWN):
        raise problems.stop(
            section.at("evidence"),
            zh="value: unknown 与 evidence: unknown 必须同时出现；请改正其一。",
            en="value: unknown and evidence: unknown go together; correct one of them",
        )
    class_ = read_class(section)
    return ParameterValue(
        region=section.region("region"),
        class_=class_,
        first_day=day_number(first),
        end_day=None if end is None else day_number(end),
        value=value,
        source=section.text("source"),
        source_url=section.optional_text("source_url"),
        evidence=evidence,
        note=section.optional_bilingual("note"),
        steps=steps,
    )


def read_class(section: Section) -> str:
    """Facets joined by `+`, in the one way of writing them."""
    text = section.optional_text("class") or ""
    if len(text) > CLASS_MAX:
        raise section.problems.stop(
            section.at("class"),
            zh=f"class 超过 {CLASS_MAX} 字；请缩短。",
            en=f"the class is longer than {CLASS_MAX} characters; shorten it",
        )
    parts = text.split("+") if text else []
    if "" in parts or len(set(parts)) < len(parts):
        raise section.problems.stop(
            section.at("class"),
            zh=f"class“{text}”应为用 + 连接的不同类别，如 petrol+self。",
            en=f"the class '{text}' must be different words joined by '+', such as petrol+self; "
            "correct it",
        )
    return class_of(parts)


def _read_steps(section: Section) -> StepTable | None:
    """`below` and `steps`, or `value: unknown`."""
    if "value" in section and section.text("value") == UNKNOWN and "steps" not in section:
        return None
    if "value" in section or "steps" not in section or "below" not in section:
        raise section.problems.stop(
            section.where,
            zh=f"{section.what} 是分段表，应写 below 与 steps，或 value: unknown。",
            en=f"{section.what} is a table of steps; write below and steps, or value: unknown",
        )
    nodes = section.items("steps")
    if not 1 <= len(nodes) <= STEPS_MAX:
        raise section.problems.stop(
            section.at("steps"),
            zh=f"steps 应有 1 至 {STEPS_MAX} 段。",
            en=f"steps must list 1 to {STEPS_MAX} steps; add or split",
        )
    parts = [
        Section(node, section.problems, what="step", required=("from", "value")) for node in nodes
    ]
    starts = [part.decimal("from") for part in parts]
    for before, after, part in zip(starts, starts[1:], parts[1:], strict=False):
        if after <= before:
            raise section.problems.stop(
                part.at("from"),
                zh="各段的 from 应从小到大；请调整次序。",
                en="the 'from' of each step must be above the one before; put them in order",
            )
    values = tuple(part.decimal("value") for part in parts)
    return StepTable(section.decimal("below"), tuple(starts), values)


def read_days(section: Section) -> tuple[date, date | None]:
    """`from` and `to`; the day `to` itself no longer belongs."""
    first, end = section.day("from"), section.optional_day("to")
    if end is not None and end <= first:
        raise section.problems.stop(
            section.at("to"),
            zh=f"to（{end}）不晚于 from（{first}）；to 当天不再有效，请改晚。",
            en=f"'to' ({end}) is not after 'from' ({first}); the day 'to' no longer belongs, "
            "move it later",
        )
    return first, end


def _refuse_overlap(
    entry: ParameterValue,
    where: Where,
    found: list[tuple[ParameterValue, Where]],
    problems: Problems,
) -> None:
    for other, there in found:
        same = (other.region, other.class_) == (entry.region, entry.class_)
        if (
            same
            and (other.end_day is None or entry.first_day < other.end_day)
            and (entry.end_day is None or other.first_day < entry.end_day)
        ):
            raise problems.stop(
                where,
                zh=f"与第 {there.line} 行的值在同一地区、类别上日期重叠；请给较早的一个写 to。",
                en=f"overlaps in time with the value of line {there.line} for the same region "
                "and class; give the earlier one a 'to'",
            )


def _refuse_outside(
    values: tuple[ParameterValue, ...], section: Section, regions: tuple[str, ...]
) -> None:
    for entry, node in zip(values, section.items("values"), strict=True):
        finer = any(code in regions for code in Region(entry.region).lineage())
        coarser = any(entry.region in Region(code).lineage() for code in regions)
        if not (finer or coarser):
            section.problems.add(
                node.where,
                zh=f"地区 {entry.region} 不在本方法学的地区 {', '.join(regions)} 之内；请改正。",
                en=f"region {entry.region} is neither in nor above the regions of this "
                f"methodology ({', '.join(regions)}); correct it",
            )
