"""Decimal text to a whole count of a field's step, by digits alone; nothing is rounded.

`12.340` km with a step of 1/1000 km is 12340 steps; `12.3401` is refused because it is finer than
the step. Only `-?digits(.digits)?` is a number here: no exponent, sign `+`, underscore, NaN,
infinity or full-width digit, which decimal casts elsewhere silently take.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from .limits import QUANTITY_CHARS_MAX
from .validate_bytes import Bytes, TextBytes
from .validate_verdicts import Places, Verdicts

_PLAIN_CHARS_MAX = 18
"""Longest text read by whole columns: 18 digits fit 64 bits."""

_EXACT = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_SCALES = _PLAIN_CHARS_MAX

EMPTY, PLAIN, OTHER = 0, 1, 2


class StepField(Protocol):
    """What counting needs of a methodology's field: its step and its ends, in steps."""

    @property
    def step(self) -> Fraction:
        """In the field's unit."""
        ...

    @property
    def min_count(self) -> int:
        """Smallest value, in steps."""
        ...

    @property
    def max_count(self) -> int:
        """Largest value, in steps."""
        ...


def read_quantity(text: str, field: StepField) -> tuple[int, str | None]:
    """Steps of one text, or 0 and what is wrong with it (last word of the reason code).

    >>> from types import SimpleNamespace
    >>> km = SimpleNamespace(step=Fraction(1, 1000), min_count=0, max_count=300_000)
    >>> read_quantity("6.825", km), read_quantity("1e3", km), read_quantity("0.0001", km)
    ((6825, None), (0, 'not_a_number'), (0, 'finer_than_step'))
    """
    if not text:
        return 0, "missing"
    if len(text) > QUANTITY_CHARS_MAX:
        return 0, "too_long"
    if not _EXACT.fullmatch(text):
        return 0, "not_a_number"
    steps = Fraction(text) / field.step
    if steps < field.min_count:
        return 0, "below_min"
    if steps > field.max_count:
        return 0, "above_max"
    if steps.denominator != 1:
        return 0, "finer_than_step"
    return steps.numerator, None


@dataclass(frozen=True)
class DecimalColumn:
    """A column read as digits: value = mantissa / 10**scale where state is PLAIN.

    The same column may serve several methodologies with other steps, so it is read once.
    """

    name: str
    texts: pl.Series
    mantissa: npt.NDArray[np.int64]
    scale: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]


def read_decimals(texts: pl.Series) -> DecimalColumn:
    """Digits of a text column; null and empty are EMPTY, unusual texts are OTHER.

    >>> column = read_decimals(pl.Series("distance_km", ["6.825", None, "1e3"]))
    >>> column.mantissa.tolist(), column.scale.tolist(), column.state.tolist()
    ([6825, 0, 0], [3, 0, 0], [1, 0, 2])
    """
    raw = TextBytes.of(texts)
    mantissa = np.zeros(len(texts), dtype=np.int64)
    scale = np.zeros(len(texts), dtype=np.uint8)
    state = np.where(raw.lengths > 0, np.uint8(OTHER), np.uint8(EMPTY))
    for length, rows in raw.rows_by_length(_PLAIN_CHARS_MAX).items():
        values, scales, plain = _read_digits(raw.columns(rows, length))
        places = slice(None) if rows is None else rows
        mantissa[places] = values * plain
        scale[places] = scales * plain
        state[places] = np.where(plain, np.uint8(PLAIN), np.uint8(OTHER))
    return DecimalColumn(texts.name, texts, mantissa, scale, state)


def _read_digits(
    places: Bytes,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Mantissa, digits behind the point, and whether `digits(.digits)?`, of texts of one length.

    `places` is [length, rows].
    """
    length, rows = places.shape
    mantissa = np.zeros(rows, dtype=np.int64)
    scale = np.zeros(rows, dtype=np.uint8)
    points = np.zeros(rows, dtype=np.uint8)
    plain = np.ones(rows, dtype=bool)
    for place in range(length):
        digit = places[place] - np.uint8(ord("0"))  # wraps: a byte below '0' becomes large
        is_digit = digit <= 9
        if is_digit.all():
            mantissa *= 10
            mantissa += digit
            continue
        is_point = places[place] == ord(".")
        plain &= is_digit if place in (0, length - 1) else is_digit | is_point
        points += is_point
        scale += is_point * np.uint8(length - 1 - place)
        mantissa = np.where(is_digit, mantissa * 10 + digit, mantissa)
    return mantissa, scale, plain & (points <= 1)


def count_steps(
    column: DecimalColumn, field: StepField, places: Places, verdicts: Verdicts
) -> npt.NDArray[np.int64]:
    """Whole steps of `field` at these places, 0 where `verdicts` now holds a reason."""
    state = column.state[places]
    verdicts.refuse_at(places[state == EMPTY], f"quantity.{column.name}.missing")
    steps = np.zeros(len(places), dtype=np.int64)
    plain = state == PLAIN
    scales = np.where(plain, column.scale[places], _SCALES)
    for scale in np.flatnonzero(np.bincount(scales, minlength=_SCALES + 1)[:_SCALES]).tolist():
        chosen = np.flatnonzero(scales == scale)
        steps[chosen] = _scaled(column, field, places[chosen], (scale, verdicts))
    for place in np.flatnonzero(state == OTHER).tolist():
        row = int(places[place])
        steps[place], problem = read_quantity(column.texts[row], field)
        if problem is not None:
            verdicts.refuse_each([row], [f"quantity.{column.name}.{problem}"])
    return steps


def _scaled(
    column: DecimalColumn, field: StepField, places: Places, judge: tuple[int, Verdicts]
) -> npt.NDArray[np.int64]:
    """Steps of plain numbers with `scale` digits behind the point."""
    scale, verdicts = judge
    ratio = 1 / (10**scale * field.step)  # steps per unit of the mantissa
    mantissa = column.mantissa[places]
    largest = field.max_count * ratio.denominator // ratio.numerator
    smallest = -(-field.min_count * ratio.denominator // ratio.numerator)
    above, below = mantissa > largest, mantissa < smallest
    verdicts.refuse_at(places[above], f"quantity.{column.name}.above_max")
    verdicts.refuse_at(places[below], f"quantity.{column.name}.below_min")
    inside = np.where(above | below, 0, mantissa)
    if ratio.denominator != 1:
        inside, rest = np.divmod(inside, ratio.denominator)
        finer = rest != 0
        verdicts.refuse_at(places[finer], f"quantity.{column.name}.finer_than_step")
        inside[finer] = 0
    steps: npt.NDArray[np.int64] = inside * ratio.numerator
    return steps
