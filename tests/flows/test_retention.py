"""Past its days the key of what is nobody's goes, as a public act; what is somebody's stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.flows.deliveries import a_metro_ride, deliver
from tests.flows.test_consents import person_of

from tanhui.books.evidence_store import LAW, MEASURED, PARTNER, PROOF, retention_class
from tanhui.books.models import Batch, Journal, LogEntry
from tanhui.core.canonical import read_json
from tanhui.domain.viewings.queries import of_person
from tanhui.domain.viewings.services import Viewer
from tanhui.flows import reading, shown_rows
from tanhui.flows.nightly import nightly
from tanhui.flows.prove import prove
from tanhui.flows.retention import DESTROYED, destroy_due_keys
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db

ROWS = [
    a_metro_ride(),
    a_metro_ride(external_id="r2", distance_km="MANY"),
    a_metro_ride(external_id="r3", person="no scheme"),
]


MEASURED_FILES = ("events", "outcomes", "quarantine", "results", "reversals")
CLASSES = {f"{name}.parquet": MEASURED for name in MEASURED_FILES} | {
    "tree.bin": PROOF,
    "source.sealed": PARTNER,
    "delivery.json": PARTNER,
}


def texts() -> dict[int, bool]:
    """Row set aside -> whether it can still be read."""
    items = reading.quarantine(platform(), 1)["items"]
    return {one["row"]: one["line"] is not None for one in items}


def test_the_keys_go_when_their_days_are_over(tmp_path: Path) -> None:
    deliver(tmp_path, ROWS)
    assert platform().nobody_days == 1095
    assert destroy_due_keys(platform(), actor="t") == []
    later = datetime.now(UTC) + timedelta(days=1096)
    then = replace(platform(), clock=lambda: later)
    assert texts() == {2: True, 3: True}
    assert destroy_due_keys(then, actor="t") == [1]
    assert texts() == {2: True, 3: False}  # row 2 is somebody's
    act = Journal.objects.get(verb=DESTROYED)
    entry = read_json(bytes(LogEntry.objects.get(journal=act).body))
    assert (entry["batches"], entry["days"]) == (["1"], "1095")
    assert destroy_due_keys(then, actor="t") == []
    assert all(proof.ok for proof in prove(platform()))


def test_the_night_destroys_them_after_their_last_day_and_not_before(tmp_path: Path) -> None:
    """The rule set's days are whole ones from the arrival: at their end still there, then gone."""
    deliver(tmp_path, ROWS)
    arrived = Batch.objects.get(seq=1).received_at
    last = arrived + timedelta(days=platform().nobody_days)
    keys = platform().people_keys
    person = person_of("card:1")
    kept = nightly(replace(platform(), clock=lambda: last))
    assert (kept.batch_keys, set(keys.find([-1]))) == (0, {-1})
    assert texts() == {2: True, 3: True}
    gone = nightly(replace(platform(), clock=lambda: last + timedelta(microseconds=1)))
    assert (gone.batch_keys, keys.find([-1])) == (1, {})
    assert texts() == {2: True, 3: False}
    assert set(keys.find([person])) == {person}
    assert [proof.name_en for proof in gone.proofs if not proof.ok] == []
    later = nightly(replace(platform(), clock=lambda: last + timedelta(days=1)))
    assert later.batch_keys == 0
    assert Journal.objects.filter(verb=DESTROYED).count() == 1


def test_every_file_of_a_batch_has_its_class(tmp_path: Path) -> None:
    """Measurements, proofs and law stay; what the partner sent and who brought it may end."""
    deliver(tmp_path, ROWS)
    files = {file["name"] for file in Batch.objects.get(seq=1).files}
    law = {name for name in files if name.startswith("law/")}
    assert law
    classes = {name: retention_class(name) for name in files}
    assert {classes.pop(name) for name in law} == {LAW}
    assert classes == CLASSES


def test_whose_rows_a_partner_reads_is_noted_for_them(tmp_path: Path) -> None:
    deliver(tmp_path, ROWS)
    viewer = Viewer(actor="user:5", partner_id=1)
    page = shown_rows.quarantine(platform(), 1, viewer=viewer, after_row=0, limit=50, reason=None)
    assert [one["row"] for one in page["items"]] == [2, 3]
    (look,) = of_person(person_of("card:1"))
    assert (look.what, look.partner_id, look.actor) == ("rows", 1, "user:5")
    assert b"".join(shown_rows.quarantine_file(platform(), 1, viewer=viewer)).count(b"\n") == 3
    assert len(of_person(person_of("card:1"))) == 2
