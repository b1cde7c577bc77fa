"""Quantities: text to whole steps equals exact fractions, by column and alone."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.engine.batch.validate_quantity import count_steps, read_decimals, read_quantity
from tanhui.engine.batch.validate_verdicts import Verdicts


@dataclass(frozen=True)
class AField:
    step: Fraction = Fraction(1, 1000)
    min_count: int = 0
    max_count: int = 300_000


STEPS = st.sampled_from(
    [Fraction(1), Fraction(1, 1000), Fraction(1, 100), Fraction(1, 8), Fraction(1, 3), Fraction(5)]
)
FIELDS = st.builds(
    AField, STEPS, st.integers(-10_000, 10_000), st.integers(10_000, 9_000_000_000_000_000_000)
)
DECIMALS = st.tuples(st.integers(0, 10**12), st.integers(0, 12)).map(
    lambda pair: f"{pair[0]}.{'7' * pair[1]}" if pair[1] else str(pair[0])
)
TEXTS = st.one_of(
    DECIMALS,
    st.decimals(0, 10**6, places=3).map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.text(alphabet="0123456789.-+eE_ ,N", max_size=24),
)


def count_column(texts: list[str | None], field: AField) -> tuple[list[int], list[str]]:
    verdicts = Verdicts(len(texts))
    column = read_decimals(pl.Series("distance_km", texts, dtype=pl.String))
    steps = count_steps(column, field, np.arange(len(texts)), verdicts)
    return steps.tolist(), verdicts.reasons()


@given(st.lists(TEXTS, max_size=12), FIELDS)
def test_columns_and_single_texts_agree(texts: list[str], field: AField) -> None:
    singles = [read_quantity(text, field) for text in texts]
    steps, reasons = count_column(list(texts), field)
    assert steps == [value for value, _ in singles]
    assert reasons == [f"quantity.distance_km.{what}" if what else "" for _, what in singles]


@given(st.integers(0, 300_000))
def test_every_count_comes_back(count: int) -> None:
    text = f"{count // 1000}.{count % 1000:03d}"
    assert count_column([text, text + "000000"], AField()) == ([count, count], ["", ""])


@given(DECIMALS, FIELDS)
def test_an_accepted_value_is_exact(text: str, field: AField) -> None:
    steps, problem = read_quantity(text, field)
    if problem is None:
        assert steps * field.step == Fraction(text)
        assert field.min_count <= steps <= field.max_count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("-0", 0),
        ("000", 0),
        ("0007.500", 7_500),
        ("300", 300_000),
        ("300.000000000", 300_000),
    ],
)
def test_plain_spellings_are_taken(text: str, expected: int) -> None:
    assert count_column([text], AField()) == ([expected], [""])


def test_negative_values_are_taken_where_the_field_allows_them() -> None:
    field = AField(min_count=-5_000)
    assert count_column(["-5", "-5.001", "-0.5"], field) == (
        [-5_000, 0, -500],
        ["", "quantity.distance_km.below_min", ""],
    )


def test_the_same_column_serves_other_steps() -> None:
    column = read_decimals(pl.Series("distance_km", ["1.5", "2"], dtype=pl.String))
    for step, expected in ((Fraction(1, 2), [3, 4]), (Fraction(1, 1000), [1500, 2000])):
        verdicts = Verdicts(2)
        steps = count_steps(column, AField(step), np.arange(2), verdicts)
        assert steps.tolist() == expected
        assert verdicts.accepted().all()
