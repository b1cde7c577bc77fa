"""Holds: reserved, then posted, voided or expired, once; nothing held leaks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from tests.books.ledger import (
    AT,
    DAY,
    ITEM,
    NEXT_YEAR,
    a_holder,
    a_source,
    an_act,
    assert_proved,
    give,
    lots,
    standing,
)

from tanhui.books import holds
from tanhui.books.models import Hold, Journal
from tanhui.books.transfers import Leg, transfer
from tanhui.core.errors import Conflict, InputRefused

pytestmark = pytest.mark.django_db


def reserve(
    account: int, amount: int, *, expires_at: datetime | None = None, day: date = DAY
) -> int:
    with transaction.atomic():
        return holds.reserve(an_act(), account, amount, day=day, expires_at=expires_at)[1]


def post(hold: int, credit: int, amount: int | None = None, *, at: datetime = AT) -> None:
    with transaction.atomic():
        holds.post(an_act(at=at), hold, credit, day=at.date(), amount=amount)


def void(hold: int) -> None:
    with transaction.atomic():
        holds.void(an_act(), hold)


def test_what_is_held_is_neither_spent_nor_held_again() -> None:
    shop, out = a_holder(ITEM), a_source(ITEM, role="delivered")
    give(shop, 5, asset=ITEM)
    reserve(shop, 4)
    assert standing(shop) == (5, 4)
    with pytest.raises(Conflict) as refused:
        reserve(shop, 2)
    assert refused.value.code == "balance.short"
    with pytest.raises(Conflict), transaction.atomic():
        transfer(an_act(), [Leg(shop, out, 2)], day=DAY)
    assert standing(shop) == (5, 4)
    assert_proved()


@pytest.mark.parametrize(("amount", "left"), [(None, 1), (3, 2), (4, 1)])
def test_posting_takes_the_whole_or_a_part_and_frees_the_rest(
    amount: int | None, left: int
) -> None:
    shop, out = a_holder(ITEM), a_source(ITEM, role="delivered")
    give(shop, 5, asset=ITEM)
    hold = reserve(shop, 4)
    post(hold, out, amount)
    assert standing(shop) == (left, 0)
    assert Hold.objects.get().posted == 5 - left
    assert_proved()


def test_a_hold_is_closed_once() -> None:
    shop, out = a_holder(ITEM), a_source(ITEM, role="delivered")
    give(shop, 5, asset=ITEM)
    voided, posted = reserve(shop, 1), reserve(shop, 1)
    void(voided)
    post(posted, out)
    acts = Journal.objects.count()
    for hold in (voided, posted, 12345):
        with pytest.raises(Conflict, match="there is none, it expired, or it is closed"):
            void(hold)
        with pytest.raises(Conflict, match="there is none, it expired, or it is closed"):
            post(hold, out)
    assert (standing(shop), Journal.objects.count()) == ((4, 0), acts)
    with pytest.raises(DatabaseError, match="only ever closed"), transaction.atomic():
        Hold.objects.update(state="open")
    with pytest.raises(DatabaseError, match="only ever closed"), transaction.atomic():
        Hold.objects.all().delete()


def test_more_than_is_held_is_not_posted() -> None:
    shop, out = a_holder(ITEM), a_source(ITEM, role="delivered")
    give(shop, 5, asset=ITEM)
    with pytest.raises(InputRefused) as refused:
        post(reserve(shop, 2), out, 3)
    assert refused.value.code == "hold.too_small"
    assert standing(shop) == (5, 2)


def test_a_hold_past_its_time_is_not_posted_and_the_job_frees_it() -> None:
    shop, out = a_holder(ITEM), a_source(ITEM, role="delivered")
    give(shop, 5, asset=ITEM)
    soon = AT + timedelta(hours=1)
    hold, lasting = reserve(shop, 2, expires_at=soon), reserve(shop, 1)
    with pytest.raises(Conflict):
        post(hold, out, at=soon)
    with transaction.atomic():
        assert holds.expire(at=soon - timedelta(seconds=1), actor="job") == 0
        assert holds.expire(at=soon, actor="job") == 1
        assert holds.expire(at=soon, actor="job") == 0
    assert standing(shop) == (5, 1)
    assert list(Hold.objects.order_by("id").values_list("id", "state")) == [
        (hold, "expired"),
        (lasting, "open"),
    ]
    assert_proved()


def test_points_held_in_time_can_be_used_after_they_expired() -> None:
    mine, sink = a_holder(), a_source(role="spent")
    give(mine, 10)
    give(mine, 10, day=date(2025, 3, 11), expires_on=date(2027, 1, 1))
    hold = reserve(mine, 6)
    with pytest.raises(Conflict) as refused:
        reserve(mine, 11, day=NEXT_YEAR)  # four lapsed, six are held, ten are free
    assert refused.value.code == "points.lapsed"
    other = reserve(mine, 10, day=NEXT_YEAR)
    post(hold, sink, at=AT + timedelta(days=400))
    void(other)
    assert lots(mine) == [(DAY, 4), (date(2025, 3, 11), 10)]
    assert_proved()
