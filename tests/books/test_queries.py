"""Statements and series say what happened on which day, in which scene, by which batch."""

from __future__ import annotations

from datetime import date

import pytest
from tests.books.postings import OCTOBER_1, a_total, post

from tanhui.books import queries
from tanhui.core.errors import NotFound

pytestmark = pytest.mark.django_db


def post_three_days() -> None:
    post([a_total(), a_total(scene="bus", mg=1_000, points=0, n_events=1)])
    post([a_total(mg=2_000, points=2), a_total(day=OCTOBER_1 + 31, mg=3_000, points=3)])
    post([a_total(mg=784_000, points=78, reversal=True, origin=1), a_total(person=8)])


def test_a_statement_has_one_line_per_day_and_scene() -> None:
    post_three_days()
    lines = [
        (line.day, line.scene, line.mg, line.points, line.n_events, line.batches)
        for line in queries.statement(7)
    ]
    assert lines == [
        (date(2024, 11, 1), "metro", 3_000, 3, 2, (2,)),
        (date(2024, 10, 1), "bus", 1_000, 0, 1, (1,)),
        (date(2024, 10, 1), "metro", 2_000, 2, 2, (1, 2, 3)),
    ]


def test_a_statement_can_be_cut_by_day_and_length() -> None:
    post_three_days()
    october = queries.statement(7, first=date(2024, 10, 1), last=date(2024, 10, 31))
    assert [line.scene for line in october] == ["bus", "metro"]
    assert len(queries.statement(7, limit=1)) == 1


def test_a_series_has_one_entry_per_day() -> None:
    post_three_days()
    assert queries.daily_series(7) == [
        queries.DayTotal(date(2024, 10, 1), 3_000, 2),
        queries.DayTotal(date(2024, 11, 1), 3_000, 3),
    ]


def test_a_balance_names_its_assets() -> None:
    post_three_days()
    balance = queries.balance(7)
    assert (balance.mg, balance.points) == (6_000, 5)
    points, reduction = balance.assets
    assert (points.asset, points.credited, points.debited, points.free) == (
        "points:test",
        83,
        78,
        5,
    )
    assert (reduction.asset, reduction.unit, reduction.amount) == ("reduction:420100", "mg", 6_000)


def test_nobody_has_nothing() -> None:
    assert queries.balance(999) == queries.PersonBalance(999, 0, 0, ())
    assert queries.statement(999) == []
    assert queries.daily_series(999) == []


def test_batches_of_a_partner_come_newest_first() -> None:
    post([a_total()])
    post([a_total()], partner_id=2)
    post([a_total()])
    assert [batch.seq for batch in queries.batches(1)] == [3, 1]
    assert [batch.seq for batch in queries.batches()] == [3, 2, 1]
    assert queries.batch_by_public_id("batch-2") == queries.batch(2)


def test_an_unknown_batch_is_an_error_that_teaches() -> None:
    with pytest.raises(NotFound) as missing:
        queries.batch(1)
    assert missing.value.code == "batch.unknown"
