"""Slips of typing are told by what was typed, and what is right is left alone."""

from __future__ import annotations

import pytest

from tanhui.core.errors import LibraryBroken
from tanhui.engine.problems import Problems, Unreadable
from tanhui.engine.typing_slips import slip_of_amount, slip_of_formula, slip_of_number
from tanhui.engine.yamlfile import read_yaml


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("７８．４", "write 78.4"),
        ("78,4", "write 78.4"),
        ("1,234,567", "write 1234567"),
        ("1,234.5", "write 1234.5"),
        ("60 g", "write 60 here"),
        ("－５", "write -5"),
    ],
)
def test_a_number_mistyped_is_told_as_it_should_be(text: str, told: str) -> None:
    slip = slip_of_number(text)
    assert slip is not None
    assert told in slip.en


@pytest.mark.parametrize("text", ["1e3", "5%", "many", "", ".5", "1_000"])
def test_what_is_no_slip_is_left_to_the_reader(text: str) -> None:
    assert slip_of_number(text) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("distance × rate", "write distance * rate"),
        ("distance ÷ 2", "write distance / 2"),
        ("0.5 km <= distance", "write 0.5*km <= distance"),
        ("distance ≥ ０．５ km", "write distance >= 0.5*km"),
        ("min（a， b）", "write min(a, b)"),
    ],
)
def test_a_formula_mistyped_is_told_as_it_should_be(text: str, told: str) -> None:
    slip = slip_of_formula(text)
    assert slip is not None
    assert told in slip.en


def test_a_formula_broken_otherwise_is_left_to_the_reader() -> None:
    assert slip_of_formula("min(a, b") is None
    assert slip_of_formula("a + * b") is None


def test_an_amount_needs_its_space() -> None:
    assert slip_of_amount("1.2 kgCO2e") is None
    slip = slip_of_amount("１．２kgCO2e")
    assert slip is not None
    assert "write 1.2 kgCO2e" in slip.en


@pytest.mark.parametrize(
    "text",
    [
        "a: b: c",
        "a：b\nc: 1",
        "a: {b: 1",
        "a: [1",
        'a: "x',
        "\ta: 1",
        "a: @x",
        'a: "\\q"',
        "- a\nb: 1",
    ],
)
def test_the_parsers_own_english_is_never_shown(text: str) -> None:
    problems = Problems()
    with pytest.raises(Unreadable):
        read_yaml(text.encode(), file="x.yaml", problems=problems)
    with pytest.raises(LibraryBroken) as caught:
        problems.refuse()
    (told,) = problems.found
    for words in ("mapping values", "expected", "token", "stream"):
        assert words not in told.zh
        assert words not in told.en
    assert "；" in told.zh
    assert "x.yaml:" in str(caught.value)
