"""Scenes: publication, reports and who is late, data compared, and what a suspension means."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flows.deliveries import a_metro_ride, deliver
from tests.flows.registry.offices import Office, a_caller, an_organisation
from tests.flows.registry.test_matters import refused

from tanhui.core.errors import Conflict, InputRefused, NotFound
from tanhui.domain.matters.models import Matter
from tanhui.domain.partners import services as partners
from tanhui.flows.registry.callers import Caller
from tanhui.flows.registry.scenes import (
    Days,
    deviation,
    in_doubt,
    percent_up,
    refuse_in_doubt,
    reporting,
)

pytestmark = pytest.mark.django_db

METRO = {
    "scene": "metro",
    "partner": "metro-co",
    "methodology": "wuhan-metro",
    "reporting": "month",
}
PAPERS = ("business_licence", "qualification", "data_rules", "assessment_opinion", "visit_report")


class Town:
    """A platform's operator and two officials of Wuhan, in summer 2024."""

    def __init__(self) -> None:
        partners.register("metro-co", name_zh="metro-co（测试）", name_en="metro-co (test)")
        self.office = Office(now=datetime(2024, 7, 1, 2, 0, tzinfo=UTC))
        self.body = an_organisation("platform")
        self.owner = a_caller("owner", organisation=self.body)
        self.first, self.second = (a_caller("authority") for _ in range(2))
        for caller in (self.owner, self.first, self.second):
            _since_long(caller)

    def applied(self, **changes: str) -> Matter:
        data = METRO | changes
        return self.office.open(self.owner, "scene", organisation=self.body.pk, data=data)

    def published(self, **changes: str) -> Matter:
        office, matter = self.office, self.applied(**changes)
        office.paper(self.owner, matter, *PAPERS)
        for verb in ("assess", "visit", "give_notice"):
            office.step(self.first, matter, verb)
        office.wait(20)
        for caller in (self.first, self.second):
            office.step(caller, matter, "publish")
        return Matter.objects.get(pk=matter.pk)

    def report(self, matter: Matter, period: str, events: int, mg: int) -> None:
        data = {"period": period, "events": events, "mg": mg}
        self.office.step(self.owner, matter, "report", data=data)


def _since_long(caller: Caller) -> None:
    """Appointed before the day on which these tests begin."""
    for each in caller.appointments:
        type(each).objects.filter(pk=each.pk).update(since=datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.mark.parametrize(
    ("kind", "code", "changes"),
    [
        (InputRefused, "scene.unknown", {"scene": "teleport"}),
        (InputRefused, "scene.methodology_differs", {"scene": "bus"}),
        (NotFound, "partner.unknown", {"partner": "nobody"}),
        (NotFound, "methodology.unknown", {"methodology": "no-such-law"}),
    ],
)
def test_an_application_names_what_exists(
    town: Town, kind: Any, code: str, changes: dict[str, str]
) -> None:
    refused(kind, code, lambda: town.applied(**changes))


def test_a_scene_is_applied_for_once(town: Town) -> None:
    town.applied()
    refused(Conflict, "scene.taken", town.applied)


def test_who_is_late_is_listed(town: Town) -> None:
    matter = town.published()
    assert matter.data["published_on"] == "2024-07-21"
    town.office.wait(80)  # 9 October
    town.report(matter, "2024-08", 10, 7_840_000)
    refused(InputRefused, "scene.period_outside", lambda: town.report(matter, "2024-10", 1, 1))
    refused(InputRefused, "scene.period_malformed", lambda: town.report(matter, "2024-08-01", 1, 1))
    matter.refresh_from_db()
    assert reporting(matter, on=date(2024, 10, 9)) == {
        "reporting": "month",
        "expected": 3,
        "delivered": 1,
        "late": ["2024-07", "2024-09"],
    }


def test_a_gap_between_two_counts_is_a_discount(town: Town, tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride(), a_metro_ride(external_id="r2", person="card:2")])
    matter = town.published()
    town.office.wait(120)
    refused(
        Conflict,
        "scene.report_missing",
        lambda: town.office.step(town.first, matter, "compare", data={"period": "2024-10"}),
    )
    town.report(matter, "2024-10", 3, 1_600_000)
    done = town.office.step(town.first, matter, "compare", data={"period": "2024-10"}).result
    assert done["ours"] == {"events": "2", "mg": "1568000"}
    assert done["proposed_discount"] == "33.34", "one ride of three, rounded up"


def test_a_suspended_scene_goes_into_no_units_until_it_counts_again(town: Town) -> None:
    matter, office = town.published(), town.office
    place = {"scene": "metro", "partner": "metro-co", "region": "420100"}
    data = {"doubtful_from": "2024-08-15", "reason": "里程异常"}
    office.step(town.first, matter, "suspend", data=data)
    assert in_doubt(**place) == [Days(date(2024, 8, 15), None)]
    refused(
        Conflict,
        "scene.in_doubt",
        lambda: refuse_in_doubt(**place, first_month="2024-07", last_month="2024-08"),
    )
    refuse_in_doubt(**place, first_month="2024-07", last_month="2024-07")
    for caller in (town.first, town.second):
        office.step(caller, matter, "resume", data={"counts": True})
    assert in_doubt(**place) == []
    office.wait(60)
    office.step(town.first, matter, "suspend", data=data | {"doubtful_from": "2024-09-01"})
    office.wait(10)
    for caller in (town.first, town.second):
        office.step(caller, matter, "resume", data={"counts": False})
    assert in_doubt(**place) == [Days(date(2024, 9, 1), date(2024, 9, 29))]


@pytest.mark.parametrize("region", ["420000", "420106"])
def test_a_suspension_holds_for_the_cities_above_and_below_its_place(
    town: Town, region: str
) -> None:
    """A scene may be of a province or of a district, a pool is of a city."""
    matter = town.published()
    data = {"doubtful_from": "2024-08-15", "reason": "里程异常"}
    town.office.step(town.first, matter, "suspend", data=data)
    Matter.objects.filter(pk=matter.pk).update(region=region)
    place = {"scene": "metro", "partner": "metro-co"}
    assert in_doubt(**place, region="420100") == [Days(date(2024, 8, 15), None)]
    assert in_doubt(**place, region="440300") == []


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_a_discount_is_never_too_small(one: int, other: int) -> None:
    gap = deviation(one, other)
    assert gap == deviation(other, one) <= 1
    assert 0 <= Fraction(percent_up(gap)) / 100 - gap < Fraction(1, 10_000)
