"""开放数据: the register as tables, and as records of the Climate Action Data Trust."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.flows.registry import cadt, open_data
from tanhui.interfaces.api.exports import attachment, csv_lines
from tanhui.interfaces.certificates.issuer import issuer
from tanhui.interfaces.platform import platform

from .page import show

TABLES = {
    "projects": _("减排项目"),
    "issues": _("签发"),
    "blocks": _("区块：每个单位现在的状态"),
    "retirements": _("注销"),
}


@require_GET
def index(request: HttpRequest) -> HttpResponseBase:
    """What there is to download, and what was left out of the exchange records and why."""
    export = _export(request)
    context = {
        "tables": TABLES.items(),
        "cadt": [(name, len(records)) for name, records in export.tables.items()],
        "left_out": export.left_out[:20],
        "left_out_count": len(export.left_out),
        "with_demo": export.with_demo,
    }
    return show(request, "open_data.html", context)


@require_GET
def table_csv(request: HttpRequest, table: str) -> HttpResponseBase:
    """One table as CSV (UTF-8 with byte order mark)."""
    columns = _columns(table)
    rows = ([row[name] for name in columns] for row in open_data.rows(platform(), table))
    return attachment(csv_lines(columns, rows), f"tanhui-{table}.csv")


@require_GET
def table_json(request: HttpRequest, table: str) -> HttpResponseBase:
    """One table as a JSON list, one row a line."""
    _columns(table)
    answer = StreamingHttpResponse(_lines(table), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="tanhui-{table}.json"'
    return answer


@require_GET
def cadt_table(request: HttpRequest, table: str) -> HttpResponseBase:
    """One table of Climate Action Data Trust v2.0.2; `?demo=1` has made-up projects too."""
    found = _export(request).files().get(table)
    if found is None:
        raise Http404
    return JsonResponse(found, safe=False, json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_GET
def cadt_zip(request: HttpRequest) -> HttpResponse:
    """All of them in order of insertion, and what was left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, (name, records) in enumerate(_export(request).files().items(), start=1):
            text = json.dumps(records, ensure_ascii=False, indent=1)
            archive.writestr(f"{place:02d}-{name}.json", text)
    answer = HttpResponse(buffer.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="tanhui-cadt-2.0.2.zip"'
    return answer


def _columns(table: str) -> tuple[str, ...]:
    columns = open_data.COLUMNS.get(table)
    if columns is None:
        raise Http404
    return columns


def _lines(table: str) -> Iterator[bytes]:
    yield b"[\n"
    between = b""
    for row in open_data.rows(platform(), table):
        yield between + json.dumps(row, ensure_ascii=False).encode()
        between = b",\n"
    yield b"\n]\n"


def _export(request: HttpRequest) -> Any:
    signs = issuer()
    about = cadt.Registry(address=signs.address, name=f"{signs.name_en} {signs.name_zh}".strip())
    return cadt.export(platform(), about, with_demo=request.GET.get("demo") == "1")
