"""Rules that a step reads: at the last day and the exact value it goes on, behind it not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.flows.registry.crediting import PLACE, a_cast
from tests.flows.registry.crediting import applied as applied_for
from tests.flows.registry.holders import (
    ORIGIN,
    an_office,
    owner_of,
    ruled,
    unchanged,
    units_by_state,
    units_for,
)
from tests.flows.registry.offices import MOMENT, Office, a_caller, a_key, an_organisation
from tests.flows.registry.pooling import PoolOffice, rides
from tests.flows.registry.test_uses import an_offset, applied, calculated, row

from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.domain.partners import services as partners
from tanhui.engine.rule_forms import MonthDay

pytestmark = pytest.mark.django_db

SURRENDER = date(2025, 6, 20)
SHARE = {
    "ratio": Fraction(7, 10),
    "exception_ratio": Fraction(6, 10),
    "exception_for": ("poor_village", "old_base_area"),
}


def at(office: Office, day: date) -> None:
    """The office's clock at that morning in China."""
    office.now = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def a_source(region: str = "420100", **data: Any) -> str:
    """A project that units may come from, as a rule looks at it; its number."""
    number = f"P-{a_key()}"
    Matter.objects.create(
        number=number,
        kind="project",
        region=region,
        title="测试项目",
        state="registered",
        data=data,
        opened_at=MOMENT,
        changed_at=MOMENT,
    )
    return number


def bought(office: Office, firm: Organisation, units: int, **changes: Any) -> None:
    """Units issued to another and sold to the firm."""
    seller = an_organisation()
    units_for(office, seller, units, **changes)
    data = {"receiver": firm.pk, "reason": "sale", "units": units, "price_yuan": "1"}
    offer = office.open(owner_of(seller), "transfer", organisation=seller.pk, data=data)
    office.step(owner_of(firm), offer, "accept")


def test_an_offset_is_accepted_until_the_surrender_ends() -> None:
    office, firm = an_office(offset__surrender_by=MonthDay(6, 20)), an_organisation()
    bought(office, firm, 200)
    at(office, SURRENDER)
    use, other = an_offset(office, firm), an_offset(office, firm)
    found = applied(office, firm, use, compliance_year=2024, units=50).result["offset"]
    assert (found["surrender_by"], found["days_left"]) == ("2025-06-20", "0")
    at(office, SURRENDER - timedelta(days=10))
    found = applied(office, firm, other, compliance_year=2024, units=50).result["offset"]
    assert found["days_left"] == "10", "who applies is told how long it has"
    authority = a_caller("authority")
    at(office, SURRENDER)
    office.step(authority, use, "accept")
    at(office, SURRENDER + timedelta(days=1))
    unchanged(Conflict, "offset.surrender_over", lambda: office.step(authority, other, "accept"))
    late = an_offset(office, firm)
    unchanged(
        Conflict,
        "offset.surrender_over",
        lambda: applied(office, firm, late, compliance_year=2024, units=10),
    )
    office.step(authority, other, "reject")
    assert units_by_state(office, firm) == {"held": 150, "retired": 50}


def test_an_unknown_surrender_day_stops_the_application() -> None:
    office, firm = an_office(offset__surrender_by=None), an_organisation()
    bought(office, firm, 200)
    use = an_offset(office, firm)
    unchanged(Conflict, "ruleset.value_unknown", lambda: applied(office, firm, use))


@pytest.mark.parametrize(
    ("places", "local", "refused"),
    [
        (["poor_village"], 60, False),
        (["poor_village", "old_base_area"], 60, False),
        (["poor_village"], 59, True),
        (["poor_village", ""], 60, True),
        (["minority_area"], 69, True),
        ([""], 69, True),
        ([""], 70, False),
    ],
)
def test_the_local_share_is_lower_for_units_of_the_places_named(
    places: list[str], local: int, refused: bool
) -> None:
    office = an_office(offset__local_share=SHARE, offset__products=(ORIGIN.product,))
    firm = an_organisation()
    each = local // len(places)
    for number, place in enumerate(places):
        units = each if number else local - each * (len(places) - 1)
        bought(office, firm, units, source=a_source(place_kind=place) if place else "")
    bought(office, firm, 100 - local, region="310000")
    use = an_offset(office, firm)
    if refused:
        unchanged(Conflict, "offset.local_share", lambda: applied(office, firm, use))
    else:
        assert applied(office, firm, use).result["offset"]["local_units"] == str(local)


