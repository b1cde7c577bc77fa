"""Units: exact factors, carbon apart from other masses, and messages that name the known units."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tanhui.engine.problems import Mistake
from tanhui.engine.units import (
    CARBON_MASS,
    NUMBER,
    UNIT_NAMES,
    multiply,
    named_unit,
    parse_unit,
    shown_unit,
)


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("1", Fraction(1)),
        ("percent", Fraction(1, 100)),
        ("kWh", Fraction(1_000)),
        ("MJ", Fraction(2_500, 9)),
        ("gCO2e/km", Fraction(1)),
        ("kgCO2e/kWh", Fraction(1_000)),
        ("tCO2e/MWh", Fraction(1_000)),
        ("kWh/(person*day)", Fraction(1_000, 86_400)),
        ("L/(100*km)", Fraction(1, 100)),
        ("m**2", Fraction(1)),
    ],
)
def test_factors_are_exact(text: str, factor: Fraction) -> None:
    assert parse_unit(text).factor == factor


def test_three_point_six_megajoules_are_one_kilowatt_hour() -> None:
    assert parse_unit("MJ").factor * Fraction(18, 5) == parse_unit("kWh").factor


def test_carbon_is_no_other_mass() -> None:
    assert parse_unit("kgCO2e").dimension == CARBON_MASS != parse_unit("kg").dimension


def test_a_quotient_of_like_units_is_a_number() -> None:
    unit = parse_unit("km/m")
    assert (unit.dimension, unit.factor) == (NUMBER, 1_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "km km",
        "km+m",
        "km**9",
        "km**x",
        "-km",
        "2.5*km",
        "km()",
        "'km'",
        "0*km",
        "k" * 99,
        "/km",
    ],
)
def test_what_is_no_unit_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Mistake, match=r"gCO2e/km|known units"):
        parse_unit(text)


def test_the_known_units_are_named() -> None:
    with pytest.raises(Mistake, match="did you mean 'kWh'"):
        parse_unit("KWH")
    with pytest.raises(Mistake, match="known units: mgCO2e, gCO2e"):
        parse_unit("furlong")


def test_dimensions_multiply_and_cancel() -> None:
    speed = multiply((("length", 1),), (("time", 1),), sign=-1)
    assert multiply(speed, (("time", 1),)) == (("length", 1),)


def test_every_unit_shows_as_a_unit_that_reads_back() -> None:
    for name in UNIT_NAMES:
        _, dimension = named_unit(name)
        shown = shown_unit(dimension)
        again = parse_unit(shown.text)
        assert (again.factor, again.dimension) == (shown.factor, dimension)
    shown = shown_unit(multiply(CARBON_MASS, (("person", 1), ("time", 1)), sign=-1))
    assert shown.text == "gCO2e/(person*h)"
    assert parse_unit(shown.text).factor == shown.factor
