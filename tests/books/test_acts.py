"""Acts: one row each, the same key gives the first answer, and what the log may say of them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from tests.books.postings import a_total, post

from tanhui.books.acts import Act, Recorded, record
from tanhui.books.models import Journal, LogEntry
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, InputRefused


def an_act(**changes: Any) -> Act:
    """Somebody registers a partner."""
    values: dict[str, Any] = {
        "verb": "partners.partner.registered",
        "actor": "console:1",
        "at": datetime(2024, 12, 31, 16, 0, 0, tzinfo=UTC),
        "key": "partner/metro",
        "request": {"code": "metro"},
        "detail": {"partner": "metro"},
        "rules": "CN@2024-01-01",
    }
    return Act(**(values | changes))


def _done(act: Act) -> Recorded:
    with transaction.atomic():
        return record(act)


@pytest.mark.django_db
def test_the_same_key_gives_the_first_answer() -> None:
    first = _done(an_act(public={"partner": "metro"}))
    again = _done(an_act(public={"partner": "metro"}))
    assert (first.is_new, again.is_new, again.journal) == (True, False, first.journal)
    assert (Journal.objects.count(), LogEntry.objects.count()) == (1, 1)
    stored = Journal.objects.get()
    assert (stored.verb, stored.actor, stored.rules) == (
        "partners.partner.registered",
        "console:1",
        "CN@2024-01-01",
    )


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"request": {"code": "bus"}}, {"verb": "partners.other"}])
def test_a_key_with_another_request_is_refused(changes: dict[str, Any]) -> None:
    _done(an_act())
    with pytest.raises(Conflict, match="was used for another request"):
        _done(an_act(**changes))
    assert Journal.objects.count() == 1


@pytest.mark.django_db
def test_an_entry_says_what_is_public_in_canonical_form() -> None:
    found = _done(an_act(public={"amount_mg": "784000"}))
    body = bytes(LogEntry.objects.get().body)
    assert read_json(body) == {
        "act": str(found.journal),
        "amount_mg": "784000",
        "at": "2024-12-31T16:00:00.000Z",
        "kind": "partners.partner.registered",
        "rules": "CN@2024-01-01",
    }
    assert body.startswith(b'{"act":')


@pytest.mark.django_db
def test_an_entry_that_is_too_long_undoes_the_act() -> None:
    with pytest.raises(InputRefused, match="65535"):
        _done(an_act(public={"text": "x" * 70_000}))
    assert (Journal.objects.count(), LogEntry.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_one_key_from_many_threads_is_one_act() -> None:
    found: list[Recorded] = []

    def act() -> None:
        found.append(_done(an_act()))
        connection.close()

    threads = [threading.Thread(target=act) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.is_new for each in found) == [False] * 7 + [True]
    assert len({each.journal for each in found}) == 1


@pytest.mark.django_db
def test_a_batch_of_few_people_shows_no_amounts() -> None:
    post([a_total()], buckets={"people": 19})
    post([a_total()], buckets={"people": 20})
    few, many = (read_json(bytes(entry.body)) for entry in LogEntry.objects.order_by("id"))
    assert "mg_credited" not in few
    assert (few["batch"], few["kind"]) == ("1", "books.batch.posted")
    assert (many["mg_credited"], many["people"]) == ("784000", 20)
