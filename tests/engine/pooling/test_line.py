"""The line of milligrams: exact discounts, whole units, nothing lost, over random histories."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tanhui.engine.pooling.line import cut_line, discounted, inside, parts_of, sum_of

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]  # a busy machine is no failure
amounts = st.lists(st.integers(0, 10**12), max_size=40)
ratios = st.builds(
    lambda part, whole: Fraction(min(part, whole), whole),
    st.integers(0, 10**6),
    st.integers(1, 10**6),
)


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(amounts, ratios)
def test_a_discount_is_exact(mg: list[int], kept: Fraction) -> None:
    rows = np.array(mg, dtype=np.int64)
    left = discounted(rows, kept)
    assert int(left.sum()) == sum(mg) * kept.numerator // kept.denominator
    for before, after in zip(mg, left.tolist(), strict=True):
        exact = before * kept
        assert 0 <= after <= before
        assert exact - 1 < after < exact + 1


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(amounts, ratios)
def test_the_largest_remainders_give_up_least(mg: list[int], kept: Fraction) -> None:
    left = discounted(np.array(mg, dtype=np.int64), kept).tolist()
    over = [
        Fraction(one) * kept % 1 for one, after in zip(mg, left, strict=True) if after > one * kept
    ]
    under = [
        Fraction(one) * kept % 1 for one, after in zip(mg, left, strict=True) if after < one * kept
    ]
    assert not over or not under or min(over) >= max(under)


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(st.integers(0, 10**15), st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_cut_loses_nothing(total: int, owed: int, unit_mg: int) -> None:
    cut = cut_line(total, owed=owed, unit_mg=unit_mg)
    assert total == cut.made_good + cut.units * unit_mg + cut.carried
    assert owed == cut.made_good + cut.owed
    assert 0 <= cut.carried < unit_mg
    assert not (cut.owed and (cut.units or cut.carried))


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=30), st.integers(1, 500))
def test_the_units_hold_what_the_rows_give(mg: list[int], unit_mg: int) -> None:
    ends = np.cumsum(np.array(mg, dtype=np.int64))
    cut = cut_line(int(ends[-1]), owed=7, unit_mg=unit_mg)
    filled = [
        int(inside(ends, cut.first_of(unit), cut.first_of(unit) + unit_mg).sum())
        for unit in range(cut.units)
    ]
    assert filled == [unit_mg] * cut.units
    assert [cut.unit_at(cut.first_of(unit)) for unit in range(cut.units)] == [*range(cut.units)]
    assert cut.unit_at(cut.spent) is None


rows_of_three = st.lists(
    st.tuples(*[st.integers(0, 10**12)] * 3, st.integers(0, 100)), min_size=1, max_size=20
)


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(rows_of_three)
def test_three_holders_give_no_more_than_was_theirs(rows: list[tuple[int, int, int, int]]) -> None:
    shares = tuple(np.array([row[who] for row in rows], dtype=np.int64) for who in range(3))
    whole = shares[0] + shares[1] + shares[2]
    used = np.array(
        [int(total) * row[3] // 100 for total, row in zip(whole, rows, strict=True)], dtype=np.int64
    )
    parts = parts_of(used, (shares[0], shares[1], shares[2]))
    assert (parts[0] + parts[1] + parts[2] == used).all()
    for part, share in zip(parts, shares, strict=True):
        assert ((part >= 0) & (part <= share)).all()


def test_a_line_that_cannot_be_added_up_is_refused() -> None:
    with pytest.raises(OverflowError):
        sum_of(np.array([2**62, 2**62], dtype=np.int64))
