"""Issuing from pools: exact figures, slices once, carried remainders, debts, marks, refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.flows.registry.pooling import RIDE_MG, UNIT_MG, PoolOffice, rides
from tests.flows.registry.test_matters import refused

from tanhui.books.models import LogEntry
from tanhui.books.proofs import prove
from tanhui.books.serials import issued_by
from tanhui.books.using import all_used_mg, used_mg
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.ids import ResultId
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.consents.models import ISSUING
from tanhui.domain.matters.models import Matter
from tanhui.domain.partners.models import Partner
from tanhui.domain.pools.models import Pool, PoolIssue, Slice
from tanhui.engine.rulesets import Rulesets
from tanhui.flows.consents import answer
from tanhui.flows.erasure import erase
from tanhui.flows.registry.pool_proofs import explain
from tanhui.flows.registry.pool_trace import serials_of_row
from tanhui.interfaces.platform import platform as installed

pytestmark = pytest.mark.django_db
MONTH = date(2024, 10, 1)


@pytest.fixture
def office(tmp_path: Path) -> PoolOffice:
    return PoolOffice(tmp_path)


def sound() -> None:
    """Every proof of the books holds."""
    assert [proof.name_en for proof in prove() if not proof.ok] == []


def test_a_pool_becomes_units(office: PoolOffice) -> None:
    office.deliver(rides(1, 10))
    pool = office.ready(discount="2.5")
    assert office.propose(pool).is_proposal
    assert not PoolIssue.objects.exists()
    step = office.approve(pool)
    issue = PoolIssue.objects.get()
    assert (issue.gathered, issue.discount) == (10 * RIDE_MG, 196_000)
    assert (issue.units, issue.carried, issue.owed) == (7, 644_000, 0)
    assert step.result["serials"] == "1-7"
    assert issued_by(issue.journal_id).units == 7
    assert all_used_mg() == 7 * UNIT_MG
    entry = read_json(bytes(LogEntry.objects.latest("pk").body))
    assert entry["kind"] == "registry.pool.issue"
    assert (entry["units"], entry["serials"], entry["kept"]) == (7, "1-7", "39/40")
    assert entry["trace"] == issue.trace_sha256
    assert "gathered_mg" not in entry, "ten people are too few for amounts"
    sound()


def test_what_fills_no_unit_begins_the_next_pool(office: PoolOffice) -> None:
    office.deliver(rides(1, 2))
    office.issued()
    office.deliver(rides(3, 2), name="more.csv")
    office.issued()
    first, second = PoolIssue.objects.order_by("turn")
    assert (first.units, first.carried) == (1, 568_000)
    assert (second.carried_in, second.units, second.carried) == (568_000, 2, 136_000)
    assert all_used_mg() == 3 * UNIT_MG
    sound()


def test_what_is_taken_back_after_it_was_used_is_made_good(office: PoolOffice) -> None:
    office.deliver(rides(1, 3))
    office.issued()  # 2 units of 2,352,000 mg; ride 1 is used whole
    correction = rides(9, 1)[0] | {"person": "card:1", "corrects": "r1", "distance_km": "1"}
    office.deliver([correction], name="correction.csv")
    office.deliver(rides(4, 3), name="more.csv")
    office.issued()
    first, second = PoolIssue.objects.order_by("turn")
    assert (first.units, first.carried) == (2, 352_000)
    assert second.gathered == 3 * RIDE_MG + RIDE_MG // 10
    assert (second.debts, second.made_good) == (RIDE_MG, RIDE_MG)
    left = second.gathered + first.carried - RIDE_MG
    assert (second.units, second.carried) == divmod(left, UNIT_MG)
    assert all_used_mg() == (first.units + second.units) * UNIT_MG
    sound()


def test_what_is_taken_back_before_the_issue_is_not_in_it(office: PoolOffice) -> None:
    office.deliver(rides(1, 3))
    pool = office.ready()
    correction = rides(9, 1)[0] | {"person": "card:1", "corrects": "r1", "distance_km": "1"}
    office.deliver([correction], name="correction.csv")
    office.propose(pool)
    office.approve(pool)
    issue = PoolIssue.objects.get()
    assert (issue.gathered, issue.taken_back, issue.debts) == (2 * RIDE_MG, RIDE_MG, 0)
    sound()


def test_a_debt_larger_than_the_pool_is_owed(office: PoolOffice) -> None:
    office.deliver(rides(1, 4))
    office.issued()  # 3 units of 3,136,000
    rows = [
        rides(9 + number, 1)[0]
        | {"person": f"card:{number}", "corrects": f"r{number}", "distance_km": "1"}
        for number in (1, 2, 3)
    ]
    office.deliver(rows, name="correction.csv")
    pool = office.ready()
    office.propose(pool)
    error = refused(Conflict, "pool.too_small", lambda: office.approve(pool))
    assert "0 mg are left" in error.en
    sound()


def test_a_slice_stands_in_one_pool(office: PoolOffice) -> None:
    office.deliver(rides(1, 3))
    pool = office.gather()
    error = refused(Conflict, "pool.slice_taken", office.gather)
    assert error.values == {"slices": ["1:2024-10"]}
    office.office.step(office.operator, pool, "cancel")
    assert not Slice.objects.filter(released_by__isnull=True).exists()
    again = office.gather()
    assert Pool.objects.count() == 2
    office.deliver(rides(5, 3), name="more.csv")
    third = office.gather(last_month="2024-11")
    assert Matter.objects.get(pk=third.pk).steps.get().result["in_other_pools"] == ["1:2024-10"]
    assert [one.batch for one in Slice.objects.filter(pool__matter=again.number)] == [1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scene": "bus"}, "pool.empty"),
        ({"first_month": "2024-11", "last_month": "2024-12"}, "pool.empty"),
        ({"first_month": "2024-11"}, "pool.malformed"),
        ({"organisation": None}, "pool.malformed"),
    ],
)
def test_what_cannot_be_gathered_is_refused(
    office: PoolOffice, changes: dict[str, str], code: str
) -> None:
    office.deliver(rides(1, 3))
    refused(InputRefused, code, lambda: office.gather(**changes))


@pytest.mark.parametrize("discount", ["100", "-1", "0.00000001"])
def test_a_discount_that_is_none_is_refused(office: PoolOffice, discount: str) -> None:
    office.deliver(rides(1, 3))
    pool = office.gather()
    authority = office.authorities[0]
    office.office.paper(authority, pool, "assessment_opinion")
    data = {"discount_percent": discount, "grounds": "抽样比对"}
    refused(
        InputRefused,
        "pool.malformed",
        lambda: office.office.step(authority, pool, "assess", data=data),
    )


def person_of(card: int) -> int:
    """Who goes by a card."""
    found = citizens.find(f"card:{card}", key=installed().identity_key)
    assert found is not None
    return found


def test_who_took_the_mandate_back_is_left_out(office: PoolOffice) -> None:
    office.deliver(rides(1, 5))
    platform = office.office.platform
    pool = office.ready()
    answer(platform, person_of(1), given=False, purpose=ISSUING, via="test")
    answer(platform, person_of(2), given=False, via="test")
    answer(platform, person_of(3), given=False, purpose=ISSUING, via="test")
    answer(platform, person_of(3), given=True, purpose=ISSUING, via="test")
    erase(platform, person_of(4), actor="test")
    office.propose(pool)
    office.approve(pool)
    issue = PoolIssue.objects.get()
    assert (issue.gathered, issue.no_mandate) == (2 * RIDE_MG, 3 * RIDE_MG)
    assert used_mg(person_of(1)) == used_mg(person_of(2)) == 0
    assert used_mg(person_of(3)) + used_mg(person_of(5)) == UNIT_MG
    answer(platform, person_of(3), given=False, purpose=ISSUING, via="test")
    assert used_mg(person_of(3)) == RIDE_MG, "what was issued stands"
    assert [one.name_en for one in explain(platform, issue.pool) if not one.ok] == []
    sound()


def test_where_each_must_agree_silence_is_no(office: PoolOffice) -> None:
    office.deliver(rides(1, 4))
    Partner.objects.filter(code="metro-co").update(consent_basis="receipt")
    platform = office.office.platform
    pool = office.ready()
    for card in (1, 2):
        answer(platform, person_of(card), given=True, purpose=ISSUING, via="test")
    office.propose(pool)
    office.approve(pool)
    assert PoolIssue.objects.get().no_mandate == 2 * RIDE_MG
    sound()


def test_what_was_carried_of_somebody_who_withdrew_is_in_no_unit(office: PoolOffice) -> None:
    office.deliver(rides(1, 2))
    platform = office.office.platform
    office.issued()  # ride 1 is used whole, 568,000 mg of ride 2 are carried
    assert used_mg(person_of(2)) == UNIT_MG - RIDE_MG
    answer(platform, person_of(2), given=False, purpose=ISSUING, via="test")
    office.deliver(rides(3, 3), name="more.csv")
    office.issued()
    first, second = PoolIssue.objects.order_by("turn")
    assert (second.carried_in, second.withdrawn) == (568_000, 568_000)
    assert (second.units, second.carried) == divmod(3 * RIDE_MG, UNIT_MG)
    assert used_mg(person_of(2)) == UNIT_MG - RIDE_MG, "what was issued stands"
    (batch,) = {one.batch for one in Slice.objects.filter(pool=first.pool)}
    rows = [serials_of_row(platform, ResultId(batch, row)) for row in (1, 2)]
    assert {one["carried_mg"] for one in rows} == {"0"}
    assert sum(int(one["used_mg"]) for one in rows) == UNIT_MG
    for issue in (first, second):
        assert [one.name_en for one in explain(platform, issue.pool) if not one.ok] == []
    sound()


@pytest.mark.parametrize(
    ("key", "value"),
    [("issue.vintage_max_age_years", 0), ("issue.not_before", date(2024, 10, 2))],
)
def test_reductions_too_old_for_the_rules_are_not_issued(
    office: PoolOffice, key: str, value: Any
) -> None:
    office.deliver(rides(1, 3))
    pool = office.ready()
    platform = office.office.platform
    (like,) = platform.rulesets.rules["100000", "issue.unit_mg"]
    old = {**platform.rulesets.rules, ("420100", key): (replace(like, value=value),)}
    office.office.platform = replace(platform, rulesets=Rulesets(old))
    error = refused(Conflict, "issue.vintage_too_old", lambda: office.propose(pool))
    assert "2024" in error.en
    new = {**old, ("420100", key): (replace(like, value=1 if key.endswith("years") else MONTH),)}
    office.office.platform = replace(platform, rulesets=Rulesets(new))
    assert office.propose(pool).is_proposal
