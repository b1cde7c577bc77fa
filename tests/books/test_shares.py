"""What platform and operator receive is posted, taken back and proved with the rest."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from django.db import connection, transaction
from tests.books.postings import OCTOBER_1, RULE, a_manifest, a_total, totals_frame
from tests.books.test_proofs import failing, triggers_resting

from tanhui.books.models import OPERATOR, PARTNER, Balance, Transfer
from tanhui.books.posting import post_batch
from tanhui.books.shares import SHARED
from tanhui.core.errors import ProofFailed

pytestmark = pytest.mark.django_db

Share = dict[str, Any]


def a_share(**changes: Any) -> Share:
    """A fifth of 980,000 mg by metro goes to the partner's platform."""
    share = {
        "recipient": "platform",
        "region": 420106,
        "scene": "metro",
        "day": OCTOBER_1,
        "reversal": False,
        "mg": 196_000,
        "n_events": 2,
        "origin": None,
    }
    return share | changes


def post_shared(totals: list[dict[str, Any]], shares: list[Share], **changes: Any) -> None:
    """Post totals and shares as the next batch, with a manifest that fits both."""
    figures: dict[str, int] = {}
    for share in shares:
        name = f"{share['recipient']}_{'reversed' if share['reversal'] else 'credited'}"
        figures[name] = figures.get(name, 0) + share["mg"]
    plain = a_manifest(totals)
    given = sum(mg for name, mg in figures.items() if name.endswith("_credited"))
    sums = {
        "mg_credited": plain.mg_credited + given,
        "mg_reversed": plain.mg_reversed + sum(figures.values()) - given,
        "buckets": {"shares": figures},
    }
    manifest = a_manifest(totals, **(sums | changes))
    with transaction.atomic():
        post_batch(
            connection,
            batch=manifest,
            totals=totals_frame(totals),
            shares=pl.DataFrame(shares, schema=SHARED),
            rules=RULE,
            actor="test",
        )


def held(kind: str) -> list[tuple[int, int]]:
    """Credits and debits of every account of that kind."""
    return list(Balance.objects.filter(account__owner_kind=kind).values_list("credits", "debits"))


def test_shares_go_to_accounts_of_their_own() -> None:
    post_shared([a_total()], [a_share(), a_share(recipient="operator", mg=5)])
    assert (held(PARTNER), held(OPERATOR)) == ([(196_000, 0)], [(5, 0)])
    moves = Transfer.objects.filter(credit_account__owner_kind=PARTNER).values_list(
        "debit_account__role", "credit_account__owner_id", "credit_account__role", "amount", "code"
    )
    assert list(moves) == [("measured:metro", 1, "share", 196_000, "credit")]
    assert failing() == []


def test_a_second_batch_adds_and_takes_back() -> None:
    post_shared([a_total()], [a_share()])
    back = a_total(reversal=True, origin=1, mg=784_000, points=78)
    post_shared(
        [back], [a_share(mg=4), a_share(reversal=True, origin=1), a_share(day=OCTOBER_1 + 40, mg=2)]
    )
    assert held(PARTNER) == [(196_006, 196_000)]
    assert failing() == []


def test_a_batch_of_shares_alone_is_posted() -> None:
    post_shared([], [a_share()], counts={}, n_rows=0)
    assert held(PARTNER) == [(196_000, 0)]
    assert failing() == []


def test_shares_that_the_manifest_does_not_say_are_refused() -> None:
    with pytest.raises(ProofFailed):
        post_shared([a_total()], [a_share()], mg_credited=784_000)
    assert held(PARTNER) == []


def test_a_share_in_another_account_is_caught() -> None:
    post_shared([a_total()], [a_share(), a_share(recipient="operator", mg=196_000)])
    with triggers_resting(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE books_transfer t SET credit_account_id = o.id FROM books_account o, "
            "books_account p WHERE p.id = t.credit_account_id AND p.owner_kind = 'partner' "
            "AND o.owner_kind = 'operator'"
        )
    assert set(failing()) == {
        "every balance equals its transfers",
        "manifests' shares equal the ledger's",
    }
