"""The role of the running platform adds to history and cannot change it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import ProgrammingError, connection, transaction
from tests.books.ledger import ITEM, a_holder, a_source, an_act, assert_proved, give
from tests.books.postings import OCTOBER_1, a_total, post

from tanhui.books import holds
from tanhui.books.grants import grant
from tanhui.books.transfers import Leg, transfer
from tanhui.core.errors import NotFound

pytestmark = pytest.mark.django_db
ROLE = f"tanhui_app_{os.getpid()}"
APPEND_ONLY = {  # with a column of each
    "books_transfer": "amount",
    "books_journal": "verb",
    "books_batch": "counts",
    "books_logentry": "body",
    "books_logplace": "year",
    "books_issue": "serials",
    "books_lotuse": "amount",
    "books_reversal": "journal_id",
}


@contextmanager
def as_application() -> Iterator[None]:
    """Act as the role; it exists until the test's transaction is taken back."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}")
        grant(ROLE)
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        yield
        cursor.execute("RESET ROLE")


def refused(statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_history_is_refused_to_the_role() -> None:
    post([a_total()])
    with as_application():
        for table, column in APPEND_ONLY.items():
            refused(f"UPDATE {table} SET {column} = {column}")
            refused(f"DELETE FROM {table}")
            refused(f"TRUNCATE {table}")
        refused("DELETE FROM books_transfer_2024_10")
        for table in ("books_balance", "books_lot", "books_hold", "books_incident"):
            refused(f"DELETE FROM {table}")
        refused("ALTER TABLE books_transfer DISABLE TRIGGER ALL")
        refused("DROP TRIGGER books_append_only ON books_journal")
        refused("CREATE TABLE mine (n int)")
        refused("SET LOCAL session_replication_role = replica")


def test_all_acts_are_possible_for_the_role() -> None:
    with as_application():
        post([a_total()])
        post([a_total(reversal=True, origin=1, mg=4_000, points=1)])
        post([a_total(day=OCTOBER_1 + 700, mg=5)])
        shop, out = a_holder(ITEM), a_source(ITEM, role="delivered")
        give(shop, 5, asset=ITEM, day=date(2031, 5, 1))  # a month nobody has made yet
        with transaction.atomic():
            transfer(an_act(), [Leg(shop, out, 1)], day=date(2031, 5, 2))
            _, hold = holds.reserve(an_act(), shop, 2, day=date(2031, 5, 2))
            holds.post(an_act(), hold, out, day=date(2031, 6, 1))
        assert_proved()


def test_every_append_only_table_is_among_them() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}")
    assert set(grant(ROLE)) >= APPEND_ONLY.keys()


def test_a_role_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match="has no role 'nobody-knows'"):
        grant("nobody-knows")
