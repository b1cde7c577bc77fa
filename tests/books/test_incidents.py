"""A proof that does not hold is one open incident, until a named person closes it with a reason."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from tests.books.ledger import AT

from tanhui.books import incidents
from tanhui.books.incident_models import Incident
from tanhui.books.models import LogEntry
from tanhui.books.proofs import Proof
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, InputRefused, NotFound

pytestmark = pytest.mark.django_db

HOLDS = Proof("好", "this holds", ok=True, figure_left=1, figure_right=1, detail="")
DIFFERS = Proof(
    "不符", "this differs", ok=False, figure_left=5, figure_right=7, detail="account 12: 5, 7"
)


def opened(*proofs: Proof, run: str = "run-1") -> list[Incident]:
    return incidents.open_for(proofs, at=AT, actor="job", run=run)


def test_a_difference_is_one_open_incident_and_an_entry_without_accounts() -> None:
    (incident,) = opened(HOLDS, DIFFERS)
    assert (incident.figure_left, incident.figure_right) == (5, 7)
    assert opened(DIFFERS, run="run-2") == []
    said = read_json(bytes(LogEntry.objects.get().body))
    assert (said["kind"], said["proof"], said["left"], said["right"]) == (
        "books.incident.opened",
        "this differs",
        "5",
        "7",
    )
    assert "12" not in said.values()


def test_it_is_closed_once_by_a_person_with_a_reason() -> None:
    (incident,) = opened(DIFFERS)
    for person, reason in (("", "looked at it twice"), ("Li", "fixed")):
        with pytest.raises(InputRefused):
            incidents.close(incident.pk, person=person, reason=reason, at=AT, actor="cli")
    assert incidents.now_open().count() == 1
    done = incidents.close(
        incident.pk, person="Li Ming", reason="a test wrote the row by hand", at=AT, actor="cli"
    )
    assert (done.person, incidents.now_open().count()) == ("Li Ming", 0)
    with pytest.raises(Conflict):
        incidents.close(incident.pk, person="Wu", reason="once more please", at=AT, actor="cli")
    with pytest.raises(NotFound):
        incidents.close(incident.pk + 1, person="Wu", reason="once more please", at=AT, actor="c")
    assert len(opened(DIFFERS, run="run-2")) == 1, "still there, so it is told again"


def test_it_is_acknowledged_once_by_a_person_and_stays_open() -> None:
    (incident,) = opened(DIFFERS)
    number = incident.pk
    for person, reason in (
        ("", "looking at it now"),
        ("Li", "why"),
        ("L" * 121, "too long a name"),
    ):
        with pytest.raises(InputRefused):
            incidents.acknowledge(number, person=person, reason=reason, at=AT, actor="cli")
    done = incidents.acknowledge(
        number, person=" Li Ming ", reason="looking at last night's batch", at=AT, actor="user:3"
    )
    assert (done.acknowledged_person, done.acknowledged_at) == ("Li Ming", AT)
    assert done.acknowledged_by is not None
    assert (done.acknowledged_by.actor, done.acknowledged_by.verb) == (
        "user:3",
        "books.incident.acknowledged",
    )
    assert incidents.now_open().get() == incident
    said = read_json(bytes(LogEntry.objects.order_by("pk").last().body))
    assert (said["kind"], said["proof"]) == ("books.incident.acknowledged", "this differs")
    assert "Li Ming" not in said.values(), "the log does not name people"
    with pytest.raises(Conflict) as refused:
        incidents.acknowledge(number, person="Wu", reason="me too, please", at=AT, actor="cli")
    assert refused.value.code == "incident.acknowledged"
    closed = incidents.close(
        number, person="Wu Fang", reason="a test wrote it by hand", at=AT, actor="cli"
    )
    assert (closed.acknowledged_person, closed.person) == ("Li Ming", "Wu Fang")
    with pytest.raises(Conflict) as refused:
        incidents.acknowledge(number, person="Wu", reason="once more please", at=AT, actor="cli")
    assert refused.value.code == "incident.closed"


def test_an_acknowledgement_is_never_changed() -> None:
    (incident,) = opened(DIFFERS)
    incidents.acknowledge(
        incident.pk, person="Li Ming", reason="looking at it now", at=AT, actor="cli"
    )
    for change in ({"acknowledged_person": "Wu"}, {"acknowledged_reason": "something else"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Incident.objects.update(**change)
    assert Incident.objects.get().acknowledged_person == "Li Ming"


def test_a_row_is_never_changed_otherwise() -> None:
    opened(DIFFERS)
    for change in (
        lambda: Incident.objects.update(figure_left=7),
        lambda: Incident.objects.all().delete(),
        lambda: Incident.objects.update(closed_at=AT),
        lambda: Incident.objects.update(acknowledged_at=AT),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert incidents.now_open().count() == 1
