"""Rows for the executor suite: every methodology of the library, and random ones.

For each: random counts, the edges of every field, and, wherever a parameter cell makes them
possible, counts whose exact result is half a milligram. Nothing here depends on a clock or a seed
from outside: the same library gives the same rows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import islice, product
from math import gcd, lcm

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.engine.methodology_texts import load, spoiled
from tests.engine.random_methodologies import methodology_texts
from tests.tidy.source import PROJECT

from tanhui.core.period import day_number
from tanhui.engine.cells import index_cells
from tanhui.engine.integer import IntegerForm
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.library import Library
from tanhui.engine.methodology import CODE_NO_PARAMETER, Methodology
from tanhui.engine.reference import evaluate

from . import Case

ROWS = 118_000
RANDOM_METHODOLOGIES = 60
CELLS_MAX = 12
EDGES_MAX = 60
HALVES_PER_CELL = 6
ROWS_WITHOUT_VALUES = 50

Places = tuple[list[tuple[str, str, int]], list[tuple[str, str, int]]]
"""(region, class, day): with a value for every parameter, and without."""


@dataclass(frozen=True)
class Drawn:
    """A methodology with its form and rows."""

    methodology: Methodology
    form: IntegerForm
    cases: list[Case]


def drawn_rows() -> list[Drawn]:
    """At least ROWS rows; a methodology whose values are all unknown gets a few."""
    library = Library.load(PROJECT / "library")
    methods = [
        *library.methodologies,
        *half_methodologies(),
        *random_methodologies(RANDOM_METHODOLOGIES),
    ]
    places = [_places(method, random.Random(seed)) for seed, method in enumerate(methods)]
    filled = sum(bool(known) for known, _ in places)
    each = -(-(ROWS - ROWS_WITHOUT_VALUES * (len(methods) - filled)) // filled)
    return [
        Drawn(
            method,
            compile_form(method),
            list(islice(cases(method, where), each if where[0] else ROWS_WITHOUT_VALUES)),
        )
        for method, where in zip(methods, places, strict=True)
    ]


def cells_of(each: Drawn) -> list[int]:
    """The cell of every row, -1 where none is."""
    return [each.form.cell_of(case.region, case.class_, case.day) for case in each.cases]


def half_methodologies() -> list[Methodology]:
    """Every odd count gives an exact half, rounded away from zero and down."""
    return [
        load(
            spoiled(
                ("value: 78.4", f"value: {rate}"),
                ("mg: 784000", f"mg: {int(Fraction(rate) * 10_000)}"),
                ("round: half_away", f"round: {rounding}"),
            )
        )
        for rate in ("0.5", "78.5", "4095.5")
        for rounding in ("half_away", "down")
    ]


def random_methodologies(wanted: int) -> list[Methodology]:
    """The first `wanted` that hypothesis draws and whose bounds can be proven."""
    from tests.engine.test_agreement import load_if_provable

    found: list[Methodology] = []

    @settings(
        max_examples=wanted,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def draw(data: st.DataObject) -> None:
        found.append(load_if_provable(data.draw(methodology_texts())))

    draw()
    assert len(found) >= wanted
    return found[:wanted]


def cases(method: Methodology, where: Places) -> Iterator[Case]:
    """Without end: edges and halves first, then random rows; one in twenty has no parameter."""
    dice = random.Random(method.code)
    filled, empty = where
    edges = [_edges(each.min_count, each.max_count) for each in method.fields]
    for counts in islice(product(*edges), EDGES_MAX):
        yield Case(*dice.choice(filled or empty), counts)
    for place in filled:
        yield from _halves(method, place)
    while True:
        place = dice.choice(empty if not filled or dice.random() < 0.05 else filled)
        counts = tuple(
            dice.choice(near) if dice.random() < 0.1 else dice.randint(near[0], near[-1])
            for near in edges
        )
        yield Case(*place, counts)


def _places(method: Methodology, dice: random.Random) -> Places:
    """Places in some cells whose values are known, and places without any value."""
    middle = tuple((each.min_count + each.max_count) // 2 for each in method.fields)
    cells = list(index_cells(method).cells)
    dice.shuffle(cells)
    found: Places = ([], [("100000", "none of them", day_number(date(1999, 1, 1)))])
    for cell in cells[:CELLS_MAX]:
        for day in sorted({cell.first_day, (cell.end_day or cell.first_day + 400) - 1}):
            place = (cell.region, cell.class_, day)
            outcome = evaluate(method, Case(*place, middle).as_record(method))
            found[outcome.code == CODE_NO_PARAMETER].append(place)
    return found


def _edges(low: int, high: int) -> list[int]:
    """The bounds, their neighbours and those of zero, in order."""
    near = {low, low + 1, -1, 0, 1, high - 1, high}
    return sorted(count for count in near if low <= count <= high)


def _halves(method: Methodology, place: tuple[str, str, int]) -> Iterator[Case]:
    """Counts of each field that give exact halves, the others at a middle value.

    Where the result grows by p/q mg a count, q even, odd multiples of q/2 counts are halves.
    """
    middle = [(each.min_count + each.max_count) // 2 for each in method.fields]
    for slot, each in enumerate(method.fields):
        at = [tuple(_with(middle, slot, middle[slot] + step)) for step in (0, 1)]
        if not each.min_count <= at[1][slot] <= each.max_count:
            continue
        exact = [_exact(method, Case(*place, counts)) for counts in at]
        if exact[0] is None or exact[1] is None:
            continue
        for count in _counts_of_halves(exact[0], exact[1] - exact[0], middle[slot]):
            if each.min_count <= count <= each.max_count:
                yield Case(*place, tuple(_with(middle, slot, count)))


def _counts_of_halves(value: Fraction, growth: Fraction, at: int) -> list[int]:
    """Counts around `at`, where the result is `value`, at which it would be half a milligram.

    With both as whole numbers over 2n: value + growth * d = n (mod 2n), solved for d.
    """
    modulus = 2 * lcm(value.denominator, growth.denominator)
    steps = int(growth * modulus) % modulus
    wanted = int((Fraction(1, 2) - value) * modulus) % modulus
    common = gcd(steps, modulus)
    if not steps or wanted % common:
        return []
    period = modulus // common
    first = wanted // common * pow(steps // common, -1, period) % period
    return [at + first + period * turn for turn in range(-HALVES_PER_CELL, HALVES_PER_CELL)]


def _with(counts: Sequence[int], slot: int, count: int) -> list[int]:
    return [count if at == slot else each for at, each in enumerate(counts)]


def _exact(method: Methodology, case: Case) -> Fraction | None:
    return evaluate(method, case.as_record(method)).exact
