"""Geometry of the charts: whole numbers in, SVG rectangles out; the template only prints them.

Widths and heights are SVG attributes, not styles, so the content policy needs no inline style.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tanhui.core.region import Region

from .words import STATUSES, UNIT_STATES, Text, Word, status_word

CHART_DAYS = 30
SLOT = 20  # width of a day, of which
BAR = 12
HEIGHT = 100
VALUE_SLOT = 84  # width of a value of a parameter, of which
VALUE_BAR = 44
VALUE_HEIGHT = 90
STRIP = 1_000  # width of a stacked bar
SLIVER = 4  # a part with a row in it is never invisible


@dataclass(frozen=True)
class DayBar:
    """One day of the bar chart."""

    day: date
    mg: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class DayChart:
    """Thirty calendar days up to the last active one."""

    bars: tuple[DayBar, ...]
    mg_max: int
    mg_total: int
    width: int = CHART_DAYS * SLOT

    @property
    def first(self) -> date:
        """The day on the left."""
        return self.bars[0].day

    @property
    def last(self) -> date:
        """The day on the right."""
        return self.bars[-1].day


@dataclass(frozen=True)
class Part:
    """One part of a stacked bar: a status and its rows or units."""

    status: str
    name: Text
    meaning: Text
    rows: int
    share: str
    x: int
    width: int


def day_chart(days: Sequence[Mapping[str, object]]) -> DayChart | None:
    """Bars for `days` ({day, mg}); None when there is no day to show."""
    if not days:
        return None
    mg_of = {date.fromisoformat(str(one["day"])): int(str(one["mg"])) for one in days}
    last = max(mg_of)
    shown = [last - timedelta(days=back) for back in reversed(range(CHART_DAYS))]
    mg_max = max(1, *(mg_of.get(day, 0) for day in shown))
    bars = []
    for slot, day in enumerate(shown):
        mg = max(0, mg_of.get(day, 0))
        height = max(mg * HEIGHT // mg_max, 1 if mg else 0)
        bars.append(DayBar(day, mg, slot * SLOT + (SLOT - BAR) // 2, HEIGHT - height, height))
    return DayChart(tuple(bars), mg_max, sum(bar.mg for bar in bars))


@dataclass(frozen=True)
class ValueBar:
    """One value of a parameter and the days it holds."""

    first: str
    end: str | None
    value: str
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class ValueChart:
    """The values of one place, one bar each in order of time, from zero."""

    region: str
    bars: tuple[ValueBar, ...]
    width: int


def value_chart(values: Sequence[Mapping[str, object]], home: str) -> ValueChart | None:
    """How a parameter moved at `home`, or in the nearest place above it that has values.

    None where it stood still or no such place has values; only known values of no class, all at
    least zero.
    """
    places: dict[str, list[Mapping[str, object]]] = {}
    for one in values:
        if one["value"] is not None and one["class"] is None and "…" not in str(one["value"]):
            places.setdefault(str(one["region"]), []).append(one)
    region = next((each for each in Region(home).lineage() if each in places), None)
    if region is None:
        return None
    own = places[region]
    amounts = [Fraction(str(one["value"])) for one in own]
    if len(set(amounts)) < 2 or min(amounts) < 0:
        return None
    own = sorted(own, key=lambda one: str(one["valid_from"]))
    top = max(amounts)
    bars = []
    for slot, one in enumerate(own):
        height = max(1, int(Fraction(str(one["value"])) * VALUE_HEIGHT / top))
        end = None if one["valid_to"] is None else str(one["valid_to"])
        bars.append(
            ValueBar(
                str(one["valid_from"]),
                end,
                str(one["value"]),
                slot * VALUE_SLOT + (VALUE_SLOT - VALUE_BAR) // 2,
                VALUE_HEIGHT - height,
                height,
            )
        )
    return ValueChart(region, tuple(bars), len(bars) * VALUE_SLOT)


def shares(amounts: Sequence[int]) -> list[str]:
    """Per cent with one decimal that add up to exactly 100.0 (largest remainder).

    >>> shares([1, 1, 1])
    ['33.4', '33.3', '33.3']
    >>> shares([0, 0])
    ['0.0', '0.0']
    """
    total = sum(amounts)
    if total <= 0:
        return ["0.0"] * len(amounts)
    exact = [divmod(max(0, amount) * 1_000, total) for amount in amounts]
    left = 1_000 - sum(whole for whole, _ in exact)
    by_rest = sorted(range(len(amounts)), key=lambda place: -exact[place][1])
    extra = set(by_rest[: max(0, left)])
    tenths = [whole + (place in extra) for place, (whole, _) in enumerate(exact)]
    return [f"{tenth // 10}.{tenth % 10}" for tenth in tenths]


def status_parts(counts: Mapping[str, int]) -> tuple[Part, ...]:
    """The parts of a receipt's bar in fixed order; widths add up to `STRIP`."""
    return _parts(counts, STATUSES, status_word)


def unit_parts(counts: Mapping[str, int]) -> tuple[Part, ...]:
    """The parts of an account's bar, by state of its units; as `status_parts`."""
    return _parts(counts, UNIT_STATES, lambda state: Word(UNIT_STATES.get(state, state), ""))


def _parts(
    counts: Mapping[str, int], listed: Mapping[str, object], word_of: Callable[[str], Word]
) -> tuple[Part, ...]:
    known = [status for status in listed if counts.get(status)]
    other = sorted(status for status in counts if status not in listed and counts[status])
    order = known + other
    rows = [counts[status] for status in order]
    total = sum(rows)
    slivers = [max(SLIVER, count * STRIP // total) for count in rows]
    if slivers:  # the widest part gives what the slivers take
        slivers[slivers.index(max(slivers))] += STRIP - sum(slivers)
    parts, x = [], 0
    for status, count, share, width in zip(order, rows, shares(rows), slivers, strict=True):
        word = word_of(status)
        parts.append(Part(status, word.name, word.meaning, count, share, x, width))
        x += width
    return tuple(parts)
