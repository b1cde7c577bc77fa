"""Statements: any account, any period, opening + movements = closing, and the same as a file."""

from __future__ import annotations

import io
import json
from datetime import date

import polars as pl
import pytest
from django.db import transaction
from tests.books.ledger import DAY, POINTS, a_holder, a_source, an_act, give
from tests.books.postings import a_total, post

from tanhui.books import statements
from tanhui.books.exports import COLUMNS, export
from tanhui.books.models import PERSON
from tanhui.books.statements import account_of, statement
from tanhui.books.transfers import Leg, transfer
from tanhui.core.errors import InputRefused, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> int:
    """78 points earned on 1 October, 8 of them taken back, 10 given, 30 spent in March."""
    post([a_total()])
    post([a_total(reversal=True, origin=1, mg=4_000, points=8)])
    found = account_of(PERSON, 7, POINTS)
    assert found is not None
    give(found, 10)
    with transaction.atomic():
        transfer(an_act(), [Leg(found, a_source(role="spent"), 30)], day=DAY)
    return found


def test_a_holder_s_statement_has_every_movement(account: int) -> None:
    found = statement(account)
    assert (found.opening, found.credits, found.debits, found.closing) == (0, 88, 38, 50)
    assert [
        (line.day, line.code, line.verb, line.other, line.debit, line.credit, line.balance)
        for line in found.lines
    ] == [
        (date(2024, 10, 1), "earn", "books.batch.posted", "issued:metro", 0, 78, 78),
        (date(2024, 10, 1), "reverse", "books.batch.posted", "issued:metro", 8, 0, 70),
        (DAY, "move", "books.transfer.made", "granted", 0, 10, 80),
        (DAY, "spend", "books.transfer.made", "spent", 30, 0, 50),
    ]


def test_a_period_opens_with_what_was_before(account: int) -> None:
    found = statement(account, first=date(2025, 1, 1), last=date(2025, 12, 31))
    assert (found.opening, len(found.lines), found.closing) == (70, 2, 50)
    empty = statement(account, first=date(2026, 1, 1), last=date(2026, 1, 31))
    assert (empty.opening, empty.lines, empty.closing) == (50, (), 50)


def test_a_system_account_s_lines_are_days(account: int) -> None:
    del account
    issued = a_source(role="issued:metro")
    found = statement(issued)
    assert [(line.day, line.code, line.debit, line.credit) for line in found.lines] == [
        (date(2024, 10, 1), "earn", 78, 0),
        (date(2024, 10, 1), "reverse", 0, 8),
    ]
    assert (found.opening, found.closing) == (0, -70)
    assert statement(issued, first=date(2024, 10, 2)).opening == -70


def test_no_line_names_a_person(account: int) -> None:
    other = a_holder("reduction:420100", owner=8)
    with transaction.atomic():
        mine = account_of(PERSON, 7, "reduction:420100")
        assert mine is not None
        transfer(an_act(), [Leg(mine, other, 1)], day=DAY)
    assert statement(other).lines[0].other == PERSON
    del account


def test_the_files_hold_what_the_statement_says(account: int) -> None:
    found = statement(account, first=date(2025, 1, 1), last=date(2025, 12, 31))
    csv = pl.read_csv(export(found, "csv"), schema=COLUMNS)
    parquet = pl.read_parquet(io.BytesIO(export(found, "parquet")))
    assert csv["code"].to_list() == ["opening", "move", "spend", "closing"]
    assert parquet.select("balance", "debit").rows() == [(70, 0), (80, 0), (50, 30), (50, 0)]
    assert csv.select("day", "debit", "credit", "balance").equals(
        parquet.select("day", "debit", "credit", "balance")
    )
    document = json.loads(export(found, "json"))
    assert (document["opening"], document["closing"], document["unit"]) == ("70", "50", "points")
    assert len(document["lines"]) == 2


def test_what_cannot_be_shown_is_refused(account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        statement(account + 1_000)
    with pytest.raises(InputRefused, match="ends before it begins"):
        statement(account, first=date(2025, 2, 1), last=date(2025, 1, 1))
    monkeypatch.setattr(statements, "LINES_MAX", 3)
    with pytest.raises(InputRefused, match="more than 3 lines"):
        statement(account)
