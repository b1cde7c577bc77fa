"""Points lapse on their day, under an act, and what is held stays until the hold is closed."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from tests.books.ledger import (
    DAY,
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
from tanhui.books.lapsing import lapse
from tanhui.books.models import Journal, Transfer
from tanhui.books.reversals import reverse

pytestmark = pytest.mark.django_db


def lapsed(day: date) -> tuple[int, int, int]:
    with transaction.atomic():
        done, people, points = lapse(an_act("books.points.lapsed"), day=day)
    return done.journal, people, points


def test_points_lapse_on_their_day_and_not_before() -> None:
    mine, yours = a_holder(), a_holder(owner=8)
    give(mine, 10)
    give(mine, 5, expires_on=date(2027, 1, 1))
    give(yours, 3)
    assert lapsed(date(2026, 3, 9))[1:] == (0, 0)
    act, people, points = lapsed(NEXT_YEAR)
    assert (people, points) == (2, 13)
    assert (standing(mine), standing(yours)) == ((5, 0), (0, 0))
    assert lots(mine) == [(DAY, 5)]
    assert set(Transfer.objects.filter(code="lapse").values_list("journal_id", "amount")) == {
        (act, 10),
        (act, 3),
    }
    assert lapsed(NEXT_YEAR)[1:] == (0, 0)
    assert_proved()


def test_what_is_held_lapses_when_the_hold_is_gone() -> None:
    mine = a_holder()
    give(mine, 10)
    with transaction.atomic():
        _, hold = holds.reserve(an_act(), mine, 4, day=DAY)
    assert lapsed(NEXT_YEAR)[1:] == (1, 6)
    assert standing(mine) == (4, 4)
    with transaction.atomic():
        holds.void(an_act(), hold)
    assert lapsed(NEXT_YEAR)[1:] == (1, 4)
    assert (standing(mine), lots(mine)) == ((0, 0), [])
    assert_proved()


def test_a_lapse_by_mistake_is_taken_back() -> None:
    mine, yours = a_holder(), a_holder(owner=8)
    give(mine, 10)
    give(yours, 5)
    act, *_ = lapsed(NEXT_YEAR)
    with transaction.atomic():
        reverse(an_act("books.act.reversed"), act, day=NEXT_YEAR)
    assert (standing(mine), standing(yours)) == ((10, 0), (5, 0))
    assert (lots(mine), lots(yours)) == ([(DAY, 10)], [(DAY, 5)])
    assert_proved()


def test_a_repeated_key_lapses_nothing_more() -> None:
    mine, act = a_holder(), an_act("books.points.lapsed")
    a_source(role="lapsed")
    give(mine, 10)
    for people in (1, 0):
        with transaction.atomic():
            assert lapse(act, day=NEXT_YEAR)[1] == people
    assert Journal.objects.filter(verb="books.points.lapsed").count() == 1
