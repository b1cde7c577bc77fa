"""Whole units over any history of periods: nothing is lost, nothing comes from nowhere."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tanhui.engine.project.issuing import units_owed, whole_units, yield_of
from tanhui.engine.project.results import Vintage, made_good

UNIT = 1_000
AMOUNTS = st.integers(-3_000, 5_000)
LOSSES = st.integers(-3_000, 0)


def rows(first: int, amounts: list[tuple[int, int, int]]) -> list[dict[str, Any]]:
    """The rows of a report, as `report` writes them."""
    vintages = [
        Vintage(first + at, {"issuable": issuable, "buffer": buffer, "reversal": reversal}, {})
        for at, (issuable, buffer, reversal) in enumerate(amounts)
    ]
    return [
        {"year": each.year, **{f"{what}_mg": mg for what, mg in each.mg.items()}}
        | {"carried_mg": carried}
        for each, carried in zip(vintages, made_good(vintages), strict=True)
    ]


def test_a_period_that_loses_leaves_the_loss() -> None:
    found = yield_of(rows(2024, [(2_500, 0, 0), (0, 0, -3_000)]))
    assert (found.left, found.loss_mg) == (((2024, 0), (2025, 0)), 500)


@settings(max_examples=1_000)
@given(
    st.lists(
        st.lists(st.tuples(AMOUNTS, st.integers(0, 900), LOSSES), min_size=1, max_size=4),
        max_size=8,
    )
)
def test_units_and_remainder_are_what_the_periods_netted(
    periods: list[list[tuple[int, int, int]]],
) -> None:
    issued = cancelled = carried = netted = kept = buffer_carried = buffered = 0
    year = 2020
    for amounts in periods:
        found = yield_of(rows(year, amounts))
        netted += sum(issuable + reversal for issuable, _, reversal in amounts)
        buffered += sum(buffer for _, buffer, _ in amounts)
        if found.loss_mg:
            owed, carried = units_owed(found.loss_mg, carried_mg=carried, unit_mg=UNIT)
            cancelled += owed
        else:
            made, carried = whole_units(found.left, carried_mg=carried, unit_mg=UNIT)
            issued += sum(units for _, units in made)
            assert {each for each, _ in made} <= set(range(year, year + len(amounts)))
        made, buffer_carried = whole_units(found.buffer, carried_mg=buffer_carried, unit_mg=UNIT)
        kept += sum(units for _, units in made)
        assert 0 <= carried < UNIT
        assert netted == UNIT * (issued - cancelled) + carried
        assert buffered == UNIT * kept + buffer_carried
        year += len(amounts)