FOREST = {"event__forest": {"within_years": 6, "planted_before_years": 3}}


def an_ended_event(office: Office, **origin: Any) -> tuple[Organisation, Matter]:
    """An event that ended on 23 February 2025, and ten units of one origin."""
    firm = an_organisation()
    units_for(office, firm, 10, **origin)
    return firm, calculated(office, firm, [row("全部", "2.5")])


def retired(office: Office, firm: Organisation, use: Matter, day: date) -> Any:
    at(office, day)
    return office.step(owner_of(firm), use, "retire")


LAST, FOREST_LAST = date(2026, 2, 23), date(2031, 2, 23)
A_DAY = timedelta(days=1)


def test_new_forest_has_its_own_term() -> None:
    office = an_office(**FOREST)
    source = a_source(shape="S4", started_on="2022-02-23")
    firm, use = an_ended_event(office, source=source)
    unchanged(
        Conflict, "use.event_too_late", lambda: retired(office, firm, use, FOREST_LAST + A_DAY)
    )
    assert retired(office, firm, use, FOREST_LAST).state_after == "retired"


@pytest.mark.parametrize(
    "origin", [{"shape": "S4", "started_on": "2022-02-22"}, {"shape": "S1"}, None]
)
def test_behind_the_term_only_forest_planted_in_time_counts(origin: dict[str, str] | None) -> None:
    office = an_office(**FOREST)
    source = a_source(**({"started_on": "2024-01-01"} | origin)) if origin is not None else ""
    firm, use = an_ended_event(office, source=source)
    unchanged(Conflict, "use.event_forest_only", lambda: retired(office, firm, use, LAST + A_DAY))
    assert retired(office, firm, use, LAST).state_after == "retired"


def test_an_unknown_term_of_forest_stops_what_would_need_it() -> None:
    office = an_office(event__forest=None)
    firm, use = an_ended_event(office)
    unchanged(Conflict, "ruleset.value_unknown", lambda: retired(office, firm, use, LAST + A_DAY))


def test_an_unknown_rounding_stops_the_calculation() -> None:
    office, firm = an_office(use__round=None), an_organisation()
    with pytest.raises(Conflict) as error:
        calculated(office, firm, [row("全部", "2.5")])
    assert (error.value.code, error.value.values["key"]) == ("ruleset.value_unknown", "use.round")


@pytest.mark.parametrize(("reporting", "refused"), [("day", True), ("month", False)])
def test_a_scene_reports_as_often_as_the_rule_allows(reporting: str, refused: bool) -> None:
    office = Office()
    ruled(office, "420100", scene__report_periods=("month", "year"))
    partners.register("metro-co", name_zh="metro-co（测试）", name_en="metro-co (test)")
    body = an_organisation("platform")
    caller = a_caller("owner", organisation=body)
    data = {"scene": "metro", "partner": "metro-co", "methodology": "wuhan-metro"}

    def opened() -> Matter:
        said = data | {"reporting": reporting}
        return office.open(caller, "scene", organisation=body.pk, data=said)

    if refused:
        unchanged(Conflict, "scene.reporting_not_allowed", opened)
    else:
        assert opened().state == "applied"


# Pools, projects, damages, sharings


SCORES = (
    {"score_from": 0, "deduct": Fraction(1, 5)},
    {"score_from": 60, "deduct": Fraction(1, 40)},
    {"score_from": 90, "deduct": Fraction(0)},
)


