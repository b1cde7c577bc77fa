"""The forms a rule's value may have: numbers, exact ratios, words, days, lists, groups, tables.

A form reads a value from YAML and describes itself for editors; `written` and `plain` turn a value
back into the text of a rule file and into JSON. Numbers stay exact, and every form has bounds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Protocol

from .problems import Mistake, Problems
from .section import Section, exact_decimal, nearest, scalar_text
from .yamlfile import Node, Sequence

UNKNOWN = "unknown"
ROWS_MAX = 200
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_RATIO = re.compile(r"\d{1,12}/[1-9]\d{0,11}", re.ASCII)
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,59}", re.ASCII)
LEAP_YEAR = 2000

Json = dict[str, Any]


@dataclass(frozen=True, order=True)
class MonthDay:
    """A day of every year, written 06-10; 02-29 is the last day of February.

    >>> MonthDay(6, 10).in_year(2022)
    datetime.date(2022, 6, 10)
    >>> MonthDay(2, 29).in_year(2023)
    datetime.date(2023, 2, 28)
    """

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """The day of that year."""
        if (self.month, self.day) == (2, 29):
            return date(year, 3, 1) - timedelta(days=1)
        return date(year, self.month, self.day)

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


Value = int | Fraction | bool | str | date | MonthDay | tuple["Value", ...] | Mapping[str, "Value"]


class Form(Protocol):
    """Reads one value; raises `Unreadable` after noting what is wrong and how to write it."""

    def read(self, node: Node, problems: Problems) -> Value:
        """The value of a node."""

    def schema(self) -> Json:
        """Its shape as a JSON schema, for editors."""


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds; `unit` says of what."""

    low: int
    high: int
    unit: str = ""

    def read(self, node: Node, problems: Problems) -> int:
        """The number."""
        text = scalar_text(node, problems, what="value")
        if not _WHOLE.fullmatch(text) or not self.low <= int(text) <= self.high:
            raise problems.stop(
                node.where,
                zh=f"值应为 {self.low} 至 {self.high} 的整数。",
                en=f"the value must be a whole number from {self.low} to {self.high}; correct it",
            )
        return int(text)

    def schema(self) -> Json:
        """An integer within the bounds."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Exact:
    """An exact number within bounds: a decimal such as 0.10, or a ratio such as 1/3."""

    low: int
    high: int
    unit: str = ""

    def read(self, node: Node, problems: Problems) -> Fraction:
        """The number, exact."""
        text = scalar_text(node, problems, what="value")
        try:
            number = Fraction(text) if _RATIO.fullmatch(text) else exact_decimal(text)
        except Mistake as mistake:
            raise problems.stop(node.where, zh=mistake.zh, en=mistake.en) from None
        if not self.low <= number <= self.high:
            raise problems.stop(
                node.where,
                zh=f"值应在 {self.low} 与 {self.high} 之间；百分之十写作 0.10。",
                en=f"the value must lie between {self.low} and {self.high}; "
                "write ten per cent as 0.10",
            )
        return number

    def schema(self) -> Json:
        """A number, or a ratio as text."""
        return {"type": ["number", "string"], "pattern": r"^[0-9]+([./][0-9]+)?$"}


@dataclass(frozen=True)
class Word:
    """One word of a choice."""

    choices: tuple[str, ...]

    def read(self, node: Node, problems: Problems) -> str:
        """The word."""
        text = scalar_text(node, problems, what="value")
        if text not in self.choices:
            close = nearest(text, self.choices)
            hint = f"did you mean '{close}'?" if close else f"choose from {', '.join(self.choices)}"
            hint_zh = f"是否想写“{close}”？" if close else f"可选：{'、'.join(self.choices)}。"
            raise problems.stop(
                node.where,
                zh=f"值不能是“{text[:40]}”；{hint_zh}",
                en=f"the value cannot be '{text[:40]}'; {hint}",
            )
        return text

    def schema(self) -> Json:
        """The choice."""
        return {"enum": list(self.choices)}


@dataclass(frozen=True)
class Yes:
    """true or false."""

    def read(self, node: Node, problems: Problems) -> bool:
        """The answer."""
        text = scalar_text(node, problems, what="value")
        if text not in {"true", "false"}:
            raise problems.stop(
                node.where,
                zh=f"值应为 true 或 false，不是“{text[:40]}”。",
                en=f"the value must be true or false, not '{text[:40]}'; correct it",
            )
        return text == "true"

    def schema(self) -> Json:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Day:
    """A calendar day, 2020-09-22."""

    def read(self, node: Node, problems: Problems) -> date:
        """The day."""
        text = scalar_text(node, problems, what="value")
        try:
            if not _DAY.fullmatch(text):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError:
            raise problems.stop(
                node.where,
                zh=f"“{text[:40]}”不是日期；请写成 2024-10-01。",
                en=f"'{text[:40]}' is no day; write it like 2024-10-01",
            ) from None

    def schema(self) -> Json:
        """A day as text."""
        return {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


@dataclass(frozen=True)
class DayOfYear:
    """A day of every year, 06-10 for the tenth of June."""

    def read(self, node: Node, problems: Problems) -> MonthDay:
        """The day."""
        text = scalar_text(node, problems, what="value")
        match = _MONTH_DAY.fullmatch(text)
        try:
            if match is None:
                raise ValueError(text)
            found = MonthDay(int(match[1]), int(match[2]))
            date(LEAP_YEAR, found.month, found.day)
        except ValueError:
            raise problems.stop(
                node.where,
                zh=f"“{text[:40]}”不是一年中的日期；6 月 10 日写作 06-10，加引号。",
                en=f"'{text[:40]}' is no day of a year; write the tenth of June as \"06-10\"",
            ) from None
        return found

    def schema(self) -> Json:
        """Month and day as text."""
        return {"type": "string", "pattern": r"^[0-9]{2}-[0-9]{2}$"}


@dataclass(frozen=True)
class Words:
    """A list of words, each once; of a choice where `choices` are given."""

    choices: tuple[str, ...] = ()
    may_be_empty: bool = False
    example: str = "shenzhen-metro"

    def read(self, node: Node, problems: Problems) -> tuple[str, ...]:
        """The words in the order written."""
        if not isinstance(node, Sequence) or not (node.items or self.may_be_empty):
            example = self.choices[0] if self.choices else self.example
            raise problems.stop(
                node.where,
                zh=f"值应为列表，如 [{example}]；请改写。",
                en=f"the value must be a list, such as [{example}]; rewrite it",
            )
        found: list[str] = []
        for item in node.items:
            word = self._word(item, problems)
            if word in found:
                raise problems.stop(
                    item.where,
                    zh=f"“{word}”写了两次；请删去一个。",
                    en=f"'{word}' stands there twice; remove one",
                )
            found.append(word)
        return tuple(found)

    def _word(self, node: Node, problems: Problems) -> str:
        if self.choices:
            return Word(self.choices).read(node, problems)
        text = scalar_text(node, problems, what="value")
        if not _WORD.fullmatch(text):
            raise problems.stop(
                node.where,
                zh=f"“{text[:40]}”不能作列表中的一项；请用字母、数字、- _ . +。",
                en=f"'{text[:40]}' cannot stand in the list; use letters, digits and - _ . +",
            )
        return text

    def schema(self) -> Json:
        """A list."""
        item: Json = {"enum": list(self.choices)} if self.choices else {"type": "string"}
        least = 0 if self.may_be_empty else 1
        return {"type": "array", "items": item, "minItems": least, "uniqueItems": True}


@dataclass(frozen=True)
class Group:
    """Several values under names, such as {ratio: 0.10, base: emissions}."""

    required: Mapping[str, Form]
    optional: Mapping[str, Form] = field(default_factory=dict)

    def read(self, node: Node, problems: Problems) -> Mapping[str, Value]:
        """The values that are there."""
        section = Section(
            node,
            problems,
            what="value",
            required=tuple(self.required),
            optional=tuple(self.optional),
        )
        forms = {**self.required, **self.optional}
        return {
            key: form.read(section.node(key), problems)
            for key, form in forms.items()
            if key in self.required or key in section
        }

    def schema(self) -> Json:
        """An object."""
        forms = {**self.required, **self.optional}
        return {
            "type": "object",
            "properties": {key: form.schema() for key, form in forms.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }


@dataclass(frozen=True)
class Table:
    """Rows of one group, one at least."""

    row: Group

    def read(self, node: Node, problems: Problems) -> tuple[Value, ...]:
        """The rows in the order written."""
        if not isinstance(node, Sequence) or not 0 < len(node.items) <= ROWS_MAX:
            keys = ", ".join(f"{key}: …" for key in self.row.required)
            raise problems.stop(
                node.where,
                zh=f"值应为 1 至 {ROWS_MAX} 行的表，每行形如 {{{keys}}}。",
                en=f"the value must be a table of 1 to {ROWS_MAX} rows, each like {{{keys}}}; "
                "rewrite it",
            )
        return tuple(self.row.read(item, problems) for item in node.items)

    def schema(self) -> Json:
        """A list of objects."""
        return {"type": "array", "items": self.row.schema(), "minItems": 1, "maxItems": ROWS_MAX}


def written(value: Value) -> str:
    """The value as it stands in a rule file, on one line; reading it gives the value again.

    >>> written({"ratio": Fraction(1, 10), "base": "emissions"})
    '{ratio: 0.1, base: emissions}'
    >>> written((MonthDay(6, 10), Fraction(1, 3), True))
    '["06-10", 1/3, true]'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(written(each) for each in value) + "]"
    if isinstance(value, MonthDay):
        return f'"{value}"'
    text = plain(value)
    return str(text).lower() if isinstance(text, bool) else str(text)


def plain(value: Value) -> Any:
    """The value as JSON: exact numbers and days as text.

    >>> plain({"ratio": Fraction(7, 10), "days": (date(2024, 1, 1),), "count": 5})
    {'ratio': '0.7', 'days': ['2024-01-01'], 'count': 5}
    """
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, Fraction):
        return _exact_text(value)
    return value if isinstance(value, int | str) else str(value)


def _exact_text(number: Fraction) -> str:
    """A decimal where it ends, else the ratio.

    >>> _exact_text(Fraction(1, 8)), _exact_text(Fraction(2, 3)), _exact_text(Fraction(5))
    ('0.125', '2/3', '5')
    """
    rest, places = number.denominator, 0
    while rest % 10 == 0 or rest % 5 == 0 or rest % 2 == 0:
        rest, places = (
            rest // (10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2),
            places + 1,
        )
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    scaled = number.numerator * 10**places // number.denominator
    if not places:
        return str(scaled)
    digits = f"{scaled:0{places + 1}}"
    return f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")
