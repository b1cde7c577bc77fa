"""The proofs print their figures, and a tampered row is caught by the right one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from tests.books.ledger import DAY, a_holder, a_source, an_act
from tests.books.postings import a_total, post

from tanhui.books.holds import reserve
from tanhui.books.proofs import prove
from tanhui.books.reversals import reverse
from tanhui.books.transfers import Leg, transfer
from tanhui.books.translog.places import place_entries

pytestmark = pytest.mark.django_db


@contextmanager
def triggers_resting() -> Iterator[None]:
    """What only somebody with the database's own rights can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def _posted() -> None:
    post([a_total(), a_total(person=8)])
    post([a_total(reversal=True, origin=1, mg=4_000, points=1), a_total(scene="bus")])
    mine, sink = a_holder(), a_source(role="spent")
    with transaction.atomic():
        spent = transfer(an_act(), [Leg(mine, sink, 4)], day=DAY)
        transfer(an_act(), [Leg(mine, sink, 7)], day=DAY)
        reverse(an_act("books.act.reversed"), spent.journal, day=DAY)
        reserve(an_act(), mine, 5, day=DAY)
    place_entries()


def failing() -> list[str]:
    return [proof.name_en for proof in prove() if not proof.ok]


@pytest.mark.usefixtures("_posted")
def test_untouched_books_are_proved_with_equal_figures() -> None:
    figures = {proof.name_en: (proof.figure_left, proof.figure_right) for proof in prove()}
    assert figures == {
        "debits equal credits: points:test": (250, 250),
        "debits equal credits: reduction:420100": (2_356_000, 2_356_000),
        "every balance equals its transfers": (2_348_226, 2_348_226),
        "lots equal points balances": (226, 226),
        "lots equal points credited": (238, 238),
        "held equals open holds": (5, 5),
        "no account is below its floor": (0, 0),
        "manifests' mg equal the ledger's": (2_348_000, 2_348_000),
        "manifests' points equal the ledger's": (233, 233),
        "manifests' shares equal the ledger's": (0, 0),
        "batch numbers have no gaps": (2, 2),
        "the chain of batch digests is intact": (2, 2),
        "blocks tile every issue exactly": (0, 0),
        "reversals mirror what they name": (1, 1),
        "spent points came out of lots": (11, 11),
        "sums of system accounts equal their transfers": (0, 0),
        "log entries match their acts": (2, 2),
        "places of the log have no gaps": (2, 2),
    }
    assert failing() == []


def test_empty_books_are_proved() -> None:
    assert failing() == []


@pytest.mark.usefixtures("_posted")
@pytest.mark.parametrize(
    ("tampering", "caught"),
    [
        (
            "UPDATE books_transfer SET amount = amount + 1 WHERE code = 'credit'",
            {"every balance equals its transfers", "manifests' mg equal the ledger's"},
        ),
        (
            "DELETE FROM books_transfer WHERE code = 'earn'",
            {"every balance equals its transfers", "manifests' points equal the ledger's"},
        ),
        (
            "UPDATE books_transfer SET debit_account_id = 999999 WHERE code = 'earn'",
            {"debits equal credits: points:test", "every balance equals its transfers"},
        ),
        (
            "UPDATE books_balance SET credits = credits + 1, debits = debits + 1",
            {"every balance equals its transfers", "lots equal points credited"},
        ),
        ("UPDATE books_balance SET held = 1", {"held equals open holds"}),
        ("UPDATE books_balance SET floor_zero = false", {"no account is below its floor"}),
        ('UPDATE books_lot SET "left" = "left" - 1', {"lots equal points balances"}),
        ("UPDATE books_lot SET amount = amount + 1", {"lots equal points credited"}),
        (
            "UPDATE books_batch SET mg_credited = mg_credited + 1 WHERE seq = 1",
            {"manifests' mg equal the ledger's", "the chain of batch digests is intact"},
        ),
        (
            "UPDATE books_batch SET source_name = 'other.csv' WHERE seq = 1",
            {"the chain of batch digests is intact"},
        ),
        (
            "UPDATE books_batch SET prev_digest = digest WHERE seq = 2",
            {"the chain of batch digests is intact"},
        ),
        (
            "UPDATE books_batch SET seq = 3 WHERE seq = 2",
            {"batch numbers have no gaps", "the chain of batch digests is intact"},
        ),
        (
            "UPDATE books_transfer SET origin = origin + 1 WHERE code = 'undo'",
            {"reversals mirror what they name"},
        ),
        ("DELETE FROM books_reversal", {"reversals mirror what they name"}),
        ("UPDATE books_lotuse SET amount = amount + 1", {"spent points came out of lots"}),
        ("DELETE FROM books_hold", {"held equals open holds"}),
        ("UPDATE books_hold SET amount = amount + 1", {"held equals open holds"}),
        ("UPDATE books_journal SET verb = 'other'", {"log entries match their acts"}),
        ("UPDATE books_logentry SET body = '{}'", {"log entries match their acts"}),
        ("UPDATE books_logplace SET index = 7 WHERE index = 1", {"places of the log have no gaps"}),
        (
            "DELETE FROM books_batch WHERE seq = 1",
            {
                "batch numbers have no gaps",
                "the chain of batch digests is intact",
                "manifests' mg equal the ledger's",
                "manifests' points equal the ledger's",
            },
        ),
    ],
)
def test_tampering_is_caught(tampering: str, caught: set[str]) -> None:
    with triggers_resting(), connection.cursor() as cursor:
        cursor.execute(tampering)
    assert set(failing()) == caught


@pytest.mark.usefixtures("_posted")
def test_the_detail_names_the_place() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE books_balance b SET credits = credits + 5 FROM books_account a "
            "WHERE a.id = b.account_id AND a.owner_id = 8 AND b.credits > 1000 "
            "RETURNING b.account_id"
        )
        ((account,),) = cursor.fetchall()
    (proof,) = [proof for proof in prove() if not proof.ok]
    assert proof.detail == f"account {account}: 784005 stored, 784000 moved"
    assert proof.figure_left - proof.figure_right == 5
