"""Factories of canonical rows and files for the flow tests."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from tanhui.domain.partners import services as partners
from tanhui.interfaces.intake import take_in

COLUMNS = (
    "external_id",
    "person",
    "scene",
    "region",
    "started_at",
    "ended_at",
    "corrects",
    "distance_km",
    "energy_kwh",
)

Row = dict[str, str]


def a_metro_ride(**changes: str) -> Row:
    """Ten kilometres by Wuhan metro on 8 October 2024, 784,000 mg at 78.4 g/km."""
    row = {
        "external_id": "r1",
        "person": "card:1",
        "scene": "metro",
        "region": "420100",
        "started_at": "2024-10-08T08:00:00+08:00",
        "ended_at": "2024-10-08T08:30:00+08:00",
        "distance_km": "10",
    }
    return row | changes


def csv_of(rows: list[Row]) -> bytes:
    """The canonical CSV of the rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def deliver(
    folder: Path, rows: list[Row] | bytes, *, partner: str = "metro-co", **options: Any
) -> dict[str, Any]:
    """Take the rows in as a file of `partner`; returns the receipt."""
    partners.register(partner, name_zh=f"{partner}（测试）", name_en=f"{partner} (test)")
    path = folder / options.pop("name", "rides.csv")
    path.write_bytes(rows if isinstance(rows, bytes) else csv_of(rows))
    feed = options.pop("feed", "canonical")
    return take_in(
        path, name=path.name, partner=partner, feed=feed, config={}, actor="test", **options
    )
