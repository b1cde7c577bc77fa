"""Canonical records to begin with: a good one, and files made of changed ones."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = (
    "external_id", "person", "scene", "region", "started_at", "ended_at", "class", "corrects",
    "distance_km", "energy_kwh",
)  # fmt: skip


def a_record(**changes: str | None) -> dict[str, str | None]:
    """A metro ride of 6.825 km in Shenzhen; `class_` is the column class."""
    record: dict[str, str | None] = {
        "external_id": "m-1",
        "person": "card:AA17",
        "scene": "metro",
        "region": "440300",
        "started_at": "2024-10-01T08:00:00+08:00",
        "ended_at": "2024-10-01T08:20:00+08:00",
        "class": None,
        "corrects": None,
        "distance_km": "6.825",
        "energy_kwh": None,
    }
    if "class_" in changes:
        changes["class"] = changes.pop("class_")
    return record | changes


def csv_text(field: str | None) -> str:
    text = field or ""
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"') else text


def csv_line(record: Mapping[str, str | None], columns: Iterable[str] = COLUMNS) -> str:
    return ",".join(csv_text(record.get(column)) for column in columns)


def csv_file(*records: Mapping[str, str | None], columns: Iterable[str] = COLUMNS) -> bytes:
    names = list(columns)
    lines = [",".join(names), *(csv_line(record, names) for record in records)]
    return ("\n".join(lines) + "\n").encode()


def csv_of_lines(*lines: bytes) -> bytes:
    """The canonical header and raw lines."""
    return b"\n".join([",".join(COLUMNS).encode(), *lines]) + b"\n"


def json_line(**changes: Any) -> bytes:
    """A good record as JSON with some keys changed; None leaves a key out."""
    given = {**{k: v for k, v in a_record().items() if v is not None}, **changes}
    return json.dumps(
        {key: value for key, value in given.items() if value is not None}, ensure_ascii=False
    ).encode()


def parquet_file(columns: Mapping[str, pa.Array], **options: Any) -> bytes:
    """A good record, once per row of `columns`, with these columns put in place."""
    rows = len(next(iter(columns.values())))
    good = {
        name: pa.array([value] * rows, pa.string())
        for name, value in a_record().items()
        if value is not None
    }
    table = pa.table({**good, **columns})
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()
