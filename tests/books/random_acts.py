"""Random acts of a small programme, drawn by hypothesis or by a seeded generator.

Whoever draws gives `pick(options)`; every act runs in its own transaction and is either done or
refused with an error of ours. Nothing here knows what the balances should be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from tests.books.ledger import AT, DAY, ITEM, NEXT_YEAR, a_holder, a_source, an_act

from tanhui.books import holds
from tanhui.books.lapsing import lapse
from tanhui.books.models import Balance, Hold, Journal, Transfer
from tanhui.books.reversals import reverse
from tanhui.books.transfers import Leg, transfer
from tanhui.core.errors import TanhuiError

Pick = Callable[[Sequence[Any]], Any]
AMOUNTS = [1, 2, 3, 5, 8, 13]
DAYS = [DAY + timedelta(days=n) for n in (0, 1, 5)]
EXPIRIES = [DAY + timedelta(days=2), NEXT_YEAR]
MOMENTS = [AT, AT + timedelta(days=2), AT + timedelta(days=9)]


class Programme:
    """Two persons with points, two shops with an item."""

    def __init__(self) -> None:
        self.people = [a_holder(owner=owner) for owner in (7, 8)]
        self.shops = [a_holder(ITEM, owner=owner) for owner in (1, 2)]
        self.source = {False: a_source(), True: a_source(ITEM)}
        self.sink = {False: a_source(role="spent"), True: a_source(ITEM, role="delivered")}
        a_source(role="lapsed")
        self.acts = [self.give, self.spend, self.swap, self.hold, self.post, self.void]
        self.acts += [self.back, self.job]

    def one(self, pick: Pick) -> bool:
        """One random act; whether it was done."""
        act = pick(self.acts)
        try:
            with transaction.atomic():
                act(pick)
        except TanhuiError:
            return False
        return True

    def give(self, pick: Pick) -> None:
        account = pick(self.people + self.shops)
        source = self.source[account in self.shops]
        leg = Leg(source, account, pick(AMOUNTS), pick(EXPIRIES))
        transfer(an_act(key=_key()), [leg], day=pick(DAYS))

    def spend(self, pick: Pick) -> None:
        account = pick(self.people + self.shops)
        leg = Leg(account, self.sink[account in self.shops], pick(AMOUNTS))
        transfer(an_act(key=_key()), [leg], day=pick(DAYS))

    def swap(self, pick: Pick) -> None:
        """Several movements at once, in both directions: the order of locks matters."""
        one, two = pick([self.shops, self.shops[::-1]])
        legs = [Leg(one, two, pick(AMOUNTS)), Leg(two, one, pick(AMOUNTS))]
        transfer(an_act(key=_key()), legs, day=pick(DAYS))

    def hold(self, pick: Pick) -> None:
        holds.reserve(
            an_act(key=_key()),
            pick(self.people + self.shops),
            pick(AMOUNTS),
            day=pick(DAYS),
            expires_at=pick([None, *MOMENTS]),
        )

    def post(self, pick: Pick) -> None:
        if hold := _some(pick, Hold.objects.order_by("-id")):
            credit = self.sink[hold.account_id in self.shops]
            amount = pick([None, 1, 2, 100])
            act = an_act(key=_key(), at=pick(MOMENTS))
            holds.post(act, hold.pk, credit, day=pick(DAYS), amount=amount)

    def void(self, pick: Pick) -> None:
        if hold := _some(pick, Hold.objects.order_by("-id")):
            holds.void(an_act(key=_key()), hold.pk)

    def back(self, pick: Pick) -> None:
        if act := _some(pick, Journal.objects.order_by("-id")):
            reverse(an_act("books.act.reversed", key=_key()), act.pk, day=pick(DAYS))

    def job(self, pick: Pick) -> None:
        holds.expire(at=pick(MOMENTS), actor="job")
        lapse(an_act("books.points.lapsed", key=_key()), day=pick(DAYS))


def replayed() -> dict[int, tuple[int, int, int]]:
    """Debits, credits and holds of each holder, computed in Python from the journalled rows."""
    found = {account: [0, 0, 0] for account in Balance.objects.values_list("account_id", flat=True)}
    for debit, credit, amount in Transfer.objects.values_list(
        "debit_account_id", "credit_account_id", "amount"
    ):
        for account, side in ((debit, 0), (credit, 1)):
            if account in found:
                found[account][side] += amount
    for account, amount in Hold.objects.filter(state="open").values_list("account_id", "amount"):
        found[account][2] += amount
    return {account: (one[0], one[1], one[2]) for account, one in found.items()}


def stored() -> dict[int, tuple[int, int, int]]:
    """The same as the balances say it."""
    rows = Balance.objects.values_list("account_id", "debits", "credits", "held")
    return {account: (debits, credits, held) for account, debits, credits, held in rows}


def _some(pick: Pick, newest_first: Any) -> Any:
    found = list(newest_first[:5])
    return pick(found) if found else None


def _key() -> str:
    """A key that no other thread or process has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gen_random_uuid()::text")
        (key,) = cursor.fetchone() or ("",)
    return str(key)
