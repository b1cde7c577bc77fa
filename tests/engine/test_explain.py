"""Explanations: every number of law with its source, every step with units, ready for JSON."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

import pytest

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number
from tanhui.engine.explain import explain
from tanhui.engine.record import Record, counts_of
from tanhui.engine.reference import evaluate

from .methodology_texts import GOOD, load, spoiled

DAY = day_number(date(2024, 10, 1))


def a_record(distance: str = "6.825", *, region: str = "420100", day: int = DAY) -> Record:
    return Record(region, "", day, {"distance": Fraction(distance)})


def test_a_quantified_record_shows_every_step() -> None:
    found = explain(load(GOOD), a_record())
    assert json.loads(json.dumps(found)) == found
    assert (found["mg"], found["code"], found["cell"]) == (535_080, 0, 0)
    assert found["inputs"] == [
        {
            "symbol": "distance",
            "name_zh": "里程",
            "name_en": "distance",
            "value": "6.825",
            "unit": "km",
        }
    ]
    assert found["formula"] == [{"symbol": "reduction", "expression": "distance * rate"}]
    assert found["applies"] == [
        {"clause": "distance > 0", "holds": True, "substituted": "6.825 km > 0"}
    ]
    assert found["steps"] == [
        {
            "symbol": "reduction",
            "expression": "distance * rate",
            "substituted": "6.825 km * 78.4 gCO2e/km",
            "value": "535.08",
            "unit": "gCO2e",
        }
    ]
    assert found["rounding"]["exact"] == "535080"
    parameter = found["parameters"][0]
    assert (parameter["value"], parameter["unit"], parameter["evidence"]) == (
        "78.4",
        "gCO2e/km",
        "template",
    )
    assert (parameter["region"], parameter["valid_from"]) == ("420100", "2024-01-01")


def test_a_failing_clause_is_named() -> None:
    found = explain(load(GOOD), a_record("0"))
    assert (found["mg"], found["code"], found["clause"]) == (0, 2, "distance > 0")
    assert found["applies"][0]["holds"] is False


def test_a_record_without_parameter_still_shows_law_and_input() -> None:
    found = explain(load(GOOD), a_record(region="110000"))
    assert (found["mg"], found["code"], found["steps"]) == (0, 1, [])
    assert found["parameters"][0]["evidence"] == "unknown"
    assert found["rounding"]["exact"] is None
    later = explain(load(GOOD), a_record(day=day_number(date(2031, 1, 1))))
    assert later["code"] == 1


def test_a_negative_result_says_so() -> None:
    text = spoiled(
        ("distance * rate", "distance * rate - 1*kgCO2e"),
        ("10}", "20}"),
        ("mg: 784000", "mg: 568000"),
    )
    found = explain(load(text), a_record("10"))
    assert (found["mg"], found["code"], found["rounding"]["exact"]) == (0, 255, "-216000")


def test_steps_of_steps_put_in_values_with_units() -> None:
    text = spoiled(
        (
            "reduction: distance * rate",
            "share: rate / (3*gCO2e/km)\n  reduction: distance * rate * min(share, 1)",
        ),
    )
    found = explain(load(text), a_record("10"))
    assert found["steps"][0]["value"] == "26.133333333333… (392/15)"
    assert found["steps"][1]["substituted"] == (
        "10 km * 78.4 gCO2e/km * min(26.133333333333… (392/15), 1)"
    )


@pytest.mark.parametrize(
    ("quantities", "code"),
    [
        ({}, "record.field.missing"),
        ({"distance": Fraction(1), "speed": Fraction(1)}, "record.field.unknown"),
        ({"distance": Fraction(1, 10_000)}, "record.quantity.finer_than_step"),
        ({"distance": Fraction(301)}, "record.quantity.out_of_bounds"),
        ({"distance": Fraction(-1)}, "record.quantity.out_of_bounds"),
    ],
)
def test_what_validation_would_stop_is_refused(quantities: dict[str, Fraction], code: str) -> None:
    with pytest.raises(InputRefused) as caught:
        evaluate(load(GOOD), Record("420100", "", DAY, quantities))
    assert caught.value.code == code


def test_counts_and_quantities_go_round() -> None:
    methodology = load(GOOD)
    record = Record.of_counts(methodology, (6_825,), region="420100", day=DAY)
    assert record.quantities == {"distance": Fraction("6.825")}
    assert counts_of(methodology, record) == (6_825,)
    assert evaluate(methodology, record).mg == 535_080
