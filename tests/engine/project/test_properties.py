"""What must hold for any numbers: sums, interpolation, decay, order, recomputation."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.project.texts import LIBRARY, MONITORING, SMALL, loaded, mistakes

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number
from tanhui.engine.project.arithmetic import rounded, total
from tanhui.engine.project.cases import value_in
from tanhui.engine.project.page import page
from tanhui.engine.project.report import quantify
from tanhui.engine.project.results import apportioned
from tanhui.engine.project.verify import verify

amounts = st.decimals(min_value=0, max_value=29_000, places=3, allow_nan=False)
signed = st.decimals(min_value=-(10**6), max_value=10**6, places=6, allow_nan=False)
FOREST = loaded(
    (LIBRARY / "methodologies/100000/template-s4-stock-change/methodology.yaml").read_text()
)
DECAY = loaded((LIBRARY / "methodologies/900000/cdm-tool04/methodology.yaml").read_text())
LAW = loaded(SMALL)


def monitoring(energy: dict[str, list[Decimal]], leakage: list[Decimal]) -> str:
    rows = {plant: {2023 + at: str(n) for at, n in enumerate(row)} for plant, row in energy.items()}
    lost = {2023 + at: str(n) for at, n in enumerate(leakage)}
    text = MONITORING.split("sets:")[0].replace("last_year: 2024", f"last_year: {2022 + len(lost)}")
    return text + (
        f"sets: {{plants: {json.dumps(list(rows))}}}\n"
        f"inputs:\n  energy: {{unit: MWh, values: {json.dumps(rows)}}}\n"
        f"  leakage: {{unit: tCO2e, values: {json.dumps(lost)}}}\n"
        'applicability: {metered: {answer: "yes", evidence: [meter.pdf]}}\n'
    )


@st.composite
def small_projects(draw: st.DrawFn) -> tuple[dict[str, list[Decimal]], list[Decimal]]:
    years = draw(st.integers(1, 5))
    row = st.lists(amounts, min_size=years, max_size=years)
    plants = draw(st.dictionaries(st.sampled_from("abcdef"), row, min_size=1, max_size=4))
    return plants, draw(row)


@given(st.lists(signed, min_size=1, max_size=40), st.sampled_from(["down", "half_away"]))
def test_vintages_add_up_to_the_period(values: list[Decimal], mode: str) -> None:
    parts = apportioned(values, mode)
    assert sum(parts) == rounded(total(values), mode)
    assert all(abs(part - value) <= 1 for part, value in zip(parts, values, strict=True))


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=20), max_size=20))
def test_the_order_of_a_sum_does_not_matter(values: list[Decimal]) -> None:
    values = [value for value in values if abs(value) < Decimal(10) ** 40]
    assert total(values) == total(reversed(values)) == total(sorted(values))


@settings(max_examples=60, deadline=None)
@given(small_projects())
def test_the_order_of_members_does_not_matter(
    given_: tuple[dict[str, list[Decimal]], list[Decimal]],
) -> None:
    energy, leakage = given_
    other = dict(reversed(energy.items()))
    one = quantify(LAW, monitoring(energy, leakage).encode())
    two = quantify(LAW, monitoring(other, leakage).encode())
    assert one["vintages"] == two["vintages"]
    assert one["totals"] == two["totals"]


@settings(max_examples=60, deadline=None)
@given(small_projects())
def test_a_report_is_worked_out_again_from_its_own_evidence(
    given_: tuple[dict[str, list[Decimal]], list[Decimal]],
) -> None:
    report = quantify(LAW, monitoring(*given_).encode())
    stored: dict[str, Any] = json.loads(json.dumps(report, ensure_ascii=False))
    assert verify(stored) == report
    assert page(stored, "zh")
    assert page(stored, "en")
    for each in report["vintages"]:
        net = each["issuable_mg"] + each["reversal_mg"]
        exact = sum(row[each["year"] - 2023] for row in given_[0].values()) / 2
        exact -= given_[1][each["year"] - 2023]
        assert abs(net - exact * 10**9) <= 2


@pytest.mark.slow
@settings(max_examples=2_000, deadline=None)
@given(small_projects())
def test_thousands_of_reports_are_worked_out_again(
    given_: tuple[dict[str, list[Decimal]], list[Decimal]],
) -> None:
    report = quantify(LAW, monitoring(*given_).encode())
    stored = json.loads(json.dumps(report))
    assert verify(stored)["result_hash"] == report["result_hash"]
    stored["vintages"][-1]["issuable_mg"] += 1
    with pytest.raises(InputRefused, match="issuable_mg"):
        verify(stored)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.lists(st.decimals(min_value=0, max_value=500, places=2), min_size=5, max_size=5),
)
def test_a_stock_meets_its_surveys_and_is_straight_between(
    gaps: list[int], volumes: list[Decimal]
) -> None:
    years = [2000]
    for gap in gaps:
        years.append(years[-1] + gap)
    surveys = dict(zip(years, volumes, strict=False))
    last = years[-1]
    zeros = dict.fromkeys(range(2001, last + 1), 0)
    text = f"""\
