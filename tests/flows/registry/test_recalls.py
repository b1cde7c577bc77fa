"""Freeze and recall, transfers and sharing: two people, the right side, nothing lost."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flows.registry.holders import (
    an_office,
    check_books,
    owner_of,
    standing,
    unchanged,
    units_by_state,
    units_for,
)
from tests.flows.registry.offices import Office, a_caller, an_organisation

from tanhui.books.proofs import prove
from tanhui.core.apportion import apportion
from tanhui.core.errors import Conflict, Denied, InputRefused
from tanhui.core.serials import SerialRange, read_serials
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry.callers import Caller
from tanhui.flows.registry.sharings import owed_to, shares_of

pytestmark = pytest.mark.django_db
PAPERS = ("instrument", "release_instrument", "cancel_instrument")


@pytest.fixture
def judges() -> list[Caller]:
    return [a_caller("case_authority"), a_caller("authority")]


def frozen(office: Office, judges: list[Caller], firm: Organisation, serials: str) -> Matter:
    freeze = {
        "instrument_kind": "ruling",
        "instrument_number": "裁〔2025〕1号",
        "reason": "保全",
        "serials": serials,
    }
    recall = office.open(judges[0], "recall", organisation=firm.pk, data=freeze)
    office.paper(judges[0], recall, *PAPERS)
    for judge in judges:
        office.step(judge, recall, "freeze")
    return recall


def test_frozen_units_are_nobodys_to_use_until_released(judges: list[Caller]) -> None:
    office, firm = an_office(), an_organisation()
    first = units_for(office, firm, 10)
    recall = frozen(office, judges, firm, f"{first.first}-{first.first + 3}")
    assert units_by_state(office, firm) == {"locked": 4, "held": 6}
    use = office.open(
        owner_of(firm),
        "use",
        organisation=firm.pk,
        data={"purpose": "voluntary", "beneficiary": "某公司"},
    )
    for data, code in (
        ({"serials": str(first)}, "serials.move.forbidden"),
        ({"units": 7}, "serials.too_few"),
    ):
        unchanged(Conflict, code, lambda d=data: office.step(owner_of(firm), use, "retire", data=d))
    office.step(judges[0], recall, "release")
    unchanged(
        Conflict,
        "matter.approval.same_person",
        lambda: office.step(judges[0], recall, "release"),
    )
    office.step(judges[1], recall, "release")
    assert units_by_state(office, firm) == {"held": 10}
    check_books()


@pytest.mark.parametrize("end", ["accept", "withdraw"])
def test_an_offer_does_not_outrun_a_freeze(judges: list[Caller], end: str) -> None:
    office, firm, friend = an_office(), an_organisation(), an_organisation()
    first = units_for(office, firm, 10).first
    offer, other_side = offered(office, firm, friend, 4), owner_of(friend)
    recall = frozen(office, judges, firm, f"{first + 5}-{first + 7}")
    assert read_serials(standing(office, firm)["locked"]) == [SerialRange(first + 5, first + 7)]
    assert units_by_state(office, firm) == {"held": 7, "locked": 3}
    unchanged(Conflict, "transfer.broken", lambda: office.step(other_side, offer, "accept"))
    if end == "accept":
        for judge in judges:
            office.step(judge, recall, "release")
        unchanged(Conflict, "transfer.broken", lambda: office.step(other_side, offer, "accept"))
        office.step(other_side, offer, "decline")
        assert units_by_state(office, firm) == {"held": 10}
    else:
        office.step(owner_of(firm), offer, "withdraw")
        assert units_by_state(office, firm) == {"held": 7, "locked": 3}
    check_books()


def test_an_offer_that_a_freeze_did_not_reach_goes_on(judges: list[Caller]) -> None:
    office, firm, friend = an_office(), an_organisation(), an_organisation()
    first = units_for(office, firm, 10).first
    offer = offered(office, firm, friend, 4)
    frozen(office, judges, firm, f"{first}-{first + 5}")
    office.step(owner_of(friend), offer, "accept")
    assert units_by_state(office, friend) == {"held": 4}
    assert units_by_state(office, firm) == {"locked": 6}


def test_cancelled_units_are_replaced_by_who_is_responsible(judges: list[Caller]) -> None:
    office, firm, culprit = an_office(), an_organisation(), an_organisation()
    first = units_for(office, firm, 10)
    second = units_for(office, culprit, 3)
    recall = frozen(office, judges, firm, f"{first.first}-{first.first + 3}")
    asked = {"replaced_by": culprit.pk}
    office.step(judges[0], recall, "cancel", data=asked)
    unchanged(
        Conflict,
        "serials.too_few",
        lambda: office.step(judges[1], recall, "cancel", data=asked),
    )
    third = units_for(office, culprit, 1)
    assert third.first == second.last + 1
    office.step(judges[1], recall, "cancel", data=asked)
    assert units_by_state(office, firm) == {"cancelled": 4, "held": 10}
    assert units_by_state(office, culprit) == {}
    check_books()


def test_an_authority_reaches_its_own_region() -> None:
    office, firm = an_office(), an_organisation(region="440100")
    first = units_for(office, firm, 10, region="440100")
    authorities = [a_caller("authority"), a_caller("authority")]
    freeze = {
        "instrument_kind": "decision",
        "instrument_number": "决〔2025〕1号",
        "reason": "核查",
        "serials": str(first),
    }
    recall = office.open(authorities[0], "recall", organisation=firm.pk, data=freeze)
    office.paper(authorities[0], recall, *PAPERS)
    office.step(authorities[0], recall, "freeze")
    unchanged(
        Conflict, "recall.out_of_reach", lambda: office.step(authorities[1], recall, "freeze")
    )


# Transfers


def offered(office: Office, seller: Organisation, receiver: Organisation, units: int) -> Matter:
    return office.open(
        owner_of(seller),
        "transfer",
        organisation=seller.pk,
        data={
            "receiver": receiver.pk,
            "reason": "sale",
            "units": units,
            "price_yuan": "34.5",
        },
    )


def test_units_change_hands_when_the_other_side_accepts() -> None:
    office, seller, buyer = an_office(), an_organisation(), an_organisation()
    units_for(office, seller, 10)
    offer = offered(office, seller, buyer, 4)
    assert Matter.objects.get(pk=offer.pk).data["price_fen"] == 3450
    assert units_by_state(office, seller) == {"held": 6, "listed": 4}
    stranger, other_side = owner_of(an_organisation()), owner_of(buyer)
    for who in (owner_of(seller), stranger):
        code = "matter.step.not_yours" if who is stranger else "transfer.other_side"
        unchanged(Denied, code, lambda w=who: office.step(w, offer, "accept"))
    unchanged(Denied, "transfer.other_side", lambda: office.step(other_side, offer, "withdraw"))
    use = office.open(
        owner_of(seller),
        "use",
        organisation=seller.pk,
        data={"purpose": "voluntary", "beneficiary": "某公司"},
    )
    unchanged(
        Conflict,
        "serials.move.forbidden",
        lambda: office.step(
            owner_of(seller), use, "retire", data={"serials": standing(office, seller)["listed"]}
        ),
    )
    office.step(owner_of(buyer), offer, "accept")
    assert units_by_state(office, buyer) == {"held": 4}
    assert units_by_state(office, seller) == {"held": 6}
    check_books()


@pytest.mark.parametrize("verb", ["decline", "withdraw"])
def test_an_offer_that_ends_frees_its_units(verb: str) -> None:
    office, seller, buyer = an_office(), an_organisation(), an_organisation()
    units_for(office, seller, 10)
    offer = offered(office, seller, buyer, 4)
    office.step(owner_of(buyer if verb == "decline" else seller), offer, verb)
    assert units_by_state(office, seller) == {"held": 10}


def test_a_sale_has_a_price_and_another_side() -> None:
    office, seller = an_office(), an_organisation()
    units_for(office, seller, 10)
    other = an_organisation().pk
    for data, code in (
        ({"receiver": other, "reason": "sale"}, "transfer.price"),
        ({"receiver": other, "reason": "donation", "price_yuan": "1"}, "transfer.price"),
        ({"receiver": seller.pk, "reason": "donation"}, "transfer.to_oneself"),
        ({"receiver": other, "reason": "sale", "price_yuan": "1.234"}, "money.unreadable"),
    ):
        owner = owner_of(seller)
        unchanged(
            InputRefused,
            code,
            lambda d=data, o=owner: office.open(
                o, "transfer", organisation=seller.pk, data=d | {"units": 1}
            ),
        )


# Sharing


def test_proceeds_reach_every_village_to_the_fen() -> None:
    office, owner = an_office(), an_organisation()
    villages = [an_organisation("village") for _ in range(11)]
    rows = [
        {"party": one.name_zh, "kind": "village", "organisation": one.pk, "weight": "1"}
        for one in villages
    ]
    rows.append({"party": "农户", "kind": "household", "weight": "1", "members": 7})
    operators = [owner_of(owner), a_caller("operator")]
    matter = office.open(
        operators[0],
        "sharing",
        organisation=owner.pk,
        data={"proceeds_yuan": "1714500", "parties": rows},
    )
    office.paper(operators[0], matter, "sharing_agreement", "payment_receipt")
    office.step(operators[0], matter, "settle")
    step = office.step(operators[1], matter, "settle")
    statements = step.result["statements"]
    assert sum(one["fen"] for one in statements) == 171_450_000
    assert {one["fen"] for one in statements} == {14_287_500}
    last = statements[-1]
    assert last["each_fen"] * 7 + last["one_fen_more"] == last["fen"]
    assert owed_to(villages[0].pk) == 14_287_500
    paid = {"party_number": 1, "paid_yuan": "100000"}
    assert office.step(operators[0], matter, "pay", data=paid).result == {"left_fen": 4_287_500}
    unchanged(
        Conflict,
        "sharing.more_than_due",
        lambda: office.step(operators[0], matter, "pay", data=paid),
    )
    assert owed_to(villages[0].pk) == 4_287_500
    assert all(proof.ok for proof in prove())
    shares = shares_of(owner_of(villages[0]), villages[0].pk)
    assert (shares["owed_fen"], shares["statements"][0]["fen"]) == (4_287_500, 14_287_500)
    with pytest.raises(Denied):
        shares_of(owner_of(villages[1]), villages[0].pk)


def test_units_are_shared_whole() -> None:
    office, owner, village = an_office(), an_organisation(), an_organisation("village")
    units_for(office, owner, 10)
    rows = [
        {"party": "业主", "kind": "owner", "organisation": owner.pk, "weight": "2"},
        {"party": "村", "kind": "village", "organisation": village.pk, "weight": "1"},
    ]
    people = [owner_of(owner), a_caller("operator")]
    matter = office.open(
        people[0], "sharing", organisation=owner.pk, data={"units": 10, "parties": rows}
    )
    office.paper(people[0], matter, "sharing_agreement")
    stranger = a_caller("operator")
    office.step(people[1], matter, "settle")
    unchanged(Conflict, "sharing.owner_must_agree", lambda: office.step(stranger, matter, "settle"))
    office.step(people[0], matter, "settle")
    assert units_by_state(office, owner) == {"held": 7}
    assert units_by_state(office, village) == {"held": 3}
    check_books()


@given(
    st.integers(0, 10**15),
    st.lists(st.fractions(0, 10**6), min_size=1, max_size=30).filter(any),
)
def test_nothing_is_lost_to_rounding(whole: int, weights: list[Fraction]) -> None:
    parts = apportion(whole, weights)
    assert sum(parts) == whole
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - whole * weight / total) < 1
