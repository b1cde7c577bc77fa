"""Whole tonnes issued never exceed what the period nets; vintages still add up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.project.texts import MONITORING, SMALL, mistakes, report_of

from tanhui.engine.project.results import MG_PER_TONNE, Vintage, made_good

UNFLOORED = (
    SMALL.replace("max(0, net[y])", "net[y]")
    .replace("results: {issuable: issuable, reversal: reversal}", "results: {issuable: issuable}")
    .replace(SMALL[SMALL.index("  reversal[") : SMALL.index("  issuable[")], "")
)


def report(law: str, leakage: str) -> dict[str, Any]:
    """The report of 5.75 t and 11.25 t avoided, less a leakage of each year in tonnes."""
    given_ = MONITORING.replace(
        "leakage: {unit: kgCO2e, values: {2023: 250, 2024: 500}}",
        f"leakage: {{unit: tCO2e, values: {leakage}}}",
    )
    return report_of(given_, law)


def column(found: dict[str, Any], key: str) -> list[int]:
    """A column of the vintages."""
    return [each[key] for each in found["vintages"]]


@pytest.mark.parametrize(
    ("leakage", "tonnes", "carried"),
    [
        ("{2023: 10, 2024: 0}", [0, 7], [4_250_000_000, -4_250_000_000]),
        ("{2023: 0, 2024: 14}", [3, 0], [-2_750_000_000, 2_750_000_000]),
        ("{2023: 20, 2024: 0}", [0, 0], [11_250_000_000, -11_250_000_000]),
    ],
)
def test_a_losing_year_is_made_good_by_the_others(
    leakage: str, tonnes: list[int], carried: list[int]
) -> None:
    for law in (UNFLOORED, SMALL):  # a loss as a negative result, and as a reversal
        found = report(law, leakage)
        assert column(found, "issuable_t") == tonnes
        assert column(found, "carried_mg") == carried
        assert sum(carried) == 0
        total = found["totals"]
        net = total["issuable_mg"] + total.get("reversal_mg", 0)
        assert sum(column(found, "issuable_mg")) == total["issuable_mg"]
        assert total["issuable_t"] * MG_PER_TONNE <= max(0, net)


def test_without_a_loss_nothing_is_carried() -> None:
    assert "carried_mg" not in report_of()["vintages"][0]


@given(st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=12))
def test_what_is_issued_never_exceeds_the_net(years: list[int]) -> None:
    vintages = [Vintage(2000 + at, {"issuable": mg}, {}) for at, mg in enumerate(years)]
    carried = made_good(vintages)
    assert sum(carried) == 0
    left = [max(0, mg) + min(0, moved) for mg, moved in zip(years, carried, strict=True)]
    assert all(mg >= 0 for mg in left)
    assert sum(left) == max(0, sum(years))


def test_a_result_cut_off_at_zero_without_a_reversal_is_refused() -> None:
    (problem,) = mistakes(UNFLOORED.replace("is: net[y]", "is: max(0, net[y])"))
    assert "issuable is cut off at zero, which drops the years that lose" in problem


def test_a_year_answers_for_its_own_reversal_first() -> None:
    """Issuable and reversal in one year: what is issued never exceeds what the year nets."""
    both = Vintage(2024, {"issuable": 5, "reversal": -3}, {})
    other = Vintage(2025, {"issuable": 4, "reversal": 0}, {})
    assert (both.net_mg, made_good([both, other])) == (2, [0, 0])
    worse = Vintage(2024, {"issuable": 5, "reversal": -8}, {})
    assert made_good([worse, other]) == [3, -3]
