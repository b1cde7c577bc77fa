"""Transfer, journal and batch refuse every change, in every partition."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Model
from tests.books.postings import a_total, post

from tanhui.books.models import Batch, Journal, Transfer

pytestmark = pytest.mark.django_db

TABLES = ("books_transfer", "books_transfer_2024_10", "books_journal", "books_batch")
CHANGES = ("UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {} CASCADE")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_refused(table: str, change: str) -> None:
    post([a_total()])
    column = "id" if table == "books_journal" else "journal_id"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="append-only"):
        execute(change.format(table, column=column))
    assert (Transfer.objects.count(), Journal.objects.count(), Batch.objects.count()) == (2, 1, 1)


def execute(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("model", [Transfer, Journal, Batch])
def test_the_models_are_refused_too(model: type[Model]) -> None:
    post([a_total()])
    column = {Transfer: "amount", Journal: "verb", Batch: "feed"}[model]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model._default_manager.update(**{column: F(column)})


def test_a_transfer_must_move_something_between_two_accounts() -> None:
    post([a_total()])
    columns = "id, journal_id, debit_account_id, credit_account_id, amount, asset_id, "
    columns += "effective_day, n_events, code, origin"
    good = "(j << 32) + 9, j, 1, 2, 5, 1, date '2024-10-01', 1, 'credit', NULL"
    bad = {
        "no amount": good.replace("5, 1", "0, 1"),
        "to itself": good.replace("1, 2, 5", "2, 2, 5"),
        "foreign id": good.replace("(j << 32) + 9", "9"),
        "reversal of nothing": good.replace("'credit'", "'reverse'"),
    }
    for values in bad.values():
        with pytest.raises(IntegrityError, match="books_transfer_"):
            execute(
                f"INSERT INTO books_transfer ({columns}) "
                f"SELECT {values} FROM (SELECT id AS j FROM books_journal) x"
            )
