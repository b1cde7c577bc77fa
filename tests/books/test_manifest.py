"""One manifest, one text, one digest."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tanhui.books.manifest import BatchManifest, FileDigest
from tanhui.core.canonical import canonical_json

MANIFEST = BatchManifest(
    seq=1,
    public_id="batch-1",
    partner_id=1,
    feed="canonical",
    feed_config={"zone": "+08:00"},
    source_name="记录.csv",
    source_sha256="a" * 64,
    source_bytes=3,
    received_at=datetime(2024, 10, 9, 1, 2, 3, 456_789, tzinfo=UTC),
    n_rows=2,
    counts={"credited": 1, "rejected": 1},
    prev_digest="0" * 64,
    code_version="0.1.0",
    uri="batch-1",
    mg_credited=2**62,
    files=(FileDigest("results.parquet", "b" * 64, 9),),
    methodologies=({"code": "wuhan-metro", "version": "2023.1", "digest": "c" * 64},),
    first_day=date(2024, 10, 1),
)


def test_the_canonical_text_is_sorted_json_with_amounts_as_text() -> None:
    text = MANIFEST.canonical().decode()
    document = json.loads(text)
    assert list(document) == sorted(document)
    assert document["mg_credited"] == str(2**62)
    assert document["received_at"] == "2024-10-09T01:02:03.456Z"
    assert (document["first_day"], document["last_day"]) == ("2024-10-01", None)
    assert document["files"] == [{"bytes": 9, "name": "results.parquet", "sha256": "b" * 64}]
    assert "记录.csv" in text
    assert ": " not in text


def test_the_digest_does_not_depend_on_key_order_or_zone() -> None:
    china = timezone(timedelta(hours=8))
    same = replace(
        MANIFEST,
        counts={"rejected": 1, "credited": 1},
        received_at=MANIFEST.received_at.astimezone(china),
    )
    assert same.digest == MANIFEST.digest


@pytest.mark.parametrize(
    "change", [{"prev_digest": "1" * 64}, {"mg_credited": 1}, {"uri": "x"}, {"files": ()}]
)
def test_every_change_shows_in_the_digest(change: dict[str, object]) -> None:
    assert replace(MANIFEST, **change).digest != MANIFEST.digest  # type: ignore[arg-type]


def test_the_source_identity_is_feed_configuration_and_content() -> None:
    assert replace(MANIFEST, seq=2, source_name="x").source_identity == MANIFEST.source_identity
    other = replace(MANIFEST, feed_config={"zone": "+00:00"})
    assert other.source_identity != MANIFEST.source_identity


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="no canonical form"):
        canonical_json({"x": float("nan")})
