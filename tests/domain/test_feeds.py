"""A row waits until its other half comes, and is consumed once."""

from __future__ import annotations

from typing import Any

import pytest

from tanhui.core.errors import Conflict
from tanhui.domain.feeds import queries, services
from tanhui.domain.feeds.models import WaitingRow
from tanhui.domain.feeds.queries import OpenRow

pytestmark = pytest.mark.django_db


def settle(batch: int, **changes: Any) -> None:
    values: dict[str, Any] = {"partner": 1, "feed": "transit", "waiting": [], "consumed": []}
    values |= changes
    services.settle(
        values["partner"],
        values["feed"],
        batch,
        waiting=values["waiting"],
        consumed=values["consumed"],
    )


def test_what_waits_is_handed_back_in_order_of_arrival() -> None:
    settle(2, waiting=[(9, "card-b", {"station": "罗湖"}), (3, "card-a", {})])
    settle(1, waiting=[(5, "card-c", {})])
    settle(3, waiting=[(1, "card-d", {})], feed="other")
    settle(4, waiting=[(1, "card-e", {})], partner=2)
    assert queries.open_rows(1, "transit") == [
        OpenRow(1, 5, "card-c", {}),
        OpenRow(2, 3, "card-a", {}),
        OpenRow(2, 9, "card-b", {"station": "罗湖"}),
    ]


def test_a_consumed_row_waits_no_more_and_names_its_batch() -> None:
    settle(1, waiting=[(5, "card-a", {}), (6, "card-b", {})])
    assert queries.is_open(1, 5)
    settle(2, consumed=[(1, 5)])
    assert not queries.is_open(1, 5)
    assert (queries.consumer_of(1, 5), queries.consumer_of(1, 6)) == (2, None)
    assert [row.row for row in queries.open_rows(1, "transit")] == [6]


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
    settle(1, waiting=[(5, "card-a", {}), (6, "card-b", {})])
    settle(2, consumed=[(1, 5)])
    with pytest.raises(Conflict):
        settle(3, waiting=[(1, "card-c", {})], **changes)
    assert [(row.batch, row.row) for row in queries.open_rows(1, "transit")] == [(1, 6)]
    assert WaitingRow.objects.count() == 2


def test_thousands_of_rows_settle_at_once() -> None:
    settle(1, waiting=[(row, f"card-{row}", {}) for row in range(12_000)])
    settle(2, consumed=[(1, row) for row in range(0, 12_000, 2)])
    assert len(queries.open_rows(1, "transit")) == 6_000
