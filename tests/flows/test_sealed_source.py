"""Nothing of a partner's file stays in clear; quarantine and replay work through the keys."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from django.db import connection
from tests.flows.deliveries import COLUMNS, a_metro_ride, csv_of, deliver

from tanhui.books.models import Batch
from tanhui.core.errors import Gone
from tanhui.core.ids import ResultId
from tanhui.domain.citizens import queries as citizens
from tanhui.flows import reading
from tanhui.flows.deliveries import clear_source, replay
from tanhui.flows.destroying_keys import destroy_person_key
from tanhui.flows.explain_result import explain_result
from tanhui.flows.prove import prove
from tanhui.flows.record_batch import record_batch
from tanhui.interfaces.platform import feed_of, platform

pytestmark = pytest.mark.django_db

ROWS = [
    a_metro_ride(person="card:NEVERINCLEAR"),
    a_metro_ride(external_id="r2", person="card:NEVERINCLEAR", distance_km="NOTANUMBER"),
    a_metro_ride(external_id="r3", person="noschemeNEVERINCLEAR"),
    a_metro_ride(external_id="r4", person="card:OTHER"),
]


def folder() -> Path:
    return platform().evidence / Batch.objects.get(seq=1).uri


def bytes_kept() -> bytes:
    """Every byte of the evidence, and everything the database says, as a dump would."""
    files = b"".join(path.read_bytes() for path in folder().rglob("*") if path.is_file())
    frames = [pl.read_parquet(path) for path in folder().rglob("*.parquet")]
    told = "".join(frame.write_csv() for frame in frames)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{name}\" t")
            told += cursor.fetchone()[0]
    return files + told.encode()


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_no_byte_of_a_reference_or_a_line_is_kept_in_clear(kind: str, tmp_path: Path) -> None:
    deliver(tmp_path, as_file(kind, tmp_path), name=f"rides.{kind}")
    kept = bytes_kept()
    for text in (b"NEVERINCLEAR", b"NOTANUMBER", b"2024-10-08T08:00", b"OTHER"):
        assert text not in kept
        assert text.hex().encode() not in kept
    assert [row["row"] for row in quarantined()] == [2, 3]
    assert all("NEVERINCLEAR" in row["text"] for row in quarantined())
    assert "NOTANUMBER" in quarantined()[0]["text"]
    with clear_source(platform().home, folder(), batch=1, keys=platform().people_keys) as source:
        assert source.read_bytes() == (tmp_path / f"rides.{kind}").read_bytes()
    assert not source.exists()


def as_file(kind: str, folder: Path) -> bytes:
    """The rows as a file of that kind."""
    frame = pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in ROWS])
    frame = frame.select(name for name in COLUMNS if frame[name].is_not_null().any())
    path = folder / "written"
    if kind == "csv":
        return csv_of(ROWS)
    if kind == "ndjson":
        frame.write_ndjson(path)
    else:
        frame.write_parquet(path)
    return path.read_bytes()


def quarantined() -> list[dict[str, str]]:
    items: list[dict[str, str]] = reading.quarantine(platform(), 1)["items"]
    return items


def test_a_destroyed_key_is_told_in_words_and_breaks_nothing(tmp_path: Path) -> None:
    first = deliver(tmp_path, ROWS)
    person = citizens.find("card:NEVERINCLEAR", key=platform().identity_key)
    assert person is not None
    assert platform().people_keys.destroy(person)
    own, others = quarantined()
    assert (own["line"], others["line"] is None) == (None, False)
    assert own["text"] == reading.ERASED
    assert reading.ERASED.encode() not in b"".join(reading.quarantine_file(platform(), 1))
    assert explain_result(platform(), ResultId(1, 1))["matches"]
    assert deliver(tmp_path, ROWS) == first | {"repeated": True}
    assert all(proof.ok for proof in prove(platform()))
    with pytest.raises(Gone) as gone:
        replay(platform(), [folder()], feed_of, record_batch, keys=platform().people_keys)
    assert gone.value.code == "source.key_destroyed"


@pytest.mark.parametrize(("kind", "whole"), [("csv", []), ("parquet", [1])])
def test_a_file_without_lines_goes_with_its_first_person(
    kind: str, whole: list[int], tmp_path: Path
) -> None:
    deliver(tmp_path, as_file(kind, tmp_path), name=f"rides.{kind}")
    person = citizens.find("card:NEVERINCLEAR", key=platform().identity_key)
    assert person is not None
    assert destroy_person_key(platform(), person) == whole
    assert destroy_person_key(platform(), person) == whole
    assert (quarantined()[1]["line"] is None) == bool(whole)
    assert all(proof.ok for proof in prove(platform()))
