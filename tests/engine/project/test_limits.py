"""Limits are part of the law: their numbers need the same standing as those of equations."""

from __future__ import annotations

from datetime import date

import pytest
from tests.engine.project.texts import MONITORING, SMALL, loaded, mistakes, report_of

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number
from tanhui.engine.project.verify import verify
from tanhui.engine.status import library_status

FACTOR = next(line for line in SMALL.splitlines(keepends=True) if "value: 0.5" in line)
LIMIT = "issuable[y] <= 60000*tCO2e"
ILLUSTRATION = MONITORING.replace("crediting", "illustration")


def limited_by(value: str, evidence: str) -> str:
    """The small methodology with a ceiling that only its limit uses."""
    ceiling = (
        "  ceiling:\n    name: {zh: 上限, en: ceiling}\n    unit: tCO2e\n    values: "
        f'[{{region: "420000", from: 2000-01-01, value: {value}, source: 测试, '
        f"evidence: {evidence}}}]\n"
    )
    return SMALL.replace(FACTOR, FACTOR + ceiling).replace(LIMIT, "issuable[y] <= ceiling")


def refused(methodology: str, monitoring: str = MONITORING) -> InputRefused:
    """The refusal of that report."""
    with pytest.raises(InputRefused) as raised:
        report_of(monitoring, methodology)
    return raised.value


@pytest.mark.parametrize("evidence", ["recalled", "template", "unconfirmed"])
def test_a_limit_by_an_unconfirmed_number_is_not_for_crediting(evidence: str) -> None:
    text = limited_by("60000", evidence)
    assert refused(text).code == "project.unconfirmed_values"
    report = report_of(ILLUSTRATION, text)
    assert report["unconfirmed"] == ["ceiling"]
    assert verify(report)["result_hash"] == report["result_hash"]
    standing = library_status([], [loaded(text)], day=day_number(date(2024, 6, 1))).methodologies[0]
    assert standing.standing == "waiting"
    assert standing.unknown == ("ceiling",)


def test_the_number_of_a_limit_stands_in_the_report_with_its_source() -> None:
    report = report_of(methodology=limited_by("60000", "published"))
    assert [each["symbol"] for each in report["factors"]] == ["factor", "ceiling"]


def test_a_limit_by_an_unknown_number_asks_for_it() -> None:
    assert refused(limited_by("unknown", "unknown")).code == "project.unknown_value"


def test_a_limit_that_cannot_be_worked_out_says_so() -> None:
    text = SMALL.replace(LIMIT, "issuable[y] / reversal[y] <= 60000")
    assert refused(text).code == "project.undefined"


@pytest.mark.parametrize(
    ("index", "edge"), [("y + 1", "last"), ("y - 1", "first"), ("y - 2", "first")]
)
def test_an_index_beyond_the_years_is_refused_at_load(index: str, edge: str) -> None:
    for text in (
        SMALL.replace(LIMIT, f'"issuable[y] <= issuable[{index}]"'),
        SMALL.replace("min(0, net[y])", f"min(0, net[y] - net[{index}])"),
    ):
        (problem,) = mistakes(text)
        assert f"[{index}] has no value for the {edge} of years; drop the offset" in problem


def test_an_index_that_a_condition_keeps_inside_is_taken() -> None:
    guarded = "min(0, net[y] - net[y - 1]) if 0 < y - first(years) else min(0, net[y])"
    assert loaded(SMALL.replace("is: min(0, net[y])", f"is: {guarded}"))


@pytest.mark.parametrize("evidence", ["unknown", "unconfirmed", "recalled"])
def test_a_limit_nobody_stands_for_is_refused_at_load(evidence: str) -> None:
    text = SMALL.replace(
        "fails: refuse\n    source: 测试\n    evidence: published",
        f"fails: refuse\n    source: 测试\n    evidence: {evidence}",
    )
    (problem,) = mistakes(text)
    assert f"limit.evidence cannot be '{evidence}'; choose from" in problem


def test_a_limit_of_a_template_is_not_for_crediting() -> None:
    text = SMALL.replace(
        "fails: refuse\n    source: 测试\n    evidence: published",
        "fails: refuse\n    source: 测试\n    evidence: template",
    )
    assert refused(text).code == "project.unconfirmed_values"
    standing = library_status([], [loaded(text)], day=day_number(date(2024, 6, 1))).methodologies[0]
    assert (standing.standing, standing.unknown) == ("waiting", ("limits: 每年不超过 60 千吨",))


@pytest.mark.parametrize(
    "formula",
    [
        "max(0, net[y]) * log(reversal[y] / (1*tCO2e))",
        "max(0, log(reversal[y] / (1*tCO2e))) * tCO2e",
        "max(0, net[y]) * pow(reversal[y] / (1*tCO2e), 0 - 0.5)",
    ],
)
def test_a_logarithm_of_zero_is_no_number(formula: str) -> None:
    text = SMALL.replace("is: max(0, net[y])", f"is: {formula}")
    assert refused(text).code == "project.undefined"
