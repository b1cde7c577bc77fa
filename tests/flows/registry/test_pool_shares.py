"""Pools of rides that are shared out: each holder gives its part, and gets it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flows.registry.pooling import RIDE_MG, UNIT_MG, PoolOffice, rides
from tests.flows.registry.shared_law import shared_law

from tanhui.books.models import MG_USED, Balance
from tanhui.books.using import used_mg
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.pools.models import PoolIssue

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PoolOffice]:
    with shared_law(tmp_path):
        yield PoolOffice(tmp_path)


def used() -> dict[str, int]:
    """The marks of each kind of holder."""
    found: dict[str, int] = {}
    for row in Balance.objects.filter(account__asset__unit=MG_USED).select_related("account"):
        kind = row.account.owner_kind
        found[kind] = found.get(kind, 0) + row.credits - row.debits
    return found


def test_what_is_taken_back_is_taken_from_each_holder(office: PoolOffice) -> None:
    office.deliver(rides(1, 3))
    office.issued()  # 2 units of 2,352,000 mg; ride 1 is used whole
    assert used() == {"person": 1_410_000, "partner": 400_000, "operator": 190_000}
    correction = rides(9, 1)[0] | {"person": "card:1", "corrects": "r1", "distance_km": "1"}
    office.deliver([correction], name="correction.csv")
    office.deliver(rides(4, 3), name="more.csv")
    office.issued()
    second = PoolIssue.objects.get(turn=2)
    assert second.debts == RIDE_MG
    person = citizens.find("card:1", key=office.office.platform.identity_key)
    assert person is not None
    assert used_mg(person) == RIDE_MG // 10 * 705 // 1000, "of the corrected ride alone"
    units = 2 + second.units
    assert used() == {
        "person": units * UNIT_MG * 705 // 1000,
        "partner": units * UNIT_MG // 5,
        "operator": units * UNIT_MG * 95 // 1000,
    }
