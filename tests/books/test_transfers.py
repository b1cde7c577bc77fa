"""One movement of any asset: what it moves, what it refuses, and nothing changed on refusal."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from tests.books.ledger import (
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

from tanhui.books.models import Journal, LotUse, Transfer
from tanhui.books.transfers import Leg, transfer
from tanhui.core.errors import Conflict, InputRefused, TanhuiError

pytestmark = pytest.mark.django_db
REDUCTION = "reduction:420100"


def move(*legs: Leg, day: date = DAY) -> None:
    with transaction.atomic():
        transfer(an_act(), legs, day=day)


def test_an_asset_moves_between_holders() -> None:
    mine, yours = a_holder(REDUCTION), a_holder(REDUCTION, owner=8)
    give(mine, 1_000, asset=REDUCTION)
    move(Leg(mine, yours, 300))
    assert (standing(mine), standing(yours)) == ((700, 0), (300, 0))
    assert_proved()


def test_legs_go_together_or_not_at_all() -> None:
    mine, yours = a_holder(ITEM), a_holder(ITEM, owner=8)
    give(mine, 5, asset=ITEM)
    with pytest.raises(Conflict) as refused:
        move(Leg(mine, yours, 3), Leg(mine, yours, 3))
    assert refused.value.code == "balance.short"
    assert (standing(mine), standing(yours)) == ((5, 0), (0, 0))
    assert (Transfer.objects.count(), Journal.objects.count()) == (1, 1)


def test_a_repeated_key_moves_nothing_more() -> None:
    mine, sink = a_holder(), a_source(role="spent")
    give(mine, 10)
    act = an_act()
    for is_new in (True, False):
        with transaction.atomic():
            assert transfer(act, [Leg(mine, sink, 4)], day=DAY).is_new is is_new
    assert standing(mine) == (6, 0)
    with pytest.raises(Conflict, match="was used for another request"), transaction.atomic():
        transfer(an_act(key=act.key), [Leg(mine, sink, 4)], day=DAY)


def test_points_are_spent_from_the_oldest_lot() -> None:
    mine, sink = a_holder(), a_source(role="spent")
    for day in (12, 10, 11):
        give(mine, 10, day=date(2025, 3, day))
    move(Leg(mine, sink, 14), day=date(2025, 3, 13))
    assert lots(mine) == [(date(2025, 3, 11), 6), (date(2025, 3, 12), 10)]
    assert list(LotUse.objects.order_by("earned_on").values_list("earned_on", "amount")) == [
        (date(2025, 3, 10), 10),
        (date(2025, 3, 11), 4),
    ]
    assert_proved()


def test_expired_points_cannot_be_spent_even_before_the_job_took_them() -> None:
    mine, sink = a_holder(), a_source(role="spent")
    give(mine, 10)
    move(Leg(mine, sink, 4), day=date(2026, 3, 9))
    with pytest.raises(Conflict) as refused:
        move(Leg(mine, sink, 4), day=NEXT_YEAR)
    assert refused.value.code == "points.lapsed"
    assert standing(mine) == (6, 0)


def test_what_cannot_be_is_refused() -> None:
    mine, yours, sink = a_holder(), a_holder(owner=8), a_source(role="spent")
    earned = a_source(role="issued:metro")
    give(mine, 10)
    cases = [
        (Leg(mine, yours, 1), Conflict, "points.not_transferable"),
        (Leg(mine, a_source(ITEM), 1), InputRefused, "transfer.assets_differ"),
        (Leg(mine, 999_999_999, 1), InputRefused, "transfer.assets_differ"),
        (Leg(sink, mine, 1), InputRefused, "points.without_expiry"),
        (Leg(mine, sink, 0), InputRefused, "transfer.amount"),
        (Leg(mine, mine, 1), InputRefused, "transfer.amount"),
        (Leg(mine, sink, 11), Conflict, "balance.short"),
        (
            Leg(earned, mine, 1, NEXT_YEAR),
            InputRefused,
            "transfer.batch_account",
        ),
    ]
    for leg, kind, code in cases:
        with pytest.raises(TanhuiError) as refused:
            move(leg)
        assert (type(refused.value), refused.value.code) == (kind, code)
    with pytest.raises(InputRefused, match="1 to 1000 movements"):
        move()
    assert standing(mine) == (10, 0)
    assert_proved()