@pytest.mark.parametrize(
    ("score", "percent", "refusal"),
    [
        (60, "2.5", ""),
        (60, "2.49", "pool.discount_too_small"),
        (59, "2.5", "pool.discount_too_small"),
        (90, "0", ""),
        (None, "50", "pool.malformed"),
        (101, "50", "pool.malformed"),
    ],
)
def test_a_pool_is_discounted_at_least_by_its_score(
    tmp_path: Path, score: int | None, percent: str, refusal: str
) -> None:
    pools = PoolOffice(tmp_path)
    ruled(pools.office, "420100", quality__discount=SCORES)
    pools.deliver(rides(1, 2))
    pool, authority = pools.gather(), pools.authorities[0]
    pools.office.paper(authority, pool, "assessment_opinion")
    data = {"discount_percent": percent, "grounds": "抽样比对"}
    data |= {} if score is None else {"score": score}

    def assess() -> Any:
        return pools.office.step(authority, pool, "assess", data=data)

    if refusal:
        kind = InputRefused if refusal == "pool.malformed" else Conflict
        unchanged(kind, refusal, assess)
    else:
        assert assess().state_after == "assessed"


def test_an_application_promises_the_schemes_that_the_rule_names() -> None:
    cast = a_cast()
    ruled(cast.office, PLACE, issue__exclusive_with=None)
    with pytest.raises(Conflict) as error:
        applied_for(cast)
    assert error.value.values["key"] == "issue.exclusive_with"
    ruled(cast.office, PLACE, issue__exclusive_with=("ets", "ccer"))
    project = applied_for(cast)
    project.refresh_from_db()
    assert project.data["promised_schemes"] == ["ets", "ccer"]


def test_a_mediated_agreement_is_public_for_its_days_first() -> None:
    office = an_office(notice__mediation_days=30)
    party, case = an_organisation(), a_caller("case_authority")
    data = {"case_number": "（测试）1 号", "party_kind": "person", "party": "张三丰", "facts": "x"}
    matter = office.open(case, "damage", organisation=party.pk, data=data)
    office.paper(case, matter, "appraisal", "instrument")
    office.step(case, matter, "appraise", data={"appraiser": "专家", "appraised_t": "1"})
    order = {
        "basis": "mediation",
        "instrument_number": "1",
        "ordered_units": 1,
        "deadline": "2025-12-31",
        "price_basis": "day",
    }

    def ordered(**more: str) -> Any:
        return office.step(case, matter, "order", data=order | more)

    unchanged(InputRefused, "damage.mediation_unpublished", ordered)
    published = MOMENT.date() - timedelta(days=30)
    unchanged(
        Conflict,
        "damage.mediation_notice_open",
        lambda: ordered(published_on=(published + A_DAY).isoformat()),
    )
    assert ordered(published_on=published.isoformat()).state_after == "ordered"


def test_without_weights_the_default_shares_count() -> None:
    shares = (
        {"party": "owner", "ratio": Fraction(3, 5)},
        {"party": "household", "ratio": Fraction(2, 5)},
    )
    office, owner = an_office(sharing__default=shares), an_organisation()
    caller = owner_of(owner)
    rows = [
        {"party": "业主", "kind": "owner", "organisation": owner.pk},
        {"party": "甲户", "kind": "household"},
        {"party": "乙户", "kind": "household"},
    ]

    def opened(parties: list[dict[str, Any]]) -> Matter:
        data = {"proceeds_yuan": "10", "parties": parties}
        return office.open(caller, "sharing", organisation=owner.pk, data=data)

    for wrong in (rows[:1], [rows[0] | {"weight": "1"}, rows[1]]):
        unchanged(InputRefused, "sharing.weights_missing", lambda said=wrong: opened(said))
    kept = opened(rows).data["parties"]
    assert [row["weight"] for row in kept] == ["3/5", "1/5", "1/5"]


def test_no_rule_skips_a_step_that_may_not_be_skipped() -> None:
    lifecycle = Office().platform.lifecycles["pool"]
    assert [step.verb for step in lifecycle.steps_in("noticed", data={})] == ["issue", "cancel"]
    skipped = ("issue", "give_notice")
    after = lifecycle.steps_in("assessed", data={}, skipped=skipped)
    assert [step.verb for step in after] == ["issue", "cancel"]
