"""Expressions: only our subset parses, literals stay exact, and text and tree go round."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tanhui.engine.expression import (
    Binary,
    Compare,
    Name,
    Number,
    conjuncts,
    names,
    parse_expression,
    parts,
)
from tanhui.engine.problems import Mistake
from tanhui.engine.rendering import number_text, render


def test_literals_never_pass_through_a_float() -> None:
    tree = parse_expression("0.1234567890123456789012345")
    assert tree == Number(
        Fraction(1234567890123456789012345, 10**25), "0.1234567890123456789012345"
    )


def test_a_literal_with_a_unit_is_a_product() -> None:
    tree = parse_expression("0.5*km <= d < 80*km")
    assert isinstance(tree, Compare)
    assert tree.first == Binary("*", Number(Fraction(1, 2), "0.5"), Name("km"))
    assert [op for op, _ in tree.rest] == ["<=", "<"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a = 1",
        "a; b",
        "f(a, b)",
        "min(a)",
        "max(*a)",
        "min(a, b, key=c)",
        "f(a)(b)",
        "a.b",
        "a[0]",
        "a ** 2",
        "a // 2",
        "a % 2",
        "a & b",
        "~a",
        "+a",
        "'a'",
        "None",
        "True",
        "1e3",
        "1_000",
        "0x10",
        "2j",
        ".5",
        "lambda: 1",
        "[a]",
        "a is b",
        "a in b",
        "(yield)",
        "x := 1",
        "f'{a}'",
        "__import__('os')",
        "(" * 60 + "a" + ")" * 60 + "+" + "-" * 60 + "a",
        "a+" * 1_500 + "a",
        "(" * 900 + "a" + ")" * 900,
        "a\x00b",
    ],
)
def test_what_is_not_in_the_subset_is_refused(text: str) -> None:
    with pytest.raises(Mistake):
        parse_expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "a + b - c",
        "a - (b - c)",
        "a / (b * c)",
        "a / b * c",
        "-(a + b) * -c",
        "min(a, b, max(c, 1))",
        "a < b and not (c or d > e)",
        "(a if b < c else d) + e",
        "a if b < c else d if e > f else g",
        "(a if b < c else d) if e > f else g",
        "a < b == c",
        "not a < b",
        "a and (b or c)",
    ],
)
def test_rendering_reads_back_as_the_same_tree(text: str) -> None:
    tree = parse_expression(text)
    assert parse_expression(render(tree)) == tree


def test_names_come_in_reading_order() -> None:
    tree = parse_expression("x if a < b and not c > d else min(-y, z)")
    assert list(names(tree)) == ["x", "a", "b", "c", "d", "y", "z"]
    assert len(parts(tree)) == 3


def test_conjuncts_are_the_top_level_conditions() -> None:
    tree = parse_expression("a > 1 and (b > 1 and c > 1) and (d > 1 or e > 1)")
    assert [render(part) for part in conjuncts(tree)] == [
        "a > 1",
        "b > 1",
        "c > 1",
        "d > 1 or e > 1",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(-5), "-5"),
        (Fraction(1, 8), "0.125"),
        (Fraction(1, 1_000), "0.001"),
        (Fraction(10), "10"),
        (Fraction(7, 250), "0.028"),
        (Fraction(2, 3), "0.666666666666… (2/3)"),
    ],
)
def test_numbers_show_exactly(value: Fraction, text: str) -> None:
    assert number_text(value) == text
