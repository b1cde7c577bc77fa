"""Factories of totals and manifests, and one verb that posts them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import polars as pl
from django.db import connection, transaction

from tanhui.books.manifest import BatchManifest
from tanhui.books.posting import TOTALS, PointsRule, head, post_batch

RULE = PointsRule(programme="test", valid_years=2, people_min=20)
OCTOBER_1 = 19_997  # day number of 2024-10-01

Total = dict[str, Any]


def a_total(**changes: Any) -> Total:
    """Person 7 rode the Wuhan metro twice on 1 October 2024: 784,000 mg, 78 points."""
    total = {
        "person": 7,
        "region": 420106,
        "scene": "metro",
        "day": OCTOBER_1,
        "reversal": False,
        "mg": 784_000,
        "points": 78,
        "n_events": 2,
        "origin": None,
    }
    return total | changes


def totals_frame(totals: list[Total]) -> pl.DataFrame:
    """The totals as the posting takes them."""
    return pl.DataFrame(totals, schema=TOTALS)


def a_manifest(totals: list[Total], **changes: Any) -> BatchManifest:
    """A manifest that fits the totals and follows the last batch."""
    last = head()
    seq = last.seq + 1

    def total(name: str, *, reversal: bool) -> int:
        return sum(row[name] for row in totals if row["reversal"] is reversal)

    values: dict[str, Any] = {
        "seq": seq,
        "public_id": f"batch-{seq}",
        "partner_id": 1,
        "feed": "canonical",
        "feed_config": {"zone": "+08:00"},
        "source_name": "records.csv",
        "source_sha256": hashlib.sha256(f"{seq}".encode()).hexdigest(),
        "source_bytes": 1_024,
        "received_at": datetime(2024, 10, 9, 1, 2, 3, 456_789, tzinfo=UTC),
        "n_rows": len(totals),
        "counts": {"credited": len(totals)},
        "prev_digest": last.digest,
        "code_version": "0.1.0",
        "uri": f"batch-{seq}",
        "mg_credited": total("mg", reversal=False),
        "mg_reversed": total("mg", reversal=True),
        "points_credited": total("points", reversal=False),
        "points_reversed": total("points", reversal=True),
    }
    return BatchManifest(**(values | changes))


def post(totals: list[Total], **changes: Any) -> BatchManifest:
    """Post the totals as the next batch, in one transaction."""
    manifest = a_manifest(totals, **changes)
    with transaction.atomic():
        post_batch(
            connection, batch=manifest, totals=totals_frame(totals), rules=RULE, actor="test"
        )
    return manifest
