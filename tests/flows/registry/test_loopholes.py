"""Ways around a rule: through another place, another hat, another name, a line below zero."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from tests.flows.registry.crediting import a_cast, registered
from tests.flows.registry.holders import an_office, owner_of, unchanged, units_by_state, units_for
from tests.flows.registry.offices import Office, a_caller, an_organisation
from tests.flows.registry.test_damages import BOUGHT, ordered
from tests.flows.registry.test_matters import refused
from tests.flows.registry.test_recalls import frozen
from tests.flows.registry.test_recognition import HOME, agreed, recognised
from tests.flows.registry.test_uses import EVENT, a_use, an_offset, applied, bought, calculated, row

from tanhui.core.errors import Conflict, Denied, InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations import queries, services
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry.callers import Caller

pytestmark = pytest.mark.django_db


# An inventory


def calculating(office: Office, firm: Organisation, **data: Any) -> Callable[[], Any]:
    owner = owner_of(firm)
    use = a_use(office, firm, **(EVENT | {"purpose": "organisation"}))
    office.paper(owner, use, "emissions_report")
    return lambda: office.step(owner, use, "calculate", data=data)


@pytest.mark.parametrize(
    "line",
    [
        row("绿电", "-2"),
        row("绿电", "1") | {"unit": "kWh", "factor": "-2", "factor_unit": "tCO2e/kWh"},
        row("绿电", "1") | {"claimed_t": "-2"},
    ],
)
def test_no_line_of_an_inventory_takes_anything_off(line: dict[str, Any]) -> None:
    office, firm = an_office(), an_organisation()
    act = calculating(office, firm, inventory=[row("支行", "2.62"), line])
    error = unchanged(InputRefused, "inventory.line_refused", act)
    assert error.values == {"line": 2}


def test_a_claim_about_no_activity_is_shown_as_not_agreeing() -> None:
    office, firm = an_office(), an_organisation()
    claim = {
        "what": "节电量",
        "activity": "0",
        "unit": "kWh",
        "table": "cn-grid-average",
        "year": 2022,
        "claimed_t": "5",
        "source": "白皮书",
    }
    step = calculating(office, firm, inventory=[row("支行", "1")], claims=[claim])()
    (shown,) = step.result["claims"]
    assert (shown["t"], shown["agrees"], shown["implied_kg_per_unit"]) == ("0", False, "")


# Places


def test_what_belongs_to_a_project_is_opened_where_the_project_is() -> None:
    cast = a_cast()
    project = registered(cast)
    cast.office.wait(260)
    refused(
        Conflict,
        "matter.other_region",
        lambda: cast.office.open(
            cast.owner,
            "monitoring",
            organisation=cast.body.pk,
            parent=project.number,
            region="440100",
            data={"first_year": 2024, "last_year": 2024},
        ),
    )


def offset_in(office: Office, firm: Organisation, region: str) -> Matter:
    """An offset in a part of the region whose rules bind it."""
    data = {"purpose": "offset", "beneficiary": "某公司"}
    use = office.open(owner_of(firm), "use", organisation=firm.pk, region=region, data=data)
    office.paper(owner_of(firm), use, "verified_emissions")
    return use


@pytest.mark.parametrize(
    ("first", "second"), [("420100", "420106"), ("420106", "420100"), ("420106", "420102")]
)
def test_a_cap_is_one_in_all_parts_of_its_region(first: str, second: str) -> None:
    office, firm, seller = an_office(), an_organisation(), an_organisation()
    bought(office, seller, firm, 200)
    applied(office, firm, offset_in(office, firm, first), units=60)
    use = offset_in(office, firm, second)
    unchanged(Conflict, "offset.cap_exceeded", lambda: applied(office, firm, use, units=41))
    applied(office, firm, use, units=40)


def test_a_regions_total_is_one_in_all_its_parts() -> None:
    office, seller = an_office(offset__total_t=99), an_organisation()
    firms = [an_organisation(), an_organisation()]
    for firm in firms:
        bought(office, seller, firm, 60)
    applied(office, firms[0], offset_in(office, firms[0], "420106"), units=50)
    use = offset_in(office, firms[1], "420102")
    unchanged(
        Conflict,
        "offset.region_total_exceeded",
        lambda: applied(office, firms[1], use, units=50),
    )


def test_a_limit_is_rounded_once() -> None:
    eight = {"ratio": Fraction(8, 100), "base": "emissions"}
    office, firm, seller = an_office(offset__cap=eight), an_organisation(), an_organisation()
    bought(office, seller, firm, 10)
    applied(office, firm, an_offset(office, firm), emissions="12.5", units=1)


# Other names of the same units


def here_and_there() -> tuple[list[Caller], Caller]:
    return [a_caller("authority") for _ in range(2)], a_caller("authority", region="230000")


def test_recognised_units_of_others_are_not_the_firms_own() -> None:
    office, firm, seller = an_office(), an_organisation(), an_organisation(region="230100")
    units_for(office, seller, 50, **HOME)
    sale = {"receiver": firm.pk, "reason": "sale", "units": 50, "price_yuan": "1"}
    offer = office.open(owner_of(seller), "transfer", organisation=seller.pk, data=sale)
    office.step(owner_of(firm), offer, "accept")
    here, there = here_and_there()
    recognised(office, agreed(office, here, there), firm, here, 50)
    applied(office, firm, an_offset(office, firm), units=40)


def test_a_firms_own_units_stay_its_own_when_another_has_them_recognised() -> None:
    office, firm, friend = an_office(), an_organisation(), an_organisation()
    units_for(office, firm, 50, **HOME)
    gift = {"receiver": friend.pk, "reason": "donation", "units": 50}
    offer = office.open(owner_of(firm), "transfer", organisation=firm.pk, data=gift)
    office.step(owner_of(friend), offer, "accept")
    here, there = here_and_there()
    recognised(office, agreed(office, here, there), friend, here, 50)
    back = {"receiver": firm.pk, "reason": "donation", "units": 40}
    offer = office.open(owner_of(friend), "transfer", organisation=friend.pk, data=back)
    office.step(owner_of(firm), offer, "accept")
    use = an_offset(office, firm)
    unchanged(Conflict, "offset.own_boundary", lambda: applied(office, firm, use, units=40))


def test_recognised_units_are_not_local() -> None:
    share = {"ratio": Fraction(7, 10)}
    office, firm = an_office(offset__local_share=share), an_organisation()
    seller = an_organisation(region="230100")
    units_for(office, seller, 50, **HOME)
    here, there = here_and_there()
    recognised(office, agreed(office, here, there), seller, here, 50)
    sale = {"receiver": firm.pk, "reason": "sale", "units": 40, "price_yuan": "1"}
    offer = office.open(owner_of(seller), "transfer", organisation=seller.pk, data=sale)
    office.step(owner_of(firm), offer, "accept")
    use = an_offset(office, firm)
    unchanged(Conflict, "offset.local_share", lambda: applied(office, firm, use, units=40))


# Hats


def test_nobody_accepts_as_authority_what_they_own() -> None:
    office, firm, seller = an_office(), an_organisation(), an_organisation()
    bought(office, seller, firm, 200)
    use = an_offset(office, firm)
    applied(office, firm, use)
    user = a_caller("owner", organisation=firm).user
    services.appoint(user, "authority", region="420100", at=office.now)
    both = Caller(user, tuple(queries.appointments(user, at=office.now)))
    unchanged(Denied, "matter.step.own_matter", lambda: office.step(both, use, "accept"))
    office.step(both, use, "withdraw")


def test_a_proposal_ends_with_the_appointment_of_its_author() -> None:
    office, firm = an_office(), an_organisation()
    units = units_for(office, firm, 10)
    people = [a_caller("authority") for _ in range(3)]
    freeze = {
        "instrument_kind": "ruling",
        "instrument_number": "裁〔2025〕1号",
        "reason": "保全",
        "serials": str(units.first),
    }
    recall = office.open(people[0], "recall", organisation=firm.pk, data=freeze)
    office.paper(people[0], recall, "instrument")
    office.step(people[0], recall, "freeze")
    services.end(people[0].appointments[0], at=office.now)
    office.wait(1)
    assert office.step(people[1], recall, "freeze").is_proposal
    assert units_by_state(office, firm) == {"held": 10}
    assert not office.step(people[2], recall, "freeze").is_proposal


def test_an_authority_takes_no_units_from_another_region() -> None:
    office, firm, far = an_office(), an_organisation(), an_organisation(region="440100")
    units_for(office, far, 10, region="440100")
    first = units_for(office, firm, 10).first
    people = [a_caller("authority"), a_caller("authority")]
    recall = frozen(office, people, firm, f"{first}-{first + 3}")
    asked = {"replaced_by": far.pk}
    office.step(people[0], recall, "cancel", data=asked)
    unchanged(
        Conflict,
        "recall.out_of_reach",
        lambda: office.step(people[1], recall, "cancel", data=asked),
    )


def test_a_negative_quota_makes_no_shortfall() -> None:
    cap = {"ratio": Fraction(1, 10), "base": "shortfall"}
    office, firm, seller = an_office(offset__cap=cap), an_organisation(), an_organisation()
    bought(office, seller, firm, 100)
    use = an_offset(office, firm)
    unchanged(
        InputRefused,
        "offset.base_missing",
        lambda: applied(office, firm, use, emissions="100", quota="-900"),
    )


@pytest.mark.parametrize("year", [0, 2012, 2026, 10**6])
def test_an_offset_is_of_a_year_of_the_market(year: int) -> None:
    office, firm, seller = an_office(), an_organisation(), an_organisation()
    bought(office, seller, firm, 100)
    use = an_offset(office, firm)
    act = partial(applied, office, firm, use, compliance_year=year)
    unchanged(InputRefused, "offset.year", act)


def test_an_offset_is_no_second_purpose() -> None:
    office, firm = an_office(use__second_purposes=("voluntary+offset",)), an_organisation()
    units_for(office, firm, 5)
    use = a_use(office, firm)
    unchanged(
        Conflict,
        "use.offset_needs_acceptance",
        lambda: office.step(
            owner_of(firm), use, "retire", data={"units": 1, "second_purpose": "offset"}
        ),
    )


def test_made_up_units_fulfil_no_real_duty() -> None:
    office, firm, seller = an_office(), an_organisation(), an_organisation(is_demo=True)
    units_for(office, seller, 100, is_demo=True)
    gift = {"receiver": firm.pk, "reason": "donation", "units": 100}
    offer = office.open(owner_of(seller), "transfer", organisation=seller.pk, data=gift)
    office.step(owner_of(firm), offer, "accept")
    use = an_offset(office, firm)
    unchanged(Conflict, "use.demo_units", lambda: applied(office, firm, use))
    case = ordered(office, a_caller("case_authority"), firm)
    act = partial(office.step, owner_of(firm), case, "purchase", data=BOUGHT)
    unchanged(Conflict, "use.demo_units", act)
    plain = a_use(office, firm)
    office.step(owner_of(firm), plain, "retire", data={"units": 1})


def test_a_later_end_does_not_move_the_term_of_an_event() -> None:
    forest = {"within_years": 1, "planted_before_years": 3}
    office, firm = an_office(event__forest=forest), an_organisation()
    units_for(office, firm, 10)
    use, owner = calculated(office, firm, [row("全部", "2.5")]), owner_of(firm)
    office.wait(400)
    again = {"ended_on": "2025-12-31", "inventory": [row("全部", "2.5")]}
    office.step(owner, use, "calculate", data=again)
    unchanged(Conflict, "use.event_too_late", lambda: office.step(owner, use, "retire"))
