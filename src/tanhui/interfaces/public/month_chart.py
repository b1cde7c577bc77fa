"""Geometry of the months: bars as wide as their number allows, on an axis with round values.

Whole milligrams in, SVG rectangles and exact texts out. The drawing is stretched to its place, so
the words stand beside it, not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tanhui.engine.rendering import number_text

from .charts import BAR, HEIGHT, SLOT

MONTHS_SHOWN = 36
SLOTS_MIN = 3  # one month alone is neither a wall nor a thread
LABELS_MAX = 6
UNITS = ((10**9, "t CO₂e"), (10**6, "kg CO₂e"), (10**3, "g CO₂e"))


@dataclass(frozen=True)
class MonthBar:
    """One month."""

    month: str
    events: int
    mg: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class MonthChart:
    """The last MONTHS_SHOWN months; `scale` from top to zero, in `unit`.

    `labels` has one text for each slot, empty where there is no room for a month's name.
    """

    bars: tuple[MonthBar, ...]
    labels: tuple[str, ...]
    scale: tuple[str, str, str]
    unit: str
    width: int


def month_chart(groups: Sequence[Mapping[str, object]]) -> MonthChart | None:
    """Bars by mass of the groups that are a month ({month, events, mg}); None without any.

    >>> month_chart([{"month": "2024-10", "events": 1, "mg": 3_400_000}]).scale
    ('5', '2.5', '0')
    """
    months = [group for group in groups if group["month"]][-MONTHS_SHOWN:]
    if not months:
        return None
    top = round_top(max(int(str(group["mg"])) for group in months))
    size, unit = next((each for each in UNITS if top >= each[0]), UNITS[-1])
    slots = max(len(months), SLOTS_MIN + (len(months) + 1) % 2)  # as many left as right
    first = (slots - len(months)) // 2
    every = -(-len(months) // LABELS_MAX)
    bars = []
    for at, group in enumerate(months):
        mg = int(str(group["mg"]))
        height = max(mg * HEIGHT // top, 1 if mg else 0)
        bars.append(
            MonthBar(
                month=str(group["month"]),
                events=int(str(group["events"])),
                mg=mg,
                x=(first + at) * SLOT + (SLOT - BAR) // 2,
                y=HEIGHT - height,
                height=height,
            )
        )
    labels = [bar.month if at % every == 0 else "" for at, bar in enumerate(bars)]
    around = [""] * first
    texts = (number_text(Fraction(top, size)), number_text(Fraction(top, 2 * size)), "0")
    return MonthChart(tuple(bars), (*around, *labels, *around), texts, unit, slots * SLOT)


def round_top(mg: int) -> int:
    """The least of 1, 2 and 5 times a power of ten that is not below `mg`, at least a gram.

    >>> round_top(3_400_000), round_top(0), round_top(10_000)
    (5000000, 1000, 10000)
    """
    power = 1_000
    while True:
        for step in (1, 2, 5):
            if step * power >= mg:
                return step * power
        power *= 10
