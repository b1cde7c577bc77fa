"""CSV downloads: streamed, UTF-8 with byte order mark so spreadsheets show Chinese."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

from . import desk
from .limits import EXPORT_ROWS_MAX, PAGE_ROWS_MAX

BYTE_ORDER_MARK = "\ufeff"
RECORD_COLUMNS = (
    ("编号 id", "id"),
    ("开始 started_at", "started_at"),
    ("结束 ended_at", "ended_at"),
    ("场景 scene", "scene"),
    ("名称 name_zh", "name_zh"),
    ("name_en", "name_en"),
    ("数量 quantities", "quantities"),
    ("状态 status", "status"),
    ("原因 reason", "reason"),
    ("减排量 mg_co2e", "mg"),
    ("积分 points", "points"),
    ("方法学 methodology", "methodology"),
    ("证据状态 evidence", "evidence"),
    ("来源平台 partner", "partner_name_zh"),
)


_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")  # wide ones too: Chinese spreadsheets take them


class _Line:
    """A file that gives back what is written, for `csv.writer`."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """CSV bytes, line by line; a cell that a spreadsheet would run as a formula is quoted.

    >>> list(csv_lines(["a"], [["=1+1"]]))[1]
    b"'=1+1\\r\\n"
    """
    writer: Any = csv.writer(_Line())
    yield (BYTE_ORDER_MARK + writer.writerow(list(header))).encode()
    for row in rows:
        yield writer.writerow([_harmless(cell) for cell in row]).encode()


def records_csv(person: int, **filters: str | None) -> StreamingHttpResponse:
    """All records of a person (at most `EXPORT_ROWS_MAX`), with the filters of the list."""
    lines = csv_lines(
        [title for title, _ in RECORD_COLUMNS],
        ([_cell(record, key) for _, key in RECORD_COLUMNS] for record in _all(person, filters)),
    )
    return attachment(lines, "tanhui-records.csv")


def attachment(lines: Iterable[bytes], name: str) -> StreamingHttpResponse:
    """A CSV download called `name` (ASCII)."""
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _all(person: int, filters: dict[str, str | None]) -> Iterator[dict[str, Any]]:
    before: str | None = None
    for _ in range(EXPORT_ROWS_MAX // PAGE_ROWS_MAX):
        page = desk.records(person, before=before, limit=PAGE_ROWS_MAX, **filters)
        yield from page["items"]
        before = page["next"]
        if before is None:
            return


def _cell(record: dict[str, Any], key: str) -> object:
    if key == "quantities":
        return "; ".join(
            f"{one['name_zh']} {one['value']} {one['unit']}" for one in record["quantities"]
        )
    return record[key] if record[key] is not None else ""


def _harmless(cell: object) -> object:
    """A text that starts like a formula gets an apostrophe in front."""
    if isinstance(cell, str) and cell[:1] in _FORMULA:
        return "'" + cell
    return cell
