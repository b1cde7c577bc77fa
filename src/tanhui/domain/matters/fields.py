"""The fields of a step: what may be said in them, and every mistake at its field.

Values are kept as JSON with exact text: a decimal stays the digits that were written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from tanhui.core.canonical import WHOLE_MAX
from tanhui.core.errors import InputRefused
from tanhui.core.region import Region
from tanhui.engine.section import Text

TEXT_CHARS_MAX = 2_000
ROWS_MAX = 1_000
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,12})?", re.ASCII)
_INTEGER = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_YEARS = range(1900, 3000)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

TYPES = (
    *("text", "integer", "decimal", "day", "month", "region"),
    *("organisation", "matter", "choice", "yes", "table"),
)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the words a field takes, with its name."""

    value: str
    name: Text


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: `columns` are a table's, `choices` a choice's, `unit` and bounds a number's."""

    key: str
    type: str
    name: Text
    is_required: bool = True
    unit: str = ""
    least: Fraction | None = None
    most: Fraction | None = None
    choices: tuple[Choice, ...] = ()
    columns: tuple[Field, ...] = ()
    help: Text | None = None


@dataclass(frozen=True)
class Wrong:
    """A mistake in one field, as a value: where, and what to do in both languages."""

    where: str
    zh: str
    en: str


class _Refused(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def checked(fields: tuple[Field, ...], data: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the fields; raises InputRefused with every mistake, each at its field."""
    clean, wrong = _read(fields, data, place="")
    if wrong:
        raise InputRefused(
            "matter.data_refused",
            zh="；".join(f"{one.where}：{one.zh}" for one in wrong[:10]) + "。",
            en="; ".join(f"{one.where}: {one.en}" for one in wrong[:10]) + ".",
            errors=[{"where": one.where, "what": one.en, "what_zh": one.zh} for one in wrong],
        )
    return clean


def _read(
    fields: tuple[Field, ...], data: Mapping[str, Any], *, place: str
) -> tuple[dict[str, Any], list[Wrong]]:
    clean: dict[str, Any] = {}
    wrong: list[Wrong] = []
    known = {field.key for field in fields}
    for key in sorted(data.keys() - known):
        wrong.append(Wrong(f"{place}{key[:40]}", "没有这一项，请删去", "unknown, leave it out"))
    for field in fields:
        value = data.get(field.key)
        if value is None or value in ("", []):
            if field.is_required:
                wrong.append(Wrong(place + field.key, "请填写", "fill it in"))
            continue
        if field.type == "table":
            clean[field.key], mistakes = _rows(field, value, place=place)
            wrong += mistakes
            continue
        try:
            clean[field.key] = _value(field, value)
        except _Refused as refused:
            wrong.append(Wrong(place + field.key, refused.zh, refused.en))
    return clean, wrong


def _rows(field: Field, value: Any, *, place: str) -> tuple[list[dict[str, Any]], list[Wrong]]:
    where = place + field.key
    if not isinstance(value, list) or len(value) > ROWS_MAX:
        return [], [Wrong(where, f"应为至多 {ROWS_MAX} 行的表", f"give at most {ROWS_MAX} rows")]
    rows: list[dict[str, Any]] = []
    wrong: list[Wrong] = []
    for number, row in enumerate(value, start=1):
        if not isinstance(row, Mapping):
            wrong.append(Wrong(f"{where}[{number}]", "应为一行各列", "give a row of columns"))
            continue
        clean, mistakes = _read(field.columns, row, place=f"{where}[{number}].")
        rows.append(clean)
        wrong += mistakes
    return rows, wrong


def _value(field: Field, value: Any) -> Any:
    if field.type == "yes":
        if not isinstance(value, bool):
            raise _Refused("请选择是或否", "answer true or false")
        return value
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Refused("应为文字或整数，小数写成文字", "a text or a whole number, decimals as text")
    text = str(value).strip()
    return _READERS.get(field.type, _text)(field, text)


def _text(_field: Field, text: str) -> str:
    is_shown = all(one.isprintable() or one in "\r\n\t" for one in text)
    if not (text and len(text) <= TEXT_CHARS_MAX and is_shown):
        raise _Refused(
            f"应为 1 至 {TEXT_CHARS_MAX} 个可见字符", f"1 to {TEXT_CHARS_MAX} printable characters"
        )
    return text


def _integer(_field: Field, text: str) -> int:
    if not (_INTEGER.fullmatch(text) and int(text) <= WHOLE_MAX):
        raise _Refused(
            f"应为不带单位的整数，至多 {WHOLE_MAX}", f"a whole number up to {WHOLE_MAX}, no unit"
        )
    return int(text)


def _decimal(field: Field, text: str) -> str:
    if not _DECIMAL.fullmatch(text):
        unit = f"（{field.unit}）" if field.unit else ""
        raise _Refused(
            f"应为十进制数{unit}，如 78.4，不用逗号",
            "a decimal number such as 78.4, without commas" + (f" ({field.unit})" * bool(unit)),
        )
    least, most, value = field.least, field.most, Fraction(text)
    if (least is not None and value < least) or (most is not None and value > most):
        ends = f"{'' if least is None else least}…{'' if most is None else most}"
        raise _Refused(f"应在 {ends} 之内", f"must lie within {ends}")
    return text


def _day(_field: Field, text: str) -> str:
    try:
        if not (_DAY.fullmatch(text) and int(text[:4]) in _YEARS):
            raise ValueError(text)
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _Refused("应为日期，如 2025-11-01", "a day such as 2025-11-01") from None


def _month(_field: Field, text: str) -> str:
    if not (_MONTH.fullmatch(text) and int(text[:4]) in _YEARS):
        raise _Refused("应为月份，如 2025-11", "a month such as 2025-11")
    return text


def _region(_field: Field, text: str) -> str:
    try:
        return Region(text).code
    except InputRefused as refused:
        raise _Refused(refused.zh, refused.en) from None


def _choice(field: Field, text: str) -> str:
    known = [choice.value for choice in field.choices]
    if text not in known:
        raise _Refused(f"可选：{'、'.join(known)}", f"choose from {', '.join(known)}")
    return text


_READERS = {
    "integer": _integer,
    "organisation": _integer,
    "decimal": _decimal,
    "day": _day,
    "month": _month,
    "region": _region,
    "choice": _choice,
}
