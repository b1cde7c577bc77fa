"""The rule sets of the library: every one loads, and says what the sources say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tanhui.core.errors import Conflict
from tanhui.domain.matters.lifecycle import load_lifecycles
from tanhui.engine.rule_forms import MonthDay
from tanhui.engine.rules_at import RulesAt
from tanhui.engine.rulesets import Rulesets

LIBRARY = Path(__file__).parents[2] / "library"
RULES = Rulesets.load(LIBRARY / "rulesets")
PLACES = {
    *("100000", "110000", "310000", "320000", "320500", "370000", "420000", "420100"),
    *("440000", "440300", "500000", "510000", "510100"),
}


def at(region: str, day: str, product: str = "") -> RulesAt:
    return RULES.at(region=region, on=date.fromisoformat(day), product=product)


def test_every_place_has_its_rule_set() -> None:
    assert {region for region, _ in RULES.rules} == PLACES


def test_guangdong() -> None:
    rules = at("441500", "2021-06-01", "PHCER")
    cap, share = rules.offset_cap(), rules.offset_local_share()
    assert share is not None
    assert (cap.ratio, cap.base, cap.rule.tag) == (Fraction(1, 10), "emissions", "published")
    assert (share.least(), share.least(["old_base_area"])) == (Fraction(7, 10), Fraction(3, 5))
    assert rules.offset_total_t() == 1_000_000
    assert at("440000", "2019-12-31").offset_total_t() == 1_500_000
    deadlines = rules.offset_deadlines()
    assert (deadlines.apply_by, deadlines.surrender_by) == (MonthDay(6, 10), MonthDay(6, 20))
    assert rules.own_boundary_forbidden()
    assert rules.accepts_offset("PHCER", origin="441600")
    assert not rules.accepts_offset("SHCERCIR1", origin="310000")
    later = at("441500", "2023-06-01", "PHCER")
    assert later.notice_workdays("owner_benefit") == 7
    assert later.unit_mg() == 10**9
    assert at("441500", "2025-10-31").allows_both("event", "damage")
    assert not at("441500", "2025-10-31").allows_both("event", "offset")


def test_hubei_and_wuhan() -> None:
    wuhan = at("420106", "2023-12-31")
    cap = wuhan.offset_cap()
    assert (cap.ratio, cap.base, cap.rule.tag) == (Fraction(1, 10), "initial_quota", "unconfirmed")
    assert wuhan.accepts_offset("anything", origin="420100")
    assert not wuhan.accepts_offset("anything", origin="440300")
    assert wuhan.offset_vintage().allows(date(2024, 9, 1), date(2024, 10, 31), compliance_year=2023)


def test_shanghai_beijing_shenzhen_and_the_country() -> None:
    large = at("310118", "2025-12-01").event_thresholds()
    assert large is not None
    assert (large.show_people, large.sport_people, large.meeting_people) == (5000, 5000, 400)
    assert (large.expo_visits, large.expo_m2) == (10_000, 5000)
    assert at("310000", "2014-06-01", "CCER").offset_vintage().not_before == date(2013, 1, 1)
    assert set(at("110000", "2025-09-01").purposes()) == {
        *("offset", "organisation", "event", "voluntary", "damage"),
    }
    shortfall = at("440300", "2024-01-01").offset_cap()
    assert (shortfall.ratio, shortfall.base) == (Fraction(1, 5), "shortfall")
    assert at("440300", "2025-09-01").damage_venue_required()
    country = at("610000", "2024-01-01", "CCER")
    assert country.offset_cap().ratio == Fraction(1, 20)
    assert country.notice_workdays("issue") == 20
    assert country.issue_not_before() == date(2020, 9, 22)
    assert country.rounds_up()
    assert country.event_retire_months() == 12


UNKNOWN: dict[str, Callable[[], object]] = {
    "上海市生态环境局": at("310000", "2025-12-01").offset_cap,
    "广东省生态环境厅": at("440000", "2025-01-01").offset_total_t,
    "重庆市生态环境局": at("500000", "2024-01-01").offset_cap,
    "北京市生态环境局": at("110000", "2025-10-01").offset_vintage,
    "湖北省生态环境厅": at("420600", "2024-01-01").offset_products,
    "江苏省生态环境厅": at("320500", "2025-06-01").offset_products,
    "成都市生态环境局": at("510100", "2024-01-01", "CDCER").vintage_max_age_years,
    "所在地生态环境主管部门（核证规范）": at("420100", "2024-01-01").materiality,
}


@pytest.mark.parametrize("supplier", UNKNOWN)
def test_what_is_not_known_blocks_and_names_who_must_say(supplier: str) -> None:
    with pytest.raises(Conflict) as caught:
        UNKNOWN[supplier]()
    assert caught.value.values["supplier_zh"] == supplier


def test_steps_left_out_are_steps_that_may_be_left_out() -> None:
    lifecycles = load_lifecycles(LIBRARY / "lifecycles")
    for (region, key), values in RULES.rules.items():
        if not key.startswith("lifecycle."):
            continue
        steps = lifecycles[key.split(".")[1]].steps
        for value in values:
            assert isinstance(value.value, tuple)
            for verb in value.value:
                assert isinstance(verb, str)
                assert steps[verb].is_skippable, f"{region} {key}: {verb}"
