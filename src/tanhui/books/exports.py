"""A statement as a file: CSV for a spreadsheet, JSON for a program, Parquet for analysis.

The first row is the opening balance and the last one the closing balance, so that each file
can be checked by itself.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import Any

import polars as pl

from .statements import Statement

COLUMNS = {
    "day": pl.Date,
    "number": pl.Int64,
    "act": pl.Int64,
    "verb": pl.String,
    "code": pl.String,
    "other": pl.String,
    "debit": pl.Int64,
    "credit": pl.Int64,
    "balance": pl.Int64,
}
FORMS = ("csv", "json", "parquet")


def export(statement: Statement, form: str) -> bytes:
    """The statement in one of FORMS; CSV begins with a byte order mark."""
    if form == "json":
        return json.dumps(document(statement), ensure_ascii=False, indent=1).encode()
    frame, out = table(statement), io.BytesIO()
    if form == "csv":
        frame.write_csv(out, include_bom=True)
    else:
        frame.write_parquet(out)
    return out.getvalue()


def table(statement: Statement) -> pl.DataFrame:
    """Opening, one row per line, closing; the columns of COLUMNS."""
    ends = dict.fromkeys(COLUMNS) | {"debit": 0, "credit": 0}
    first = ends | {"day": statement.first, "code": "opening", "balance": statement.opening}
    last = ends | {"day": statement.last, "code": "closing", "balance": statement.closing}
    rows = [first, *(asdict(line) for line in statement.lines), last]
    return pl.DataFrame(rows, schema=COLUMNS)


def document(statement: Statement) -> dict[str, Any]:
    """JSON-ready values; amounts are text, as numbers above 2**53 would lose digits elsewhere."""
    amounts = ("opening", "debits", "credits", "closing")
    lines = [
        asdict(line)
        | {"day": line.day.isoformat()}
        | {name: str(getattr(line, name)) for name in ("number", "debit", "credit", "balance")}
        for line in statement.lines
    ]
    return {
        "account": statement.account,
        "asset": statement.asset,
        "unit": statement.unit,
        "first": statement.first.isoformat(),
        "last": statement.last.isoformat(),
        **{name: str(getattr(statement, name)) for name in amounts},
        "lines": lines,
    }
