"""Sums of system accounts by day: equal to the transfers, whatever commits in whatever order."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests.books.ledger import DAY, a_holder, a_source, assert_proved, give

from tanhui.books.models import SystemDay
from tanhui.books.proofs import prove
from tanhui.books.statements import Statement, statement
from tanhui.books.system_days import roll_up, summed

pytestmark = pytest.mark.django_db(transaction=True)


FINAL = """
SELECT pg_snapshot_xmin(pg_current_snapshot()) > (SELECT coalesce(max(xid), '0') FROM books_journal)
"""
FINAL_S_MAX = 180  # the tests of another worker share the server, and hold the mark up


def rolled() -> bool:
    """As `roll_up`, once all that was committed is final."""
    deadline = time.monotonic() + FINAL_S_MAX
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(FINAL)
            if (cursor.fetchone() or (False,))[0]:
                break
            time.sleep(0.05)
    return roll_up()


def sums() -> list[tuple[int, int]]:
    return list(SystemDay.objects.order_by("day").values_list("debits", "credits"))


def before_and_after(account: int) -> tuple[Statement, Statement]:
    """The statement out of transfers alone, and out of the sums."""
    without = statement(account)
    rolled()
    return without, statement(account)


def test_a_statement_out_of_sums_is_the_same() -> None:
    mine, source = a_holder(), a_source()
    for amount, later in ((30, 0), (12, 0), (8, 1)):
        give(mine, amount, day=DAY + timedelta(days=later))
    without, within = before_and_after(source)
    assert within == without
    assert (sums(), within.closing) == ([(42, 0), (8, 0)], -50)
    give(mine, 5)
    assert statement(source).closing == -55, "what came after the sums is in it too"
    part = statement(source, first=DAY + timedelta(days=1))
    assert (part.opening, part.closing) == (-47, -55)
    assert_proved()


def test_rolling_up_again_adds_only_what_is_new() -> None:
    mine = a_holder()
    give(mine, 30)
    assert rolled()
    assert not rolled()
    give(mine, 7)
    assert rolled()
    assert sums() == [(37, 0)]
    assert_proved()


def test_a_late_commit_is_not_missed() -> None:
    """An act that began before others and commits after them and after the sums."""
    mine, other, source = a_holder(), a_holder(owner=8), a_source()
    began, may_commit = threading.Event(), threading.Event()

    def late() -> None:
        try:
            with transaction.atomic():
                give(mine, 100)
                began.set()
                assert may_commit.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    assert began.wait(20)
    give(other, 1)  # a later number, committed first
    roll_up()
    assert statement(source).closing == -1
    may_commit.set()
    thread.join()
    assert statement(source).closing == -101
    assert_proved()
    rolled()
    assert (sums(), statement(source).closing) == ([(101, 0)], -101)
    assert_proved()


def test_many_roll_up_at_once() -> None:
    mine = a_holder()
    for amount in range(1, 6):
        give(mine, amount)

    def roll() -> None:
        try:
            rolled()
        finally:
            connection.close()

    threads = [threading.Thread(target=roll) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums() == [(15, 0)]
    assert_proved()


@pytest.mark.parametrize("change", ["debits = debits + 1", "day = day + 1", "code = 'spend'"])
def test_a_wrong_sum_is_found(change: str) -> None:
    give(a_holder(), 30)
    rolled()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE books_systemday SET {change}")
    _, moved, wrong = summed()
    assert moved == 30
    assert wrong[0].startswith(f"account {a_source()} on 2025-03-1")
    failed = [proof.name_en for proof in prove() if not proof.ok]
    assert failed == ["sums of system accounts equal their transfers"]
