"""Checks the names of a table's columns before any row is read.

A wrong header refuses the whole file: guessing which column is meant would credit wrong numbers.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Collection, Sequence

from tanhui.core.errors import InputRefused, TooLarge
from tanhui.engine.batch.limits import COLUMNS_MAX

from .sniff import is_utf8

_SHOWN_CHARS = 40


def parse_header(line: bytes) -> list[str]:
    """Column names of a CSV header line.

    Raises InputRefused `header.missing`, `header.line_breaks`, `header.not_utf8`,
    `header.malformed`.
    """
    if not line.strip():
        raise InputRefused(
            "header.missing",
            zh="第一行应为表头，但它是空的。",
            en="The first line must be the header, but it is blank.",
        )
    if b"\r" in line:
        raise InputRefused(
            "header.line_breaks",
            zh="文件只用回车（CR）换行；请用换行符 LF 或 CRLF 重新导出。",
            en="The file breaks lines by carriage returns alone; export it with LF or CRLF.",
        )
    if not is_utf8(line):
        raise InputRefused(
            "header.not_utf8",
            zh="表头不是 UTF-8 编码（可能是 GBK）；请以 UTF-8 重新导出。",
            en="The header is not UTF-8 (maybe GBK); export it again as UTF-8.",
        )
    try:
        return next(csv.reader([line.decode()], strict=True))
    except (csv.Error, StopIteration) as error:
        raise InputRefused(
            "header.malformed",
            zh="表头的双引号不成对。",
            en="The header's double quotes do not match.",
        ) from error


def check_columns(
    names: Sequence[str], *, required: Collection[str], optional: Collection[str]
) -> None:
    """Refuse a header with too many, duplicated, unknown or missing columns; all are named.

    Codes: header.too_many_columns, header.not_recognised, header.duplicated_columns,
    header.unknown_columns, header.missing_columns.
    """
    if len(names) > COLUMNS_MAX:
        raise TooLarge(
            "header.too_many_columns",
            zh=f"表头有 {len(names)} 列，上限为 {COLUMNS_MAX} 列。",
            en=f"The header has {len(names)} columns, the limit is {COLUMNS_MAX}.",
        )
    known = {*required, *optional}
    if not known.intersection(names):
        raise InputRefused(
            "header.not_recognised",
            zh="第一行不是表头：没有一个已知的列；请检查表头，并用逗号分隔。",
            en="The first line is no header: none of its columns is known; "
            "check the header and separate by commas.",
        )
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InputRefused(
            "header.duplicated_columns",
            zh=f"表头中有重复的列：{_listed(doubled)}；每列只能出现一次。",
            en=f"Columns occur twice in the header: {_listed(doubled)}.",
            columns=doubled,
        )
    unknown = [name for name in names if name not in known]
    missing = [name for name in required if name not in names]
    if unknown:
        hints = [_hint(name, known) for name in unknown]
        raise InputRefused(
            "header.unknown_columns",
            zh=f"表头中有未知的列：{'；'.join(zh for zh, _ in hints)}。",
            en=f"Unknown columns in the header: {'; '.join(en for _, en in hints)}.",
            columns=unknown,
        )
    if missing:
        raise InputRefused(
            "header.missing_columns",
            zh=f"表头缺少列：{_listed(missing)}。",
            en=f"Columns are missing in the header: {_listed(missing)}.",
            columns=missing,
        )


def _hint(name: str, known: Collection[str]) -> tuple[str, str]:
    """What an unknown column may be meant for, (zh, en)."""
    shown = _shown(name)
    field = name.rpartition("_")[0]
    other_unit = sorted(each for each in known if field and each.rpartition("_")[0] == field)
    if other_unit:
        wanted = other_unit[0]
        unit = wanted.rpartition("_")[2]
        return (
            f"{shown}（单位应为 {unit}：请换算后写入 {wanted}）",
            f"{shown} (the unit wanted is {unit}: convert it into {wanted})",
        )
    near = difflib.get_close_matches(name.strip().lower(), sorted(known), n=1)
    if near:
        return f"{shown}（是否为 {near[0]}？）", f"{shown} (do you mean {near[0]}?)"
    return shown, shown


def _shown(name: str) -> str:
    """A foreign name made safe and short for a message."""
    printable = "".join(char if char.isprintable() else "?" for char in name)
    return printable[:_SHOWN_CHARS] or "''"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(_shown(name) for name in names[:COLUMNS_MAX])
