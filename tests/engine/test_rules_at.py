"""Typed answers of rule sets: nearest region first, product before general, unknown blocks."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tanhui.core.errors import Conflict, NotFound
from tanhui.engine.rule_forms import MonthDay
from tanhui.engine.rulesets import Rulesets

DAY = date(2024, 6, 1)
HEAD = 'region: "440000"\ntitle: {zh: 试, en: test}\nrules:\n'


def a_rule(key: str, value: str, **more: str) -> str:
    """One rule with one value from 2024 on."""
    said = {"from": "2024-01-01", "value": value, "source": "t", "tag": "seed"} | more
    inside = ", ".join(f"{name}: {text}" for name, text in said.items())
    return f"  {key}:\n    values:\n      - {{{inside}}}\n"


def load(tmp_path: Path, *rules: str, region: str = "440000") -> Rulesets:
    text = HEAD.replace("440000", region) + "".join(rules)
    (tmp_path / f"{region}.yaml").write_text(text, encoding="utf-8")
    return Rulesets.load(tmp_path)


def test_offsets_answer_with_exact_ratios(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        a_rule("offset.cap", "{ratio: 0.10, base: emissions}"),
        a_rule(
            "offset.local_share",
            "{ratio: 0.70, exception_ratio: 0.60, exception_for: [poor_village]}",
        ),
        a_rule("offset.total_t", "1000000"),
        a_rule("offset.apply_by", '"06-10"'),
        a_rule("offset.own_boundary", "forbidden"),
        a_rule("offset.vintage", "{rule: not_after_compliance_year}"),
        a_rule("offset.products", "[CCER, own]"),
    )
    at = rules.at(region="440106", on=DAY)
    cap = at.offset_cap()
    assert (cap.ratio, cap.base, cap.limit_t(12_345)) == (Fraction(1, 10), "emissions", 1_234)
    share = at.offset_local_share()
    assert share is not None
    assert (share.least(), share.least(["poor_village"])) == (Fraction(7, 10), Fraction(3, 5))
    assert at.offset_total_t() == 1_000_000
    deadlines = at.offset_deadlines()
    assert (deadlines.apply_by, deadlines.surrender_by) == (MonthDay(6, 10), None)
    assert at.own_boundary_forbidden()
    vintage = at.offset_vintage()
    assert vintage.allows(date(2023, 1, 1), date(2023, 12, 31), compliance_year=2023)
    assert not vintage.allows(date(2024, 9, 1), date(2024, 10, 31), compliance_year=2023)
    assert at.accepts_offset("CCER", origin="110000")
    assert at.accepts_offset("PHCER", origin="440300")
    assert not at.accepts_offset("CQCER", origin="500000")


def test_the_products_own_value_comes_first_and_the_nearest_region_before_both(
    tmp_path: Path,
) -> None:
    values = [
        a_rule("notice.issue_workdays", "7"),
        "      - {from: 2024-01-01, product: CCER, value: 20, source: t, tag: seed}\n",
    ]
    load(tmp_path, *values, region="100000")
    rules = load(tmp_path, a_rule("notice.issue_workdays", "5"))

    def days(region: str, product: str = "") -> int:
        return rules.at(region=region, on=DAY, product=product).notice_workdays("issue")

    assert (days("310000"), days("310000", "CCER"), days("310000", "PHCER")) == (7, 20, 7)
    assert (days("440300"), days("440300", "CCER")) == (5, 5)  # nearest region first


def test_an_unknown_value_blocks_and_names_who_must_supply_it(tmp_path: Path) -> None:
    load(tmp_path, a_rule("offset.cap", "{ratio: 0.05, base: quota}"), region="100000")
    rules = load(
        tmp_path,
        a_rule(
            "offset.cap",
            "unknown",
            tag="unknown",
            supplier="{zh: 广东省生态环境厅, en: the department of Guangdong}",
        ),
    )
    at = rules.at(region="440300", on=DAY, product="PHCER")
    with pytest.raises(Conflict) as caught:
        at.offset_cap()
    assert caught.value.code == "ruleset.value_unknown"
    assert caught.value.values == {
        "key": "offset.cap",
        "region": "440000",
        "product": "PHCER",
        "on": "2024-06-01",
        "supplier": "the department of Guangdong",
        "supplier_zh": "广东省生态环境厅",
    }
    assert "广东省生态环境厅" in caught.value.zh
    assert "PHCER" in caught.value.en
    assert at.known("offset.cap") is None
    with pytest.raises(NotFound):
        at.unit_mg()


def test_silence_is_an_answer_only_where_the_rule_says_so(tmp_path: Path) -> None:
    at = load(tmp_path, a_rule("points.expiry_years", "3")).at(region="440000", on=DAY)
    assert at.offset_local_share() is None
    assert at.offset_total_t() is None
    assert at.event_thresholds() is None
    assert at.sharing() == ()
    assert at.recognition().factor is None
    assert not at.allows_both("damage", "event")
    for ask in (at.offset_cap, at.offset_vintage, at.purposes, at.materiality):
        with pytest.raises(NotFound):
            ask()
