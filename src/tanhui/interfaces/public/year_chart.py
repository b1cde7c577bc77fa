"""Geometry of the years: units issued and retired side by side, on an axis with round values.

Whole units in, SVG rectangles out; drawn like the months (`month_chart`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tanhui.books.unit_years import UnitYear

from .charts import HEIGHT

YEARS_SHOWN = 12
SLOT = 40  # width of a year, of which
BAR = 13  # is each of its two bars
SLOTS_MIN = 3
SCALE_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class YearBars:
    """One year: two bars that stand side by side in a slot."""

    year: int
    issued: int
    retired: int
    x: int
    issued_height: int
    retired_height: int

    @property
    def issued_y(self) -> int:
        """The top of the first bar."""
        return HEIGHT - self.issued_height

    @property
    def retired_y(self) -> int:
        """The top of the second bar."""
        return HEIGHT - self.retired_height

    @property
    def retired_x(self) -> int:
        """Where the second bar begins."""
        return self.x + BAR + 1


@dataclass(frozen=True)
class YearChart:
    """The last YEARS_SHOWN years; `scale` from top to zero, `labels` one text for each slot."""

    bars: tuple[YearBars, ...]
    labels: tuple[str, ...]
    scale: tuple[int, int]
    width: int


def year_chart(years: Sequence[UnitYear]) -> YearChart | None:
    """Bars of every year from the first to the last that has units; None without any.

    >>> year_chart([UnitYear(2024, 300, 20)]).scale
    (500, 0)
    """
    if not years:
        return None
    of_year = {one.year: one for one in years}
    last = max(of_year)
    first = max(min(of_year), last - YEARS_SHOWN + 1)
    shown = [of_year.get(year, UnitYear(year, 0, 0)) for year in range(first, last + 1)]
    top = round_top(max(max(one.issued, one.retired) for one in shown))
    around = max(SLOTS_MIN - len(shown), 0) // 2 + (len(shown) == SLOTS_MIN - 1)
    bars = tuple(
        YearBars(
            one.year,
            one.issued,
            one.retired,
            (around + at) * SLOT + (SLOT - 2 * BAR - 1) // 2,
            _height(one.issued, top),
            _height(one.retired, top),
        )
        for at, one in enumerate(shown)
    )
    empty = [""] * around
    labels = (*empty, *(str(one.year) for one in shown), *empty)
    return YearChart(bars, labels, (top, 0), len(labels) * SLOT)


def round_top(units: int) -> int:
    """The least of 1, 2 and 5 times a power of ten that is not below `units`.

    >>> round_top(300), round_top(0), round_top(1_000)
    (500, 1, 1000)
    """
    power = 1
    while True:
        for step in SCALE_STEPS:
            if step * power >= units:
                return step * power
        power *= 10


def _height(units: int, top: int) -> int:
    return max(units * HEIGHT // top, 1 if units else 0)
