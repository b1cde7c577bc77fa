"""Step tables: by tier, per region and day, the boundary belonging to the higher step."""

from __future__ import annotations

import pytest

from tanhui.engine.explain import explain
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.methodology import Methodology

from .executors import Case, five_answers
from .methodology_texts import GOOD, load, mistakes, spoiled

DAY = 20_000
TABLE = """\
    unit: gCO2e/km
    of: km
    values:
      - {region: "420100", from: 2024-01-01, to: 2025-01-01, below: 0, source: t, evidence: seed,
         steps: [{from: 5, value: 40}, {from: 10, value: 78.4}, {from: 12.5, value: 20}]}
      - {region: "420100", from: 2025-01-01, below: 1, source: test, evidence: template,
         steps: [{from: 7, value: 3}]}
      - {region: "420106", from: 2024-01-01, value: unknown, source: test, evidence: unknown}
"""
STEPPED = spoiled(
    (GOOD[GOOD.index("    unit: gCO2e/km") : GOOD.index("applies")], TABLE),
    ("distance * rate", "distance * rate(distance)"),
)


@pytest.fixture(scope="module")
def methodology() -> Methodology:
    return load(STEPPED)


def test_a_step_holds_from_its_start(methodology: Methodology) -> None:
    counts = (1, 4_999, 5_000, 9_999, 10_000, 12_499, 12_500, 300_000)
    cases = [Case("420100", "", DAY, (count,)) for count in counts]
    answers = five_answers(methodology, cases)
    rates = (0, 0, 400, 400, 784, 784, 200, 200)
    expected = [((c * r + 5) // 10, 0) for c, r in zip(counts, rates, strict=True)]
    assert all(each == expected for each in answers.values()), answers


def test_a_later_table_with_fewer_steps(methodology: Methodology) -> None:
    cases = [Case("420100", "", 20_200, (count,)) for count in (1, 6_999, 7_000, 12_500)]
    answers = five_answers(methodology, cases)
    expected = [(1, 0), (6_999, 0), (21_000, 0), (37_500, 0)]
    assert all(each == expected for each in answers.values()), answers
    assert compile_form(methodology).bits < 64


def test_an_unknown_table_gives_no_parameter(methodology: Methodology) -> None:
    answers = five_answers(methodology, [Case("420106", "", DAY, (9_000,))])
    assert all(each == [(0, 1)] for each in answers.values()), answers


def test_the_explanation_names_the_step_and_its_bounds(methodology: Methodology) -> None:
    told = explain(methodology, Case("420100", "", DAY, (11_000,)).as_record(methodology))
    assert told["tables"] == [
        {
            "symbol": "rate",
            "argument": "distance",
            "quantity": "11",
            "quantity_unit": "km",
            "step": 2,
            "from": "10",
            "below": "12.5",
            "value": "78.4",
            "unit": "gCO2e/km",
        }
    ]
    assert told["parameters"][0]["value"] == "0; ≥ 5: 40; ≥ 10: 78.4; ≥ 12.5: 20"
    assert told["steps"][0]["substituted"] == "11 km * rate(11 km)"
    low = explain(methodology, Case("420100", "", DAY, (1,)).as_record(methodology))["tables"][0]
    assert (low["step"], low["from"], low["below"], low["value"]) == (0, None, "5", "0")


BROKEN: dict[str, tuple[tuple[str, str], str]] = {
    "argument in another unit": (
        ("of: km", "of: kWh"),
        "the steps of rate are by kWh, but 'distance' is in km",
    ),
    "not called": (("rate(distance)", "rate"), "rate is a table of steps; write rate(x)"),
    "called without being a table": (
        ("rate(distance)", "rate(distance(distance))"),
        "distance is no table of steps and cannot be called; tables are: rate",
    ),
    "called with two": (("rate(distance)", "rate(distance, 1)"), "is not allowed"),
    "unknown table": (("rate(distance)", "rates(distance)"), "did you mean 'rate'?"),
    "not in order": (("{from: 10,", "{from: 4,"), "put them in order"),
    "two of one start": (("{from: 10,", "{from: 5,"), "put them in order"),
    "a value besides": (("below: 0,", "below: 0, value: 1,"), "write below and steps"),
    "nothing below": (("below: 0, ", ""), "write below and steps, or value: unknown"),
    "no step": (("[{from: 7, value: 3}]", "[]"), "1 to 40 steps"),
    "unknown with evidence": (("unknown, source: test, evidence: unknown", "unknown, source: test, "
                               "evidence: template"), "go together"),
    "steps without a quantity": (("    of: km\n", ""), "unknown key 'below'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_each_mistake_names_the_fix(case: str) -> None:
    (old, new), words = BROKEN[case]
    assert old in STEPPED
    found = mistakes(STEPPED.replace(old, new, 1) if old != "rate(distance)" else
                     STEPPED.replace(old, new))  # fmt: skip
    assert any(words in each for each in found), found
