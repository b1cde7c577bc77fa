"""Whatever is done in whatever order, by however many at once: the books hold.

Conservation, no balance below its floor, lots = balances, holds never leak, replay of the journal =
state; one at a time by hypothesis, then by threads and processes together on PostgreSQL.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
import traceback
from multiprocessing.queues import Queue

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.books.ledger import assert_proved, standing
from tests.books.random_acts import Programme, replayed, stored

from tanhui.books.models import Hold, Journal, Transfer
from tanhui.books.statements import statement

PROCESSES, THREADS, ACTS = 3, 3, 40


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_acts_in_any_order_leave_the_books_true(data: st.DataObject) -> None:
    with transaction.atomic():
        programme = Programme()
        for _ in range(data.draw(st.integers(1, 30))):
            before, acts = stored(), Journal.objects.count()
            if not programme.one(lambda options: data.draw(st.sampled_from(options))):
                assert (stored(), Journal.objects.count()) == (before, acts), "refused, yet changed"
            assert stored() == replayed()
        assert_proved()
        _assert_statements(programme)
        transaction.set_rollback(True)


def _assert_statements(programme: Programme) -> None:
    """Opening + movements = closing, for every account, whole and cut in two."""
    for account in programme.people + programme.shops:
        whole = statement(account)
        assert (whole.opening, whole.closing) == (0, standing(account)[0])
        for cut in {line.day for line in whole.lines}:
            later = statement(account, first=cut)
            assert later.closing == whole.closing
            assert later.opening == sum(
                line.credit - line.debit for line in whole.lines if line.day < cut
            )
    for account in (*programme.source.values(), *programme.sink.values()):
        found = statement(account)
        assert found.closing == sum(
            amount if credit == account else -amount
            for debit, credit, amount in Transfer.objects.values_list(
                "debit_account_id", "credit_account_id", "amount"
            )
            if account in (debit, credit)
        )


@pytest.mark.django_db(transaction=True)
def test_threads_and_processes_together_leave_the_books_true() -> None:
    Programme()
    connection.close()  # a child must not share the parent's socket
    fork = multiprocessing.get_context("fork")
    failures: Queue[str] = fork.Queue()
    done: Queue[int] = fork.Queue()
    children = [
        fork.Process(target=_many_threads, args=(seed, failures, done)) for seed in range(PROCESSES)
    ]
    for child in children:
        child.start()
    acts = sum(done.get(timeout=300) for _ in range(PROCESSES * THREADS))
    for child in children:
        child.join(timeout=60)
    assert failures.empty(), failures.get()
    assert [child.exitcode for child in children] == [0] * PROCESSES
    assert acts > PROCESSES * THREADS * ACTS // 3, "most acts must be done, not refused"
    assert stored() == replayed()
    assert Hold.objects.count() > 0
    assert_proved()


def _many_threads(seed: int, failures: Queue[str], done: Queue[int]) -> None:
    threads = [
        threading.Thread(target=_acts, args=(seed * THREADS + n, failures, done))
        for n in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _acts(seed: int, failures: Queue[str], done: Queue[int]) -> None:
    luck, count = random.Random(seed), 0
    try:
        programme = Programme()
        for _ in range(ACTS):
            count += programme.one(luck.choice)
    except BaseException:  # a deadlock, a lost connection: anything but an error of ours
        failures.put(traceback.format_exc())
    finally:
        connection.close()
        done.put(count)
