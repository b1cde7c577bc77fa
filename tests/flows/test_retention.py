"""Past its days the key of what is nobody's goes, as a public act; what is somebody's stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.flows.deliveries import a_metro_ride, deliver
from tests.flows.test_consents import person_of

from tanhui.books.models import Journal, LogEntry
from tanhui.core.canonical import read_json
from tanhui.domain.viewings.queries import of_person
from tanhui.domain.viewings.services import Viewer
from tanhui.flows import reading, shown_rows
from tanhui.flows.prove import prove
from tanhui.flows.retention import DESTROYED, destroy_due_keys
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db

ROWS = [
    a_metro_ride(),
    a_metro_ride(external_id="r2", distance_km="MANY"),
    a_metro_ride(external_id="r3", person="no scheme"),
]


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


def test_whose_rows_a_partner_reads_is_noted_for_them(tmp_path: Path) -> None:
    deliver(tmp_path, ROWS)
    viewer = Viewer(actor="user:5", partner_id=1)
    page = shown_rows.quarantine(platform(), 1, viewer=viewer, after_row=0, limit=50, reason=None)
    assert [one["row"] for one in page["items"]] == [2, 3]
    (look,) = of_person(person_of("card:1"))
    assert (look.what, look.partner_id, look.actor) == ("rows", 1, "user:5")
    assert b"".join(shown_rows.quarantine_file(platform(), 1, viewer=viewer)).count(b"\n") == 3
    assert len(of_person(person_of("card:1"))) == 2