monitoring: forest
methodology: template-s4-stock-change
mode: illustration
region: "420000"
project: {{name: 林场}}
period: {{first_year: 2001, last_year: {last}}}
sets: {{strata: [a]}}
inputs:
  area: {{unit: ha, values: {{a: 10}}}}
  species: {{values: {{a: 杉木}}}}
  volume: {{unit: m3/ha, values: {{a: {json.dumps({k: str(v) for k, v in surveys.items()})}}}}}
  uncertainty: "0.05"
  baseline_rate: 0 tCO2/(ha*year)
  leakage: {{unit: tCO2e, values: {json.dumps(zeros)}}}
  risk: "0"
"""
    report = quantify(FOREST, text.encode())
    found = {
        int(each["at"][1]): Decimal(each["value"])
        for part in report["inputs"]
        if part["symbol"] == "volume"
        for each in part["values"]
    }
    assert all(found[year] == volume for year, volume in surveys.items())
    for before, after in pairwise(years):
        slope = (surveys[after] - surveys[before]) / (after - before)
        for year in range(before + 1, after):
            straight = surveys[before] + slope * (year - before)
            assert abs(found[year] - straight) < Decimal("1e-20")


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["food_sewage_sludge", "paper_textiles", "wood_straw", "bulk"]),
    st.sampled_from(["tropical_wet", "boreal_temperate_dry", "boreal_temperate_wet"]),
    st.decimals(min_value=1, max_value=100_000, places=2),
    st.integers(1, 60),
)
def test_decay_conserves_mass(kind: str, climate: str, tonnes: Decimal, years: int) -> None:
    """After n years the share emitted is 1 - exp(-k n): all of it in the end, never more."""
    first = 2001
    zeros = dict.fromkeys(range(first, first + years), 0)
    text = f"""\
monitoring: one-load
methodology: cdm-tool04
mode: illustration
region: "900000"
project: {{name: 一车}}
period: {{first_year: {first}, last_year: {first + years - 1}}}
sets: {{wastes: [w], deposits: {{from: {first}, to: {first}}}}}
inputs:
  deposited: {{unit: t, values: {{{first}: {{w: {tonnes}}}}}}}
  carbon_kind: {{values: {{w: food_beverage_tobacco}}}}
  decay_kind: {{values: {{w: {kind}}}}}
  climate: {climate}
  site: managed_anaerobic
  captured: {{unit: "1", values: {json.dumps(zeros)}}}
"""
    report = quantify(DECAY, text.encode())
    rate = next(Decimal(each["value"]) for each in report["factors"] if each["symbol"] == "decay")
    whole = tonnes * Decimal("0.15") * Decimal("0.85") * 28 * Decimal("0.9") * 16 / 12 / 4
    share = 1 - (-rate * years).exp()
    found = Decimal(value_in(report, "baseline_total") or "")
    assert abs(found - whole * share) < Decimal("1e-18") * (whole + 1)
    assert found < whole


@given(st.sampled_from(["MWh", "t", "ha", "tCO2e", "kWh", "year", "1", "GJ"]))
def test_a_wrong_unit_is_always_found(unit: str) -> None:
    problems_expected = unit not in ("MWh", "kWh", "GJ")
    text = SMALL.replace(
        "unit: MWh, over: [plants, years]", f"unit: {unit!r}, over: [plants, years]"
    )
    if problems_expected:
        assert any("states tCO2e" in each for each in mistakes(text)), mistakes(text)
    else:
        assert loaded(text).code == "small"


def test_the_decisive_day_is_that_of_registration() -> None:
    text = SMALL.replace(
        'values: [{region: "420000", from: 2000-01-01, value: 0.5',
        'values: [{region: "420000", from: 2000-01-01, to: 2022-06-01, value: 0.4, source: 旧, '
        'evidence: published}, {region: "420000", from: 2022-06-01, value: 0.5',
    )
    law = loaded(text)
    assert law.in_force_on(day_number(date(2024, 1, 1)))
    registered = MONITORING.replace("{name: 测试项目}", "{name: 测试项目, registered: 2021-01-01}")
    new = quantify(law, MONITORING.encode())["factors"][0]
    old = quantify(law, registered.encode())["factors"][0]
    assert (new["value"], old["value"]) == ("0.5", "0.4")
