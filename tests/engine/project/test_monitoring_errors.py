"""Mistakes in a monitoring file: each is named at its line, in both languages, all at once."""

from __future__ import annotations

import pytest
from tests.engine.project.texts import LIBRARY, MONITORING, SMALL, loaded, report_of

from tanhui.core.errors import InputRefused
from tanhui.engine.project.report import quantify

FOREST = loaded(
    (LIBRARY / "methodologies/100000/template-s4-stock-change/methodology.yaml").read_text()
)
FOREST_FILE = (LIBRARY.parent / "docs" / "examples" / "forest.yaml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("2023: 10, 2024: 20", "2023: 10", 9, "input energy lacks 1 values: [a, 2024]"),
        ("energy: {unit: MWh", "energy: {unit: t", 9, "must be in MWh"),
        ("energy: {unit: MWh", "energy: {unit: MWhh", 9, "unknown unit"),
        ("2023: 10,", "2023: -10,", 9, "energy[a, 2023] must be at least 0 MWh"),
        ("2023: 10,", "2023: 1e3,", 9, "is no decimal number"),
        ("2023: 10,", "2032: 10,", 9, "'2032' is no member of years"),
        ("2023: 10,", "2023: {missing: 表坏},", 9, "has no rule for missing data"),
        ("b: {2023", "c: {2023", 9, "'c' is no member of plants"),
        ("leakage:", "leekage:", 10, "did you mean 'leakage'?"),
        ("[a, b]", "[a, a]", 7, "names a member twice"),
        ("first_year: 2023", "first_year: 2025", 6, "first_year not after last_year"),
        ('region: "420100"', 'region: "440100"', 4, "is for 420000, not for 440100"),
        ('answer: "yes", evidence: [meter.pdf]', 'answer: "yes"', 11, "lacks 'evidence'"),
        ("[meter.pdf]", "[]", 11, "question metered needs evidence"),
        ("mode: crediting", "mode: credit", 3, "did you mean 'crediting'?"),
    ],
)
def test_a_mistake_is_told_at_its_line(old: str, new: str, line: int, told: str) -> None:
    assert MONITORING.count(old) == 1
    with pytest.raises(InputRefused) as refused:
        report_of(MONITORING.replace(old, new))
    assert refused.value.code == "monitoring.refused"
    problems = refused.value.values["problems"]
    assert any(told in each["en"] and each["line"] == line for each in problems), problems
    assert all(each["zh"] and each["zh"] != each["en"] for each in problems)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("north: 杉木", "north: 杉树", "species[north] does not know '杉树'; known: 杉木, 马尾松"),
        ("2014: 81.3, ", "", "more than 10 years apart"),
        ("2004: 22.5, ", "", "must reach from the end of 2004"),
        (", 2024: 127.9", "", "must reach from the end of 2004"),
    ],
)
def test_a_mistake_of_a_forest_is_told(old: str, new: str, told: str) -> None:
    assert FOREST_FILE.count(old) == 1
    with pytest.raises(InputRefused) as refused:
        quantify(FOREST, FOREST_FILE.replace(old, new).encode())
    assert any(told in each["en"] for each in refused.value.values["problems"]), refused.value


def test_several_mistakes_come_at_once() -> None:
    text = MONITORING.replace("2023: 10,", "2023: -10,").replace(
        "leakage: {unit: kg", "leakage: {unit: ha"
    )
    with pytest.raises(InputRefused) as refused:
        report_of(text)
    assert len(refused.value.values["problems"]) == 2


def test_what_is_missing_is_substituted_by_the_rule_and_said() -> None:
    report = report_of(MONITORING.replace("2023: 250,", "2023: {missing: 记录遗失},"))
    leakage = next(each for each in report["inputs"] if each["symbol"] == "leakage")
    assert leakage["values"][0]["substituted"] == "记录遗失"
    assert leakage["values"][0]["value"] == "0.5"
    assert leakage["missing_rule_en"] == "the highest"


def test_an_answer_that_does_not_fit_ends_it() -> None:
    report = report_of(MONITORING.replace('answer: "yes"', 'answer: "no"'))
    assert report["outcome"] == "not_applicable"
    assert "Is it metered?" in report["reason_en"]
    assert "vintages" not in report


def test_only_an_illustration_may_assume_values() -> None:
    unknown = SMALL.replace(
        "value: 0.5, source: 测试, evidence: published",
        "value: unknown, source: 测试, evidence: unknown",
    )
    assumed = MONITORING + "assume: {factor: {value: 0.4, unit: tCO2/MWh, why: 演示}}\n"
    with pytest.raises(InputRefused) as refused:
        report_of(MONITORING, unknown)
    assert refused.value.code == "project.unknown_value"
    with pytest.raises(InputRefused, match="only an illustration may assume"):
        report_of(assumed, unknown)
    report = report_of(assumed.replace("mode: crediting", "mode: illustration"), unknown)
    assert report["factors"][0]["evidence"] == "assumed"
    assert report["unconfirmed"] == ["factor"]
    assert report["marks"]


def test_a_limit_that_fails_keeps_the_reversal() -> None:
    text = MONITORING.replace("2023: 10, 2024: 20", "2023: 200000, 2024: 0")
    text = text.replace("2024: 500}", "2024: 900000}")
    report = report_of(text)
    assert report["outcome"] == "not_creditable"
    assert report["limits"][0]["failing"] == ["2023"]
    assert report["totals"]["issuable_mg"] == 0
    assert report["totals"]["reversal_mg"] == -898_750_000_000


def test_an_assumption_for_what_is_no_parameter_is_told() -> None:
    text = MONITORING.replace("mode: crediting", "mode: illustration")
    with pytest.raises(InputRefused, match="did you mean 'factor'"):
        report_of(text + "assume: {facter: {value: 0.4, unit: tCO2/MWh, why: 演示}}\n")
