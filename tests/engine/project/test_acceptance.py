"""The reference cases that matter most: decay, a forest of twenty years, calibres, a farm."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.engine.project.texts import LIBRARY, mistakes

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number
from tanhui.engine.library import Library
from tanhui.engine.project.cases import value_in
from tanhui.engine.project.report import quantify

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
MG = 1_000_000_000


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(LIBRARY)


def reported(library: Library, code: str, case: int = 0, **changes: str) -> dict[str, Any]:
    """The report of a worked case, some text of its monitoring file changed."""
    law = library.project(code, version=None, day=day_number(date(2024, 1, 1)))
    text = library.project_cases[law.identity][case].monitoring.decode()
    for old, new in changes.items():
        old_text, new_text = (part.replace("_", " ") for part in (old, new))
        assert old_text in text, old_text
        text = text.replace(old_text, new_text)
    return quantify(law, text.encode())


def value(report: dict[str, Any], name: str) -> Decimal:
    found = value_in(report, name)
    assert found is not None, name
    return Decimal(found)


def test_every_project_entry_has_cases_and_says_what_it_stands_on(library: Library) -> None:
    assert len(library.projects) >= 80
    cases = sum(map(len, library.project_cases.values()))
    assert cases >= 85
    statuses = {each.status.equations for each in library.projects}
    assert statuses <= {"published_summary", "inferred", "template", "name_only"}
    name_only = [each for each in library.projects if each.status.equations == "name_only"]
    assert name_only
    assert not any(each.creditable for each in name_only)


def test_ams_iii_f_by_decay_gives_262_000_t_and_the_shortcut_1_7_times_that(
    library: Library,
) -> None:
    report = reported(library, "cdm-ams-iii-f")
    assert round(value(report, "baseline_total")) == 262_000
    assert round(value(report, "one_shot")) == 450_334
    assert Decimal("1.71") < value(report, "overstated") < Decimal("1.72")
    assert report["totals"]["issuable_mg"] // MG == 202_275
    assert all(limit["holds"] for limit in report["limits"])
    assert report["methodology"]["gwp"]["gwp_ch4"] == {"assessment": "AR5"}


def test_a_result_by_the_one_shot_shortcut_is_refused() -> None:
    text = (LIBRARY / "methodologies/900000/cdm-ams-iii-f/methodology.yaml").read_text()
    shortcut = text.replace("issuable: issuable", "issuable: shortcut")
    shortcut = shortcut.replace(
        "results:",
        "  shortcut[y in years]:\n    name: {zh: 一次性, en: one-shot}\n    unit: tCO2e\n"
        "    is: composted[y] * sum(share[waste] * doc[carbon_kind[waste]] for waste in wastes)"
        " * docf * (16/12*tCH4/tC) * gwp_ch4\nresults:",
    )
    found = mistakes(shortcut)
    assert any("uses table fod-doc without fod-k" in each for each in found), found


def test_more_than_60_kt_a_year_is_not_creditable(library: Library) -> None:
    report = reported(library, "cdm-ams-iii-f", **{"98550": "198550"})
    assert report["outcome"] == "not_creditable"
    assert "60 kt" in report["reason_en"]
    assert report["totals"]["issuable_mg"] == 0


def test_a_forest_of_twenty_years_adds_up_exactly_to_its_period(library: Library) -> None:
    law = library.project("template-s4-stock-change", version="1", day=0)
    report = quantify(law, (EXAMPLES / "forest.yaml").read_bytes())
    assert [each["year"] for each in report["vintages"]] == list(range(2005, 2025))
    # The period worked out in one go: stock at the end less stock at the opening.
    change = value(report, "stock[2024]") - value(report, "stock[2004]")
    net = change * Decimal("0.94") - value(report, "baseline_removals[2010]") * 20
    assert report["totals"]["reversal_mg"] == 0
    assert report["totals"]["issuable_mg"] == int(net * Decimal("0.9") * MG)
    assert report["totals"]["buffer_mg"] == int(net * Decimal("0.1") * MG)
    for what in ("issuable_mg", "buffer_mg"):
        assert sum(each[what] for each in report["vintages"]) == report["totals"][what]


def test_a_forest_that_loses_stock_shows_its_reversal(library: Library) -> None:
    law = library.project("template-s4-stock-change", version="1", day=0)
    text = (EXAMPLES / "forest.yaml").read_text()
    text = text.replace("2024: 127.9", "2024: 30").replace("2024: 58.2", "2024: 20")
    report = quantify(law, text.encode())
    lost = [each for each in report["vintages"] if each["reversal_mg"] < 0]
    assert [each["year"] for each in lost] == list(range(2015, 2025))
    assert all(each["issuable_mg"] == 0 for each in lost)
    change = value(report, "change[2020]")
    net = change * Decimal("1.06") - value(report, "baseline_removals[2020]")
    assert value(report, "reversal[2020]") == pytest.approx(net)


def test_uncertainty_above_30_percent_is_not_creditable(library: Library) -> None:
    law = library.project("template-s4-stock-change", version="1", day=0)
    text = (EXAMPLES / "forest.yaml").read_text().replace('"0.12"', '"0.31"')
    report = quantify(law, text.encode())
    assert report["outcome"] == "not_creditable"
    assert "sample plots" in report["reason_en"]
    assert "vintages" not in report


def test_one_megawatt_in_shanghai_uses_the_prescribed_factor(library: Library) -> None:
    law = library.project("shanghai-pv", version="2024", day=0)
    text = library.project_cases[law.identity][0].monitoring.decode()
    text = text.replace("2024", "2022").replace("mode: illustration", "mode: crediting")
    text = text.replace("示例光伏电站", "示例光伏电站, registered: 2024-06-01")
    report = quantify(law, text.encode())
    assert report["totals"]["issuable_mg"] == 462 * MG
    others = {each["id"]: each for each in report["alternatives"]}
    average, margin = others["average"], others["combined_margin"]
    assert average["values"]["factor"][0]["value"] == "0.5849"
    assert average["totals"]["issuable_mg"] == int(Decimal("643.39") * MG)
    assert average["unconfirmed"] == []
    assert margin["values"]["factor"][0]["value"] == "0.690825"
    assert margin["unconfirmed"] == ["recalled"]
    with_two = text.replace("capacity: 1 MW", "capacity: 2 MW")
    assert quantify(law, with_two.encode())["outcome"] == "not_creditable"


def test_the_poultry_farm_gives_two_results_by_its_baseline_evidence(library: Library) -> None:
    liquid = reported(library, "wuhan-poultry", 0)
    solid = reported(library, "wuhan-poultry", 1)
    assert liquid["totals"]["issuable_t"] == 4_279
    assert round(value(solid, "issuable[2022]")) == 204
    law = library.project("wuhan-poultry", version="2023", day=0)
    text = library.project_cases[law.identity][0].monitoring.decode()
    bare = re.sub(r", evidence: \[baseline-system.pdf\]", "", text)
    with pytest.raises(InputRefused, match="needs evidence"):
        quantify(law, bare.encode())


def test_the_metered_methane_caps_the_model(library: Library) -> None:
    report = reported(library, "cdm-ams-iii-d-biogas")
    modelled, measured = value(report, "modelled[2024]"), value(report, "measured[2024]")
    assert measured < modelled
    assert value(report, "issuable[2024]") == measured


def test_tool04_fits_the_open_factors_for_empty_fruit_bunches(library: Library) -> None:
    report = reported(library, "cdm-tool04", 1)
    twenty_years = value(report, "baseline_total")
    assert round(twenty_years - Decimal("0.1297003"), 6) == Decimal("1.250643")
    # What the open check pins is the product phi x DOCf x MCF x GWP x (1 - OX) x F x 16/12.
    product = Decimal("0.85") * 28 * Decimal("0.9") * Decimal("0.5") * Decimal("0.5") * 16 / 12
    assert round(value(report, "baseline[2001]") / product / Decimal("0.2"), 6) == round(
        1 - (Decimal("-0.17")).exp(), 6
    )


def test_crediting_refuses_templates_and_unconfirmed_values(library: Library) -> None:
    law = library.project("template-s4-stock-change", version="1", day=0)
    text = (EXAMPLES / "forest.yaml").read_text().replace("illustration", "crediting")
    with pytest.raises(InputRefused) as refused:
        quantify(law, text.encode())
    assert refused.value.code == "project.not_for_crediting"
    tool = library.project("cdm-tool04", version="8.1", day=0)
    case = library.project_cases[tool.identity][1].monitoring.decode()
    assert quantify(tool, case.replace("illustration", "crediting").encode())["marks"] == []
    recalled = case.replace("illustration", "crediting").replace("empty_fruit_bunch", "textiles")
    with pytest.raises(InputRefused) as refused:
        quantify(tool, recalled.encode())
    assert refused.value.code == "project.unconfirmed_values"
    assert "textiles" in refused.value.en
