"""Units of expressions: agreement is required, a mix names both sides."""

from __future__ import annotations

import pytest

from tanhui.engine.dimensions import Kind, type_of, unit_text
from tanhui.engine.expression import parse_expression
from tanhui.engine.problems import Mistake
from tanhui.engine.units import CARBON_MASS, NUMBER, UNIT_NAMES, named_unit

KNOWN = {name: named_unit(name)[1] for name in UNIT_NAMES} | {
    "d": named_unit("km")[1],
    "e": named_unit("kWh")[1],
    "rate": (("CO2e", 1), ("length", -1)),
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("d * rate", CARBON_MASS),
        ("max(0, d * rate)", CARBON_MASS),
        ("d / (2*m)", NUMBER),
        ("d if d > 0 else 5*m", (("length", 1),)),
        ("-d", (("length", 1),)),
        ("0", Kind.ZERO),
        ("0 + 0", Kind.ZERO),
        ("0*km", (("length", 1),)),
        ("0 < d and not d > 3*km", Kind.CONDITION),
        ("1 + d/d", NUMBER),
    ],
)
def test_dimensions(text: str, found: object) -> None:
    assert type_of(parse_expression(text), KNOWN) == found


@pytest.mark.parametrize(
    ("text", "one", "two"),
    [
        ("d + e", "km", "kWh"),
        ("d * rate + d", "gCO2e", "km"),
        ("min(d, e)", "km", "kWh"),
        ("d < 3*kWh", "km", "kWh"),
        ("d < 3", "km", "a plain number"),
        ("1*kg + 1*kgCO2e", "kg", "gCO2e"),
        ("d if d > 0 else e", "km", "kWh"),
        ("0 < d < e", "km", "kWh"),
        ("d == 0*kWh", "km", "kWh"),
    ],
)
def test_a_mix_names_both_units(text: str, one: str, two: str) -> None:
    with pytest.raises(Mistake) as caught:
        type_of(parse_expression(text), KNOWN)
    assert f"is in {one}," in caught.value.en
    assert f"is in {two}," in caught.value.en
    assert one in caught.value.zh


@pytest.mark.parametrize(
    "text", ["(d > 0) + 1", "not d", "d > 0 and e", "-(d > 0)", "d if e else d", "(d>0) * rate"]
)
def test_conditions_and_quantities_do_not_mix(text: str) -> None:
    with pytest.raises(Mistake, match="condition"):
        type_of(parse_expression(text), KNOWN)


def test_a_condition_is_named_so() -> None:
    assert unit_text(Kind.CONDITION) == "a condition"
