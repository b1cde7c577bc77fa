"""Factories of accounts and acts for the tests of single movements."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.db import connection, transaction

from tanhui.books.accounts import ensure_system, open_account
from tanhui.books.acts import Act
from tanhui.books.assets import ensure_assets
from tanhui.books.models import PARTNER, PERSON, Balance, Lot
from tanhui.books.proofs import prove
from tanhui.books.transfers import Leg, transfer

AT = datetime(2025, 3, 10, 4, 0, tzinfo=UTC)
DAY = date(2025, 3, 10)
NEXT_YEAR = date(2026, 3, 10)
POINTS, ITEM = "points:test", "item:bag"

_numbers = count(1)


def an_act(verb: str = "books.transfer.made", **changes: Any) -> Act:
    """An act with a key of its own."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "verb": verb,
        "actor": "test",
        "at": AT,
        "key": f"test/{number}",
        "request": {"n": number},
    }
    return Act(**(values | changes))


def a_holder(asset: str = POINTS, *, owner: int = 7) -> int:
    """The account of a person for an asset."""
    number = ensure_assets([asset])[asset]
    with transaction.atomic():
        kind = PARTNER if asset.startswith("item:") else PERSON
        return open_account(
            connection, asset=number, owner_kind=kind, owner_id=owner, role="holder"
        )


def a_source(asset: str = POINTS, *, role: str = "granted") -> int:
    """A system account of an asset."""
    number = ensure_assets([asset])[asset]
    return ensure_system([(number, role)])[number, role]


def give(account: int, amount: int, *, asset: str = POINTS, **changes: Any) -> int:
    """Give an account something out of `granted`; returns the act."""
    expires = changes.pop("expires_on", NEXT_YEAR)
    leg = Leg(a_source(asset), account, amount, expires)
    with transaction.atomic():
        return transfer(an_act(), [leg], day=changes.pop("day", DAY)).journal


def standing(account: int) -> tuple[int, int]:
    """What an account has, and what of it is held."""
    found = Balance.objects.get(account_id=account)
    return found.credits - found.debits, found.held


def lots(account: int) -> list[tuple[date, int]]:
    """What is left of each lot, oldest first, empty ones left out."""
    found = Lot.objects.filter(account_id=account, left__gt=0).order_by("earned_on", "journal_id")
    return list(found.values_list("earned_on", "left"))


def assert_proved() -> None:
    assert [proof for proof in prove() if not proof.ok] == []
