"""Lookup tables with several keys, dated rows and bands: `library/tables/<id>.yaml`.

Each row says its source and how well it is known. A band may end in "not creditable" instead of
a value, and a table may demand that its values are only used together with another table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tanhui.core.period import day_number

from ..methodology import EVIDENCE
from ..parameters import UNKNOWN, read_days, read_unit
from ..problems import Mistake, Problems, Unreadable, Where
from ..section import Section, Text, exact_decimal, scalar_text
from ..units import Unit
from ..yamlfile import Node

ROWS_MAX = 2_000
KEYS_MAX = 5
RECALLED = "recalled"
SEEN = (
    "seen",
    "seen_excerpt",
    "seen_secondary",
    "consistent",
    "definition",
    "computed",
    "seed",
    "none",
)
AT_SECOND_HAND = ("seen_secondary", "consistent", "none")
NOT_CREDITABLE = "not_creditable"
ANY = "*"


@dataclass(frozen=True)
class Column:
    """A column of values."""

    title: Text
    unit: Unit


@dataclass(frozen=True)
class Row:
    """One row; a value is None when unknown, `NOT_CREDITABLE` when nothing may be issued."""

    keys: tuple[str, ...]
    values: Mapping[str, Fraction | str | None]
    first_day: int | None
    end_day: int | None
    up_to: Fraction | None  # of the band, in its unit, itself included; None: everything above
    source: str
    source_url: str | None
    evidence: str
    seen: str | None
    note: Text | None
    where: Where

    def holds_in(self, year: int) -> bool:
        """Whether the row is valid in that year: on its last day."""
        day = day_number(date(year, 12, 31))
        after_start = self.first_day is None or self.first_day <= day
        return after_start and (self.end_day is None or day < self.end_day)


@dataclass(frozen=True)
class Table:
    """A table; `dated`: rows are valid for some time, and the index ends with a year."""

    id: str
    title: Text
    version: str
    keys: tuple[str, ...]
    bands: Unit | None  # the unit of the quantity that chooses the band
    dated: bool
    columns: Mapping[str, Column]
    rows: tuple[Row, ...]
    requires: str | None  # a table that must be used with this one
    because: Text | None
    data: bytes
    file: str

    def find(self, keys: tuple[str, ...], year: int | None, at: Fraction | None) -> Row | None:
        """The row for the keys, the year of a dated table, the quantity of a banded one.

        A row with the key `*` holds for every member that has no row of its own; a member whose
        own rows hold for other years has rows of its own.
        """
        own = any(row.keys == keys for row in self.rows)
        for wanted in (keys,) if own or not keys else ((*keys[:-1], ANY),):
            for row in self.rows:
                if (
                    row.keys == wanted
                    and (year is None or row.holds_in(year))
                    and (at is None or row.up_to is None or at <= row.up_to)
                ):
                    return row
        return None

    def members(self, key: str) -> tuple[str, ...]:
        """Every value of a key, in the order of the rows."""
        at = self.keys.index(key)
        return tuple(dict.fromkeys(row.keys[at] for row in self.rows))


def read_table(root: Node, *, data: bytes, file: str, problems: Problems) -> Table:
    """A table; raises `Unreadable` when a part is beyond reading."""
    section = Section(
        root,
        problems,
        what="table",
        required=("table", "title", "version", "keys", "columns", "rows"),
        optional=("bands", "dated", "requires", "because", "note", "source", "valid"),
    )
    section.optional_bilingual("note")
    keys = section.words("keys") if section.items("keys") else ()
    columns = _read_columns(section, problems)
    dated = "dated" in section and section.choice("dated", ("true", "false")) == "true"
    table = Table(
        id=section.text("table"),
        title=section.bilingual("title"),
        version=section.text("version"),
        keys=keys,
        bands=read_unit(section, "bands") if "bands" in section else None,
        dated=dated,
        columns=columns,
        rows=(),
        requires=section.optional_text("requires"),
        because=section.optional_bilingual("because"),
        data=data,
        file=file,
    )
    rows = _read_rows(section, table, problems)
    return Table(**{**vars(table), "rows": rows})


def _read_columns(section: Section, problems: Problems) -> dict[str, Column]:
    node = section.node("columns")
    columns = Section(node, problems, what="columns", optional=tuple(_keys_of(node)))
    found: dict[str, Column] = {}
    for name in columns.mapping.entries:
        what = f"column {name}"
        part = Section(columns.node(name), problems, what=what, required=("name", "unit"))
        found[name] = Column(part.bilingual("name"), read_unit(part, "unit"))
    if not found:
        raise problems.stop(
            section.at("columns"),
            zh="columns 至少要有一列；请补上。",
            en="columns needs at least one column; add it",
        )
    return found


def _keys_of(node: Node) -> list[str]:
    return list(getattr(node, "entries", {}))


def _read_rows(section: Section, table: Table, problems: Problems) -> tuple[Row, ...]:
    nodes = section.items("rows")
    if not 1 <= len(nodes) <= ROWS_MAX or len(table.keys) > KEYS_MAX:
        raise problems.stop(
            section.at("rows"),
            zh=f"表应有 1 至 {ROWS_MAX} 行、至多 {KEYS_MAX} 个键；请改正。",
            en=f"a table has 1 to {ROWS_MAX} rows and at most {KEYS_MAX} keys; correct it",
        )
    before = len(problems.found)
    rows: list[Row] = []
    for node in nodes:
        with problems.part():
            row = _read_row(node, table, section, problems)
            _refuse_second(row, rows, problems)
            rows.append(row)
    if len(problems.found) > before:
        raise Unreadable
    return tuple(rows)


def _read_row(node: Node, table: Table, whole: Section, problems: Problems) -> Row:
    common = "source" in whole
    section = Section(
        node,
        problems,
        what="row",
        required=(*table.keys, *table.columns, "evidence", *(() if common else ("source",)))
        + (("from",) if table.dated else ()),
        optional=("from", "to", "up_to", "source", "source_url", "seen", "note"),
    )
    first_day = end_day = None
    if "from" in section:
        first, end = read_days(section)
        first_day = day_number(first)
        end_day = None if end is None else day_number(end)
    evidence = section.choice("evidence", (*EVIDENCE, RECALLED))
    values = {name: _read_cell(section, name) for name in table.columns}
    if (None in values.values()) != (evidence == UNKNOWN):
        raise problems.stop(
            section.at("evidence"),
            zh="值 unknown 与 evidence: unknown 必须同时出现；请改正其一。",
            en="an unknown value and evidence: unknown go together; correct one of them",
        )
    seen = section.choice("seen", SEEN) if "seen" in section else None
    if seen in AT_SECOND_HAND and evidence in ("official", "published"):
        raise problems.stop(
            section.at("evidence"),
            zh=f"seen: {seen} 表示没有见到文本，不能写 {evidence}；请写 unconfirmed 或核对原文。",
            en=f"seen: {seen} means that the text was not seen, so the row is not {evidence}; "
            "write unconfirmed, or read the text",
        )
    return Row(
        keys=tuple(section.text(key) for key in table.keys),
        values=values,
        first_day=first_day,
        end_day=end_day,
        up_to=section.decimal("up_to") if "up_to" in section else None,
        source=(section if "source" in section else whole).text("source"),
        source_url=section.optional_text("source_url"),
        evidence=evidence,
        seen=seen,
        note=section.optional_bilingual("note"),
        where=section.where,
    )


def _read_cell(section: Section, name: str) -> Fraction | str | None:
    text = scalar_text(section.node(name), section.problems, what=name)
    if text == UNKNOWN:
        return None
    if text == NOT_CREDITABLE:
        return NOT_CREDITABLE
    try:
        return exact_decimal(text)
    except Mistake as mistake:
        raise section.problems.stop(section.at(name), zh=mistake.zh, en=mistake.en) from None


def _refuse_second(row: Row, rows: list[Row], problems: Problems) -> None:
    """Two rows for one thing at one time would make the order of the file law."""
    for other in rows:
        apart = (
            (other.end_day is not None and row.first_day is not None)
            and other.end_day <= row.first_day
        ) or (
            (row.end_day is not None and other.first_day is not None)
            and row.end_day <= other.first_day
        )
        if other.keys != row.keys or apart:
            continue
        if other.up_to is not None and (row.up_to is None or row.up_to > other.up_to):
            continue  # the next band
        raise problems.stop(
            row.where,
            zh=f"与第 {other.where.line} 行的键、有效期相同或档位不递增；请删去或改正一行。",
            en=f"has the keys and time of line {other.where.line}, or its band does not come after "
            "it; remove or correct one",
        )
