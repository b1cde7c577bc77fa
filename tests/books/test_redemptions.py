"""Points for an item: one order per key, points and stock together, and the ways an order ends."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection, transaction
from tests.books.ledger import (
    DAY,
    ITEM,
    NEXT_YEAR,
    a_holder,
    an_act,
    assert_proved,
    give,
    lots,
    standing,
)

from tanhui.books import redemptions
from tanhui.books.models import Hold, Journal, LogEntry, Transfer
from tanhui.books.redemptions import VERB, Order
from tanhui.core.errors import Conflict, InputRefused, NotFound, TanhuiError

ORDER = Order(person=7, partner=3, item="bag", pieces=1, points=40)


def a_shop(pieces: int = 5) -> int:
    with transaction.atomic():
        redemptions.stock(
            an_act(redemptions.VERB_STOCKED),
            partner=3,
            item="bag",
            pieces=pieces,
            programme="test",
            day=DAY,
        )
    return a_holder(ITEM, owner=3)


def redeem(order: Order = ORDER, *, day: date = DAY, key: str = "") -> int:
    changes = {"key": key} if key else {}
    act = an_act(VERB, detail={"partner": 3, "item": "bag"}, request={"n": 1}, **changes)
    with transaction.atomic():
        return redemptions.redeem(order, act, programme="test", day=day).journal


@pytest.mark.django_db
def test_points_and_stock_go_together() -> None:
    shop, mine = a_shop(), a_holder()
    give(mine, 30, day=date(2025, 3, 1))
    give(mine, 30)
    order = redeem(key="order-1")
    assert (standing(mine), standing(shop), lots(mine)) == ((20, 0), (5, 1), [(DAY, 20)])
    assert redeem(key="order-1") == order
    assert standing(mine) == (20, 0)
    assert not LogEntry.objects.exists(), "one person's act is never public"
    assert_proved()


@pytest.mark.django_db
def test_an_order_is_delivered_or_cancelled_once() -> None:
    shop, mine = a_shop(), a_holder()
    give(mine, 100)
    first, second = redeem(), redeem()
    with transaction.atomic():
        redemptions.deliver(an_act(redemptions.VERB_DELIVERED), first, partner=3, day=DAY)
        redemptions.cancel(an_act(redemptions.VERB_CANCELLED), second, partner=3, day=DAY)
    assert (standing(mine), standing(shop)) == ((60, 0), (4, 0))
    assert [redemptions.state(order, partner=3) for order in (first, second)] == [
        "posted",
        "voided",
    ]
    for order in (first, second):
        for verb in (redemptions.deliver, redemptions.cancel):
            with pytest.raises(Conflict), transaction.atomic():
                verb(an_act(), order, partner=3, day=DAY)
    with pytest.raises(NotFound):
        redemptions.state(first, partner=4)
    assert_proved()


@pytest.mark.django_db
def test_what_cannot_be_redeemed_changes_nothing() -> None:
    shop, mine = a_shop(pieces=1), a_holder()
    give(mine, 50)
    kept = Journal.objects.count(), Transfer.objects.count()
    cases: list[tuple[Order, date, type[TanhuiError], str]] = [
        (replace(ORDER, points=51), DAY, Conflict, "balance.short"),
        (replace(ORDER, pieces=2), DAY, Conflict, "balance.short"),
        (replace(ORDER, person=8), DAY, Conflict, "balance.short"),
        (replace(ORDER, partner=4), DAY, NotFound, "item.unknown"),
        (replace(ORDER, item="cup"), DAY, NotFound, "item.unknown"),
        (replace(ORDER, pieces=0), DAY, InputRefused, "redemption.amount"),
        (ORDER, NEXT_YEAR, Conflict, "points.lapsed"),
    ]
    for order, day, kind, code in cases:
        with pytest.raises(TanhuiError) as refused:
            redeem(order, day=day)
        assert (type(refused.value), refused.value.code) == (kind, code)
    assert (Journal.objects.count(), Transfer.objects.count()) == kept
    assert (standing(mine), standing(shop), Hold.objects.count()) == ((50, 0), (1, 0), 0)


@pytest.mark.django_db(transaction=True)
def test_the_last_piece_goes_to_one_of_many() -> None:
    shop, mine = a_shop(pieces=3), a_holder()
    give(mine, 1_000)
    outcomes: list[str] = []

    def buy(number: int) -> None:
        try:
            redeem(key=f"order-{number % 6}")  # every key twice
            outcomes.append("done")
        except Conflict as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=buy, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(outcomes) == {"done", "balance.short"}
    assert (standing(shop), standing(mine)) == ((3, 3), (1_000 - 3 * 40, 0))
    assert Hold.objects.count() == 3
    assert_proved()
