"""Many post for the same people at once: every sum is right, every batch has its place."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection
from tests.books.postings import OCTOBER_1, a_total, post

from tanhui.books import queries
from tanhui.books.locks import intake_lock
from tanhui.books.models import Batch
from tanhui.books.posting import head
from tanhui.books.proofs import prove
from tanhui.core.errors import Conflict, Unavailable

WRITERS = 4
BATCHES_EACH = 5
PEOPLE = range(1, 21)


def run_together(work: Callable[[int], None]) -> list[BaseException]:
    """Run `work(writer)` in threads with their own connections; returns what they raised."""
    raised: list[BaseException] = []

    def run(writer: int) -> None:
        try:
            work(writer)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def a_batch_of(writer: int) -> list[dict[str, object]]:
    return [
        a_total(person=person, scene=f"scene-{writer}", day=OCTOBER_1 + writer * 31, mg=person)
        for person in PEOPLE
    ]


def assert_all_there() -> None:
    for person in PEOPLE:
        balance = queries.balance(person)
        assert balance.mg == person * WRITERS * BATCHES_EACH
        assert balance.points == 78 * WRITERS * BATCHES_EACH
    assert list(Batch.objects.order_by("seq").values_list("seq", flat=True)) == list(
        range(1, WRITERS * BATCHES_EACH + 1)
    )
    assert [proof for proof in prove() if not proof.ok] == []


@pytest.mark.django_db(transaction=True)
def test_writers_under_the_intake_lock_wait_for_each_other() -> None:
    def work(writer: int) -> None:
        for _ in range(BATCHES_EACH):
            with intake_lock(connection):
                post(a_batch_of(writer))

    assert run_together(work) == []
    assert_all_there()


@pytest.mark.django_db(transaction=True)
def test_writers_without_it_are_refused_and_try_again() -> None:
    def work(writer: int) -> None:
        done = 0
        while done < BATCHES_EACH:
            try:
                post(a_batch_of(writer), source_sha256=f"{writer:032}{done:032}")
            except Conflict as refused:
                if refused.code != "batch.out_of_order":
                    raise
            else:
                done += 1

    assert run_together(work) == []
    assert_all_there()


@pytest.mark.django_db(transaction=True)
def test_one_key_at_the_same_moment_is_posted_once() -> None:
    refused: list[str] = []

    def work(writer: int) -> None:
        while True:
            try:
                post([a_total()], idempotency_key="one", source_sha256="e" * 64)
            except Conflict as error:
                if error.code == "batch.known":
                    refused.append(error.code)
                    return
            else:
                return

    assert run_together(work) == []
    assert len(refused) == WRITERS - 1
    assert (head().seq, queries.balance(7).mg) == (1, 784_000)


@pytest.mark.django_db(transaction=True)
def test_who_waits_only_so_long_is_told_that_the_intake_is_busy() -> None:
    told: list[BaseException] = []

    def impatient() -> None:
        try:
            with intake_lock(connection, wait_s=1):
                pass
        except Unavailable as busy:
            told.append(busy)
        finally:
            connection.close()

    with intake_lock(connection):
        other = Thread(target=impatient)
        other.start()
        other.join()
    assert [busy.code for busy in told] == ["intake.busy"]  # type: ignore[attr-defined]
    with intake_lock(connection, wait_s=0):
        pass
