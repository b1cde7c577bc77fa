"""A batch is posted to the last digit, or not at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests.books.postings import OCTOBER_1, RULE, a_manifest, a_total, post, totals_frame

from tanhui.books import queries
from tanhui.books.models import Account, Asset, Balance, Batch, Journal, Lot, Transfer
from tanhui.books.posting import head, post_batch
from tanhui.books.proofs import prove
from tanhui.core.errors import Conflict, ProofFailed

pytestmark = pytest.mark.django_db

EVERYTHING = (Account, Balance, Batch, Journal, Lot, Transfer)


def rows_in_books() -> list[int]:
    return [model._default_manager.count() for model in EVERYTHING]


def test_one_total_moves_mg_and_points_from_their_sources() -> None:
    post([a_total()])
    moves = Transfer.objects.order_by("id").values_list(
        "asset__code", "debit_account__role", "credit_account__owner_id", "amount", "code"
    )
    assert list(moves) == [
        ("reduction:420100", "measured:metro", 7, 784_000, "credit"),
        ("points:test", "issued:metro", 7, 78, "earn"),
    ]
    transfer = Transfer.objects.order_by("id")[0]
    assert (transfer.effective_day, transfer.n_events) == (date(2024, 10, 1), 2)
    assert transfer.id >> 32 == transfer.journal_id
    assert dict(Asset.objects.values_list("code", "unit")) == {
        "reduction:420100": "mg",
        "points:test": "points",
    }


def test_balances_are_of_holders_only() -> None:
    post([a_total(), a_total(scene="bus", mg=5, points=0)])
    balances = Balance.objects.order_by("account__asset__code").values_list(
        "account__owner_id", "account__asset__code", "credits", "debits", "held"
    )
    assert list(balances) == [(7, "points:test", 78, 0, 0), (7, "reduction:420100", 784_005, 0, 0)]
    assert Account.objects.filter(owner_kind="system").count() == 4


def test_a_second_batch_adds_to_the_first() -> None:
    post([a_total(), a_total(person=8, mg=1, points=0)])
    post([a_total(day=OCTOBER_1 + 40, mg=16_000, points=1), a_total(person=9)])
    assert (queries.balance(7).mg, queries.balance(7).points) == (800_000, 79)
    assert (queries.balance(8).mg, queries.balance(8).points) == (1, 0)
    assert (queries.balance(9).mg, queries.balance(9).points) == (784_000, 78)
    assert all(proof.ok for proof in prove())


def test_a_reversal_names_its_batch_and_may_restate_in_the_same() -> None:
    post([a_total()])
    post([a_total(reversal=True, origin=1), a_total(mg=500_000, points=50)])
    assert (queries.balance(7).mg, queries.balance(7).points) == (500_000, 50)
    back = Transfer.objects.filter(code="reverse").order_by("amount")
    assert list(back.values_list("debit_account__owner_id", "amount", "origin")) == [
        (7, 78, 1),
        (7, 784_000, 1),
    ]
    assert all(proof.ok for proof in prove())


def test_regions_of_one_city_share_an_asset_and_cities_never_mix() -> None:
    post([a_total(), a_total(region=420111, mg=1, points=0), a_total(region=440305)])
    assert {asset.asset: asset.amount for asset in queries.balance(7).assets} == {
        "points:test": 156,
        "reduction:420100": 784_001,
        "reduction:440300": 784_000,
    }


def test_a_batch_without_credit_is_still_a_batch() -> None:
    post([])
    assert head().seq == 1
    assert (Transfer.objects.count(), Balance.objects.count()) == (0, 0)
    assert all(proof.ok for proof in prove())


def test_the_stored_manifest_is_the_given_one() -> None:
    manifest = post([a_total()], reasons={"time.unreadable": 0}, idempotency_key="key-1")
    stored = queries.batch(1)
    assert stored.digest == manifest.digest
    assert (stored.counts, stored.feed_config) == ({"credited": 1}, {"zone": "+08:00"})
    assert queries.batch_of_key(1, "key-1") == stored
    assert queries.batch_of_key(2, "key-1") is None
    found = queries.batch_of_source(
        1,
        feed="canonical",
        feed_config={"zone": "+08:00"},
        source_sha256=manifest.source_sha256,
    )
    assert found == stored


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seq": 3}, "batch.out_of_order"),
        ({"prev_digest": "f" * 64}, "batch.out_of_order"),
        ({"source_sha256": "a" * 64}, "batch.known"),
        ({"idempotency_key": "key-1"}, "batch.known"),
    ],
)
def test_a_batch_out_of_line_changes_nothing(changes: dict[str, Any], code: str) -> None:
    post([a_total()], source_sha256="a" * 64, idempotency_key="key-1")
    before = rows_in_books()
    with pytest.raises(Conflict) as refused:
        post([a_total()], **changes)
    assert refused.value.code == code
    assert rows_in_books() == before


def test_the_same_source_with_another_configuration_is_another_batch() -> None:
    post([a_total()], source_sha256="a" * 64)
    post([a_total()], source_sha256="a" * 64, feed_config={"zone": "+00:00"})
    post([a_total()], source_sha256="a" * 64, partner_id=2)
    assert head().seq == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"mg_credited": 783_999},
        {"points_credited": 79},
        {"mg_reversed": 1},
        {"n_rows": 2},
    ],
)
def test_a_manifest_that_differs_from_its_totals_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProofFailed):
        post([a_total()], **changes)
    assert rows_in_books() == [0] * len(EVERYTHING)


@pytest.mark.parametrize(
    "total",
    [
        a_total(mg=-1),
        a_total(points=-1),
        a_total(origin=1),
        a_total(reversal=True, origin=None),
    ],
    ids=["negative mg", "negative points", "origin without reversal", "reversal without origin"],
)
def test_impossible_totals_are_refused(total: dict[str, Any]) -> None:
    with pytest.raises(ProofFailed):
        post([total])
    assert rows_in_books() == [0] * len(EVERYTHING)


def test_a_balance_never_falls_below_zero() -> None:
    post([a_total(points=0)])
    before = rows_in_books()
    with pytest.raises(IntegrityError, match="books_balance_floor"):
        post([a_total(reversal=True, origin=1, mg=784_001, points=0)])
    assert rows_in_books() == before
    assert queries.balance(7).mg == 784_000


def test_posting_does_not_commit_by_itself() -> None:
    totals = [a_total()]
    with transaction.atomic():
        post_batch(
            connection,
            batch=a_manifest(totals),
            totals=totals_frame(totals),
            rules=RULE,
            actor="test",
        )
        transaction.set_rollback(True)
    assert rows_in_books() == [0] * len(EVERYTHING)


def test_ten_thousand_people_in_one_batch() -> None:
    totals = [
        a_total(person=2**61 + n * 7_919, day=OCTOBER_1 + n % 60, mg=n + 1, points=n % 3)
        for n in range(10_000)
    ]
    post(totals)
    assert Transfer.objects.filter(code="credit").count() == 10_000
    assert queries.balance(2**61 + 9_999 * 7_919).mg == 10_000
    assert all(proof.ok for proof in prove())
