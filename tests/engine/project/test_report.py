"""A report holds its own evidence: any changed digit is named with its place."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from tests.engine.project.texts import MONITORING, SMALL, loaded, report_of

from tanhui.core.errors import InputRefused
from tanhui.engine.problems import Problems
from tanhui.engine.project.cases import check_cases, read_cases
from tanhui.engine.project.page import page
from tanhui.engine.project.report import result_hash
from tanhui.engine.project.verify import verify
from tanhui.engine.yamlfile import read_yaml


@pytest.fixture
def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(report_of()))
    return found


def test_the_report_names_its_methodology_evidence_and_hash(report: dict[str, Any]) -> None:
    assert report["outcome"] == "quantified"
    assert report["marks"] == []
    assert [each["issuable_mg"] for each in report["vintages"]] == [5_500_000_000, 10_750_000_000]
    assert [each["issuable_t"] for each in report["vintages"]] == [5, 10]
    assert [each["rest_mg"] for each in report["vintages"]] == [500_000_000, 750_000_000]
    assert report["totals"] == {
        "issuable_mg": 16_250_000_000,
        "reversal_mg": 0,
        "issuable_t": 15,
    }
    assert report["result_hash"] == result_hash(report)
    step = next(each for each in report["steps"] if each["symbol"] == "net")
    assert step["values"][0]["substituted"] == "5.75 tCO2e - 0.25 tCO2e"
    assert set(report["texts"]) == {"methodology.yaml", "monitoring.yaml"}


def test_pages_in_both_languages_show_results_factors_and_steps(report: dict[str, Any]) -> None:
    chinese, english = page(report, "zh"), page(report, "en")
    assert "5,500,000,000" in chinese
    assert "10,750,000,000" in english
    assert "可签发" in chinese
    assert "## Numbers of law" in english
    assert report["result_hash"] in chinese


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("vintages", 0, "issuable_mg"), 5_500_000_001, "vintages[0].issuable_mg"),
        (("factors", 0, "value"), "0.6", "factors[0].value"),
        (("steps", 1, "values", 0, "value"), "5.6", "steps[1].values[0].value"),
        (("totals", "issuable_t"), 16, "totals.issuable_t"),
        (("methodology", "equations"), "official", "methodology.equations"),
        (("mode",), "illustration", "mode"),
        (("result_hash",), "0" * 64, "result_hash"),
    ],
)
def test_a_changed_digit_is_named(
    report: dict[str, Any], path: tuple[Any, ...], value: Any, place: str
) -> None:
    changed = copy.deepcopy(report)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    assert holder[path[-1]] != value
    holder[path[-1]] = value
    with pytest.raises(InputRefused) as refused:
        verify(changed)
    assert refused.value.code == "report.differs"
    assert refused.value.values["places"][0]["place"] == place


@pytest.mark.parametrize(("old", "new", "place"), [("2023: 10", "2023: 11", "monitoring.sha256")])
def test_a_changed_text_is_named(report: dict[str, Any], old: str, new: str, place: str) -> None:
    report["texts"]["monitoring.yaml"] = report["texts"]["monitoring.yaml"].replace(old, new)
    with pytest.raises(InputRefused) as refused:
        verify(report)
    assert refused.value.values["places"][0]["place"] == place


def test_a_changed_methodology_inside_is_named(report: dict[str, Any]) -> None:
    text = report["texts"]["methodology.yaml"]
    report["texts"]["methodology.yaml"] = text.replace("value: 0.5", "value: 0.6")
    with pytest.raises(InputRefused) as refused:
        verify(report)
    assert refused.value.values["places"][0]["place"] == "methodology.digest"
    report["texts"]["methodology.yaml"] = "methodology: ["
    with pytest.raises(InputRefused) as refused:
        verify(report)
    assert refused.value.code == "report.unreadable_evidence"


@pytest.mark.parametrize("broken", [{}, {"format": "other"}, {"texts": []}])
def test_what_is_no_report_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(InputRefused) as refused:
        verify(broken)
    assert refused.value.code == "report.malformed"


def test_a_disputed_value_must_differ() -> None:
    case = "cases:\n  - name: {zh: 例, en: case}\n    monitoring: |\n"
    case += "".join(f"      {line}\n" for line in MONITORING.splitlines())
    case += "    expect: {values: {'net[2023]': 5.5}}\n"
    case += "    disputed: {values: {'net[2023]': VALUE}, arithmetic: {zh: 算式, en: sum}}\n"
    for stated, told in (("4.62", ""), ("5.5", "remove the dispute")):
        problems = Problems()
        root = read_yaml(case.replace("VALUE", stated).encode(), file="c", problems=problems)
        check_cases(loaded(SMALL), read_cases(root, problems), problems)
        found = [problem.en for problem in problems.found]
        assert bool(found) == bool(told)
        assert all(told in each for each in found)
