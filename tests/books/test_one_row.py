"""One prepared statement: its row, its place in a transaction, and a connection that died."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from tanhui.books.one_row import one_row


@pytest.mark.django_db
def test_the_first_row_or_none() -> None:
    assert one_row("SELECT %s::int + 1, 'x' UNION ALL SELECT 9, 'y'", [1]) == (2, "x")
    assert one_row("SELECT 1 WHERE %s::int > 1", [1]) is None


@pytest.mark.django_db
def test_it_is_prepared_once() -> None:
    for number in range(3):
        assert one_row("SELECT 'prepared once', %s::int", [number]) == ("prepared once", number)
    found = one_row(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s",
        ["SELECT 'prepared once'%"],
    )
    assert found == (1,)


@pytest.mark.django_db
def test_an_error_is_djangos_with_its_cause() -> None:
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        one_row("SELECT 1 / %s::int", [0])
    assert isinstance(refused.value.__cause__, psycopg.errors.DivisionByZero)


def _kill_mine() -> None:
    """End the server's side of this test's connection."""
    found = one_row("SELECT pg_backend_pid()", [])
    assert found is not None
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", found)


@pytest.mark.django_db(transaction=True)
def test_a_kept_connection_that_died_is_made_anew() -> None:
    _kill_mine()
    connection.health_check_done = False  # a new request begins
    assert one_row("SELECT 1", []) == (1,)


@pytest.mark.django_db(transaction=True)
def test_one_that_dies_within_a_request_is_told() -> None:
    _kill_mine()
    with pytest.raises(OperationalError):
        one_row("SELECT 1", [])
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_repeated_inside_a_transaction() -> None:
    def act() -> None:
        with transaction.atomic():
            _kill_mine()
            connection.health_check_done = False
            one_row("SELECT 1", [])

    with pytest.raises(OperationalError):
        act()
    connection.close()
