"""Lots: earned on a day, expiring on another, taken back from the right day first."""

from __future__ import annotations

from datetime import date

import pytest
from tests.books.postings import OCTOBER_1, a_total, post

from tanhui.books import queries
from tanhui.books.models import Lot
from tanhui.books.proofs import prove
from tanhui.core.errors import Conflict

pytestmark = pytest.mark.django_db


def lots(person: int = 7) -> list[tuple[date, str, int, int]]:
    rows = Lot.objects.filter(account__owner_id=person).order_by(
        "earned_on", "journal_id", "source__role"
    )
    return list(rows.values_list("earned_on", "source__role", "amount", "left"))


def test_one_lot_per_day_and_source() -> None:
    post(
        [
            a_total(points=10),
            a_total(points=5, region=420111),
            a_total(points=3, scene="bus"),
            a_total(points=2, day=OCTOBER_1 + 1),
        ]
    )
    assert lots() == [
        (date(2024, 10, 1), "issued:bus", 3, 3),
        (date(2024, 10, 1), "issued:metro", 15, 15),
        (date(2024, 10, 2), "issued:metro", 2, 2),
    ]


@pytest.mark.parametrize(
    ("earned", "expires"),
    [
        (date(2024, 10, 1), date(2026, 10, 1)),
        (date(2024, 2, 29), date(2026, 2, 28)),
        (date(2023, 12, 31), date(2025, 12, 31)),
    ],
)
def test_points_expire_after_the_years_of_the_rule(earned: date, expires: date) -> None:
    post([a_total(day=(earned - date(1970, 1, 1)).days)])
    assert Lot.objects.get().expires_on == expires


def test_a_reversal_takes_from_its_own_day_and_source() -> None:
    post([a_total(points=10, day=OCTOBER_1 + n) for n in range(3)])
    post([a_total(points=10, scene="bus", day=OCTOBER_1 + 1)])
    post([a_total(points=4, mg=0, day=OCTOBER_1 + 1, reversal=True, origin=1)])
    assert [left for *_, left in lots()] == [10, 6, 10, 10]
    assert all(proof.ok for proof in prove())


def test_what_its_day_no_longer_has_comes_from_the_oldest() -> None:
    post([a_total(points=10, day=OCTOBER_1 + n) for n in range(3)])
    Lot.objects.filter(earned_on=date(2024, 10, 3)).update(left=3)  # as if seven were spent
    post([a_total(points=10, mg=0, day=OCTOBER_1 + 2, reversal=True, origin=1)])
    assert [left for *_, left in lots()] == [3, 10, 0]


def test_several_lots_of_one_day_are_taken_first_in_first_out() -> None:
    for _ in range(3):
        post([a_total(points=10)])
    post([a_total(points=25, mg=0, reversal=True, origin=1)])
    assert [left for *_, left in lots()] == [0, 0, 5]
    assert queries.balance(7).points == 5


def test_more_than_is_left_is_refused_and_nothing_taken() -> None:
    post([a_total(points=10)])
    Lot.objects.update(left=4)
    with pytest.raises(Conflict) as refused:
        post([a_total(points=6, mg=0, reversal=True, origin=1)])
    assert (refused.value.code, refused.value.values["short"]) == ("points.reversal.short", 2)
    assert [left for *_, left in lots()] == [4]
    assert queries.balance(7).points == 10
