"""An act taken back: every movement the other way, once, naming what it takes back."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from tests.books.ledger import (
    DAY,
    ITEM,
    a_holder,
    a_source,
    an_act,
    assert_proved,
    give,
    lots,
    standing,
)
from tests.books.postings import a_total, post

from tanhui.books import holds
from tanhui.books.acts import Recorded
from tanhui.books.models import Batch, Reversal, Transfer
from tanhui.books.reversals import reverse
from tanhui.books.transfers import Leg, transfer
from tanhui.core.errors import Conflict, NotFound

pytestmark = pytest.mark.django_db
LATER = date(2025, 4, 1)


def taken_back(act: int) -> Recorded:
    with transaction.atomic():
        return reverse(an_act("books.act.reversed"), act, day=LATER)


def spend(account: int, amount: int) -> int:
    with transaction.atomic():
        leg = Leg(account, a_source(role="spent"), amount)
        return transfer(an_act(), [leg], day=DAY).journal


def test_spent_points_come_back_as_they_were() -> None:
    mine = a_holder()
    give(mine, 10, day=date(2025, 3, 1), expires_on=date(2026, 3, 1))
    give(mine, 10)
    before = lots(mine)
    spent = spend(mine, 13)
    back = taken_back(spent)
    assert standing(mine) == (20, 0)
    assert before == [(date(2025, 3, 1), 10), (DAY, 10)]
    assert lots(mine) == [(date(2025, 3, 1), 10), (DAY, 7), (DAY, 3)]
    made = Transfer.objects.get(journal_id=back.journal)
    assert (made.code, made.origin) == ("undo", spent << 32)
    assert Reversal.objects.get().reversed_id == spent
    assert_proved()


def test_what_was_given_is_taken_from_its_own_lot_first() -> None:
    mine = a_holder()
    give(mine, 10, day=date(2025, 3, 1))
    mistake = give(mine, 5)
    taken_back(mistake)
    assert lots(mine) == [(date(2025, 3, 1), 10)]
    assert_proved()


def test_what_is_spent_cannot_be_taken_back_from_its_holder() -> None:
    mine = a_holder()
    gift = give(mine, 5)
    spend(mine, 5)
    with pytest.raises(Conflict) as refused:
        taken_back(gift)
    assert (refused.value.code, standing(mine)) == ("balance.short", (0, 0))


def test_an_act_is_taken_back_once_and_a_reversal_never() -> None:
    mine = a_holder()
    give(mine, 10)
    spent = spend(mine, 4)
    back = taken_back(spent)
    for act, code in ((spent, "act.reversed"), (back.journal, "act.not_reversible")):
        with pytest.raises(Conflict) as refused:
            taken_back(act)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        taken_back(back.journal + 1_000)
    assert standing(mine) == (10, 0)


def test_a_batch_is_corrected_by_its_own_way() -> None:
    post([a_total()])
    with pytest.raises(Conflict) as refused:
        taken_back(Batch.objects.get().journal_id)
    assert refused.value.code == "act.not_reversible"


def test_what_an_act_held_is_freed_unless_it_was_posted() -> None:
    shop, out = a_holder(ITEM), a_source(ITEM, role="delivered")
    give(shop, 5, asset=ITEM)
    with transaction.atomic():
        order, hold = holds.reserve(an_act(), shop, 2, day=DAY)
    taken_back(order.journal)
    assert standing(shop) == (5, 0)
    with transaction.atomic():
        order, hold = holds.reserve(an_act(), shop, 2, day=DAY)
        delivered = holds.post(an_act(), hold, out, day=DAY)
    with pytest.raises(Conflict) as refused:
        taken_back(order.journal)
    assert refused.value.code == "act.hold_posted"
    taken_back(delivered.journal)
    assert standing(shop) == (5, 0)
    assert_proved()
