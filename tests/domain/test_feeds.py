"""A row waits until its other half comes, and is consumed once."""

from __future__ import annotations

from typing import Any

import pytest

from tanhui.core.errors import Conflict
from tanhui.domain.feeds import queries, services
from tanhui.domain.feeds.models import WaitingRow
from tanhui.domain.feeds.queries import OpenRow
from tanhui.domain.feeds.services import NewRow

SEALED = b"sealed"

pytestmark = pytest.mark.django_db


def settle(batch: int, **changes: Any) -> None:
    values: dict[str, Any] = {"partner": 1, "feed": "transit", "waiting": [], "consumed": []}
    values |= changes
    services.settle(
        values["partner"],
        values["feed"],
        batch,
        waiting=[NewRow(*each) for each in values["waiting"]],
        consumed=values["consumed"],
    )


def test_what_waits_is_handed_back_in_order_of_arrival() -> None:
    settle(2, waiting=[(9, "card-b", 7, SEALED), (3, "card-a", 8, b"")])
    settle(1, waiting=[(5, "card-c", 8, b"")])
    settle(3, waiting=[(1, "card-d", 8, b"")], feed="other")
    settle(4, waiting=[(1, "card-e", 8, b"")], partner=2)
    assert queries.open_rows(1, "transit", [f"card-{name}" for name in "abcde"]) == [
        OpenRow(1, 5, "card-c", 8, b""),
        OpenRow(2, 3, "card-a", 8, b""),
        OpenRow(2, 9, "card-b", 7, SEALED),
    ]


def test_a_consumed_row_waits_no_more_and_names_its_batch() -> None:
    settle(1, waiting=[(5, "card-a", 8, b""), (6, "card-b", 8, b"")])
    assert queries.is_open(1, 5)
    settle(2, consumed=[(1, 5)])
    assert not queries.is_open(1, 5)
    assert (queries.consumer_of(1, 5), queries.consumer_of(1, 6)) == (2, None)
    assert queries.open_rows(1, "transit", ["card-a"]) == []
    assert [row.row for row in queries.open_rows(1, "transit", ["card-a", "card-b"])] == [6]


def test_only_rows_of_the_wanted_keys_are_read() -> None:
    settle(1, waiting=[(1, "card-a", 8, b""), (2, "card-b", 8, b""), (3, "card-a", 8, b"")])
    assert [row.row for row in queries.open_rows(1, "transit", ["card-a", "card-z"])] == [1, 3]
    assert queries.open_rows(1, "transit", []) == []


def test_of_a_consumed_row_only_the_fact_stays() -> None:
    settle(1, waiting=[(5, "card-a", 7, SEALED)])
    settle(2, consumed=[(1, 5)])
    row = WaitingRow.objects.get(batch_seq=1, row=5)
    assert (row.consumed_by, row.key, row.person) == (2, "", 0)
    assert bytes(row.sealed) == b""


def test_what_waited_too_long_is_forgotten() -> None:
    settle(1, waiting=[(1, "card-a", 8, b"")])
    settle(2, waiting=[(1, "card-a", 8, b"")])
    settle(3, waiting=[(1, "card-a", 8, b"")], feed="other")
    assert services.forget(1, "transit", upto_batch=1) == 1
    assert services.forget(2, "transit", upto_batch=3) == 0
    assert WaitingRow.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"consumed": [(1, 5), (1, 6)]},  # five is gone
        {"consumed": [(1, 7)]},  # never was
        {"consumed": [(1, 6)], "partner": 2},  # somebody else's
        {"consumed": [(1, 6)], "feed": "other"},  # of another feed
    ],
)
def test_consuming_what_does_not_wait_changes_nothing(changes: dict[str, Any]) -> None:
    settle(1, waiting=[(5, "card-a", 8, b""), (6, "card-b", 8, b"")])
    settle(2, consumed=[(1, 5)])
    with pytest.raises(Conflict):
        settle(3, waiting=[(1, "card-c", 8, b"")], **changes)
    assert [(row.batch, row.row) for row in queries.open_rows(1, "transit", ["card-b"])] == [(1, 6)]
    assert WaitingRow.objects.count() == 2


def test_thousands_of_rows_settle_at_once() -> None:
    settle(1, waiting=[(row, f"card-{row}", 8, b"") for row in range(12_000)])
    settle(2, consumed=[(1, row) for row in range(0, 12_000, 2)])
    keys = [f"card-{row}" for row in range(12_000)]
    assert len(queries.open_rows(1, "transit", keys)) == 6_000


def test_what_waits_of_a_person_is_forgotten_with_the_person() -> None:
    settle(1, waiting=[(1, "card-a", 7, SEALED), (2, "card-b", 8, SEALED)])
    assert services.forget_person(7) == 1
    assert [row.person for row in queries.open_rows(1, "transit", ["card-a", "card-b"])] == [8]
