"""Uses: neutrality from an inventory, offsets by the rules, and claims beside what factors give."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
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

from tanhui.books.models import Certificate, LogEntry
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.engine.rule_forms import MonthDay
from tanhui.flows.registry import reading

pytestmark = pytest.mark.django_db

EVENT = {
    "purpose": "event",
    "beneficiary": "首都会展（集团）有限公司",
    "object": "第29届世界燃气大会",
    "period_from": "2025-02-19",
    "period_to": "2025-02-23",
}
PLAN = {"event_kind": "meeting", "attendance": 30000, "measures": "会前减排，会中管控"}


def row(what: str, t: str, category: str = "reported") -> dict[str, Any]:
    return {
        "category": category,
        "what": what,
        "activity": t,
        "unit": "tCO2e",
        "source": "核算报告",
    }


def a_use(office: Office, organisation: Organisation, **data: Any) -> Matter:
    given = {"purpose": "voluntary", "beneficiary": "某公司"} | data
    return office.open(owner_of(organisation), "use", organisation=organisation.pk, data=given)


def calculated(office: Office, organisation: Organisation, rows: list[dict[str, Any]]) -> Matter:
    owner = owner_of(organisation)
    use = office.open(owner, "use", organisation=organisation.pk, data=EVENT)
    office.paper(owner, use, "neutrality_plan", "emissions_report")
    office.step(owner, use, "plan", data=PLAN)
    office.step(owner, use, "measure", data={"measures_taken": "绿电"})
    office.step(owner, use, "calculate", data={"ended_on": "2025-02-23", "inventory": rows})
    return Matter.objects.get(pk=use.pk)


def test_an_event_retires_its_inventory_rounded_up() -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 5_000)
    rows = [row("场馆", "1000.5", "venue_energy"), row("其余各类", "3544.26")]
    use = calculated(office, firm, rows)
    assert use.data["calculated"]["total_t"] == "4544.76"
    owner = owner_of(firm)
    unchanged(
        Conflict,
        "use.too_few_units",
        lambda: office.step(owner, use, "retire", data={"units": 4544}),
    )
    office.step(owner, use, "retire")
    assert units_by_state(office, firm) == {"held": 455, "retired": 4545}
    entry = read_json(bytes(LogEntry.objects.latest("pk").body))
    assert (entry["units"], entry["purposes"]) == (4545, ["event"])
    assert (entry["object"], entry["period"]) == (EVENT["object"], "2025-02-19/2025-02-23")
    assert entry["report"].startswith("sha256:")
    certificate = Certificate.objects.get()
    narrative = certificate.credential["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert "units=4545" in narrative
    assert f"object={EVENT['object']}" in narrative
    assert f"case={use.number}" in narrative
    check_books()


def test_an_event_is_retired_for_in_time() -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 10)
    use = calculated(office, firm, [row("全部", "2.5")])
    office.wait(400)
    unchanged(Conflict, "use.event_forest_only", lambda: office.step(owner_of(firm), use, "retire"))


def test_an_event_has_its_plan_first() -> None:
    office, firm = an_office(), an_organisation()
    owner = owner_of(firm)
    use = a_use(office, firm, **EVENT)
    office.paper(owner, use, "emissions_report")
    data = {"ended_on": "2025-02-23", "inventory": [row("全部", "1")]}
    unchanged(Conflict, "use.no_plan", lambda: office.step(owner, use, "calculate", data=data))


def test_thresholds_tell_large_events() -> None:
    limits = {
        "show_people": 5000,
        "sport_people": 5000,
        "meeting_people": 400,
        "expo_visits": 10000,
        "expo_m2": 5000,
    }
    office, firm = an_office(event__thresholds=limits), an_organisation()
    owner = owner_of(firm)
    for changes, is_large in (
        ({}, True),
        ({"attendance": 399}, False),
        ({"event_kind": "expo", "attendance": 1, "area_m2": "5000.5"}, True),
        ({"event_kind": "expo", "attendance": 9999}, False),
    ):
        use = office.open(owner, "use", organisation=firm.pk, data=EVENT)
        office.paper(owner, use, "neutrality_plan")
        assert office.step(owner, use, "plan", data=PLAN | changes).result == {"is_large": is_large}


def test_a_branch_rounds_up_and_chooses_serials() -> None:
    office, firm = an_office(), an_organisation()
    first = units_for(office, firm, 10)
    owner = owner_of(firm)
    use = a_use(office, firm, **(EVENT | {"purpose": "organisation", "object": "昆明某支行"}))
    office.paper(owner, use, "emissions_report")
    office.step(owner, use, "calculate", data={"inventory": [row("支行", "2.62")]})
    asked = {"serials": f"{first.first + 4}-{first.first + 6}"}
    step = office.step(owner, use, "retire", data=asked)
    assert step.result["units"] == 3
    assert standing(office, firm)["retired"] == asked["serials"]


def test_a_factor_of_the_library_is_used_and_shown() -> None:
    office, firm = an_office(), an_organisation()
    owner = owner_of(firm)
    use = a_use(office, firm, **(EVENT | {"purpose": "organisation"}))
    office.paper(owner, use, "emissions_report")
    electricity = {
        "category": "venue_energy",
        "what": "用电",
        "activity": "16000",
        "unit": "kWh",
        "table": "cn-grid-average",
        "year": 2022,
        "source": "电费单",
        "claimed_t": "12.5",
    }
    claim = {
        "what": "节电量",
        "activity": "180000000",
        "unit": "kWh",
        "table": "cn-grid-average",
        "year": 2022,
        "region": "320500",
        "claimed_t": "179000",
        "source": "白皮书",
    }
    step = office.step(
        owner, use, "calculate", data={"inventory": [electricity], "claims": [claim]}
    )
    (line,) = step.result["lines"]
    assert (line["t"], line["claimed_t"], line["agrees"]) == ("6.9824", "12.5", False)
    assert line["factor"] == "0.4364 kgCO2e/kWh"
    assert line["status"] == "published"
    (held,) = step.result["claims"]
    assert (held["t"], held["agrees"], held["implied_kg_per_unit"]) == ("107604", False, "0.9944")


def test_an_unusable_factor_names_what_to_do() -> None:
    office, firm = an_office(), an_organisation()
    owner = owner_of(firm)
    use = a_use(office, firm, **(EVENT | {"purpose": "organisation"}))
    office.paper(owner, use, "emissions_report")
    electricity = {
        "category": "venue_energy",
        "what": "用电",
        "activity": "1",
        "unit": "kWh",
        "table": "cn-grid-average",
        "year": 2021,
        "source": "电费单",
    }
    for change, text in (
        ({}, "unconfirmed"),
        ({"year": 1999}, "no value"),
        ({"unit": "km", "year": 2022}, "no mass of CO2e"),
        ({"table": "nowhere"}, "no factor table"),
        ({"unit": "kwh"}, "did you mean"),
    ):
        error = unchanged(
            InputRefused,
            "inventory.line_refused",
            lambda c=change: office.step(
                owner, use, "calculate", data={"inventory": [electricity | c]}
            ),
        )
        assert text in error.en


def test_two_purposes_only_where_the_rule_allows() -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 5)
    use = a_use(office, firm)
    owner = owner_of(firm)
    for second in ("donation", "voluntary"):
        unchanged(
            Conflict,
            "use.two_purposes_not_allowed",
            lambda s=second: office.step(
                owner, use, "retire", data={"units": 1, "second_purpose": s}
            ),
        )


# Offsets


def applied(office: Office, firm: Organisation, use: Matter, **data: Any) -> Any:
    given = {"compliance_year": 2023, "emissions": "1000", "units": 100} | data
    return office.step(owner_of(firm), use, "apply", data=given)


def an_offset(office: Office, firm: Organisation) -> Matter:
    """An offset with its papers in."""
    use = a_use(office, firm, purpose="offset")
    office.paper(owner_of(firm), use, "verified_emissions")
    return use


@pytest.fixture
def seller() -> Organisation:
    return an_organisation()


def bought(office: Office, seller: Organisation, firm: Organisation, units: int) -> None:
    """Units issued to another and sold to the firm."""
    units_for(office, seller, units)
    offer = office.open(
        owner_of(seller),
        "transfer",
        organisation=seller.pk,
        data={"receiver": firm.pk, "reason": "sale", "units": units, "price_yuan": "1"},
    )
    office.step(owner_of(firm), offer, "accept")


def test_an_offset_is_locked_then_retired_once(seller: Organisation) -> None:
    office, firm = an_office(), an_organisation()
    bought(office, seller, firm, 150)
    use = an_offset(office, firm)
    applied(office, firm, use)
    assert units_by_state(office, firm) == {"held": 50, "locked": 100}
    locked = standing(office, firm)["locked"]
    other = a_use(office, firm)
    unchanged(
        Conflict,
        "serials.move.forbidden",
        lambda: office.step(owner_of(firm), other, "retire", data={"serials": locked}),
    )
    authority = a_caller("authority")
    office.step(authority, use, "accept")
    assert units_by_state(office, firm) == {"held": 50, "retired": 100}
    again = an_offset(office, firm)
    unchanged(
        Conflict,
        "serials.move.forbidden",
        lambda: office.step(
            owner_of(firm),
            again,
            "apply",
            data={"compliance_year": 2023, "emissions": "10000", "serials": locked},
        ),
    )
    unchanged(Conflict, "matter.step.forbidden", lambda: office.step(authority, use, "accept"))
    check_books()


def test_what_is_rejected_is_free_again(seller: Organisation) -> None:
    office, firm = an_office(), an_organisation()
    bought(office, seller, firm, 100)
    for verb, caller in (("reject", a_caller("authority")), ("withdraw", owner_of(firm))):
        use = an_offset(office, firm)
        applied(office, firm, use)
        office.step(caller, use, verb)
        assert units_by_state(office, firm) == {"held": 100}


def refusals() -> list[tuple[dict[str, Any], dict[str, Any], str]]:
    ratio = Fraction(1, 10)
    return [
        ({}, {"units": 101}, "offset.cap_exceeded"),
        ({"offset__cap": {"ratio": ratio, "base": "quota"}}, {}, "offset.base_missing"),
        (
            {"offset__cap": {"ratio": ratio, "base": "shortfall"}},
            {"quota": "900"},
            "offset.cap_exceeded",
        ),
        ({"offset__total_t": 99}, {}, "offset.region_total_exceeded"),
        ({"offset__products": ("CCER",)}, {}, "offset.product_not_accepted"),
        (
            {"offset__vintage": {"rule": "not_after_compliance_year"}},
            {"compliance_year": 2022},
            "offset.vintage_refused",
        ),
        (
            {"offset__vintage": {"rule": "not_before", "day": date(2023, 1, 2)}},
            {},
            "offset.vintage_refused",
        ),
        ({"use__purposes": ("event",)}, {}, "use.purpose_not_allowed"),
        ({"offset__cap": None}, {}, "ruleset.value_unknown"),
    ]


@pytest.mark.parametrize(("rules", "data", "code"), refusals())
def test_every_rule_of_offsets_binds(
    seller: Organisation, rules: dict[str, Any], data: dict[str, Any], code: str
) -> None:
    office, firm = an_office(**rules), an_organisation()
    bought(office, seller, firm, 200)
    use = an_offset(office, firm)
    kind = InputRefused if code == "offset.base_missing" else Conflict
    unchanged(kind, code, lambda: applied(office, firm, use, **data))


def test_a_firms_own_units_do_not_offset(seller: Organisation) -> None:
    office, group = an_office(), an_organisation()
    firm, sister = an_organisation(parent=group.pk), an_organisation(parent=group.pk)
    for source in (firm, sister):
        if source is firm:
            units_for(office, firm, 100)
        else:
            bought(office, sister, firm, 100)
        use = an_offset(office, firm)
        unchanged(Conflict, "offset.own_boundary", lambda u=use: applied(office, firm, u))


def test_the_cap_counts_what_was_applied_for_before(seller: Organisation) -> None:
    office, firm = an_office(), an_organisation()
    bought(office, seller, firm, 200)
    applied(office, firm, an_offset(office, firm), units=60)
    use = an_offset(office, firm)
    unchanged(Conflict, "offset.cap_exceeded", lambda: applied(office, firm, use, units=41))
    applied(office, firm, use, units=40)


def test_a_deadline_ends_applications(seller: Organisation) -> None:
    office, firm = an_office(offset__apply_by=MonthDay(6, 10)), an_organisation()
    bought(office, seller, firm, 200)
    use = an_offset(office, firm)
    unchanged(Conflict, "offset.too_late", lambda: applied(office, firm, use))
    applied(office, firm, use, compliance_year=2024)


def test_a_step_of_another_purpose_is_not_offered_and_refused() -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 10)
    owner = owner_of(firm)
    for purpose, steps in (
        ("voluntary", {"retire", "withdraw"}),
        ("offset", {"apply", "withdraw"}),
        ("event", {"plan", "calculate", "retire", "withdraw"}),
        ("organisation", {"calculate", "retire", "withdraw"}),
    ):
        use = office.open(owner, "use", organisation=firm.pk, data=EVENT | {"purpose": purpose})
        offered = reading.whole(office.platform, owner, use.number)["possible"]
        assert {one["verb"] for one in offered} == steps
        for verb, data in (("plan", PLAN), ("apply", {"compliance_year": 2024, "units": 1})):
            if verb not in steps:
                unchanged(
                    Conflict,
                    "matter.step.forbidden",
                    lambda use=use, verb=verb, data=data: office.step(owner, use, verb, data=data),  # type: ignore[misc]
                )
