"""A person's own units: exact parts that add up to the marks, across debts and remainders."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.flows.registry.pooling import RIDE_MG, UNIT_MG, PoolOffice, rides

from tanhui.books.using import used_mg
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.pools.models import PoolIssue
from tanhui.engine.pooling.line import Cut
from tanhui.flows.registry.own_units import OwnUnits, _parts, own_units

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(tmp_path: Path) -> PoolOffice:
    return PoolOffice(tmp_path)


def of_card(office: PoolOffice, card: int) -> tuple[int, OwnUnits]:
    """The person of a card, and their units."""
    person = citizens.find(f"card:{card}", key=office.office.platform.identity_key)
    assert person is not None
    return person, own_units(office.office.platform, person)


def test_a_person_finds_each_unit_with_the_exact_part(office: PoolOffice) -> None:
    office.deliver(rides(1, 3))
    pool = office.issued()
    _person, found = of_card(office, 2)
    first = found.units[0]["serial"]
    assert [(one["serial"] - first, one["mg"], one["unit_mg"]) for one in found.units] == [
        (0, UNIT_MG - RIDE_MG, UNIT_MG),
        (1, 2 * RIDE_MG - UNIT_MG, UNIT_MG),
    ]
    assert {(one["pool"], one["scene"], one["state"]) for one in found.units} == {
        (pool.number, "metro", "held")
    }
    assert found.made_good_mg == 0
    assert own_units(office.office.platform, 10**15) == OwnUnits([], 0)


def test_the_parts_of_everybody_fill_the_units_and_agree_with_the_marks(
    office: PoolOffice,
) -> None:
    office.deliver(rides(1, 5))
    office.issued(discount="3")
    correction = rides(9, 1)[0] | {"person": "card:2", "corrects": "r2", "distance_km": "1"}
    office.deliver([correction], name="correction.csv")
    office.deliver(rides(20, 4), name="more.csv")
    office.issued(discount="0.1")
    office.deliver(rides(30, 3), name="last.csv")
    office.issued()
    filled: Counter[int] = Counter()
    for card in (*range(1, 6), *range(20, 24), *range(30, 33)):
        person, found = of_card(office, card)
        for one in found.units:
            filled[one["serial"]] += one["mg"]
        total = sum(one["mg"] for one in found.units) + found.made_good_mg
        assert total == used_mg(person), card
    units = sum(issue.units for issue in PoolIssue.objects.all())
    made_good = sum(issue.made_good for issue in PoolIssue.objects.all())
    assert len(filled) == units
    assert made_good > 0
    assert sum(filled.values()) == units * UNIT_MG - made_good, "what was taken back is nobody's"


def test_a_shared_row_gives_the_persons_part_alone() -> None:
    cut = Cut(total=100, unit_mg=30, made_good=20, units=2, carried=20, owed=0)
    parts = list(_parts(cut, 10, 95, (50, 30, 20)))
    assert [unit for unit, _mg in parts] == [None, 0, 1]
    assert parts == [(None, 5), (0, 15), (1, 15)]
    assert list(_parts(cut, 85, 95, (10, 0, 0))) == [], "what is carried is in no unit"
    uneven = list(_parts(cut, 0, 80, (1, 1, 78)))
    assert sum(mg for _unit, mg in uneven) == 1
