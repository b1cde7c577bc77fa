"""How things become digests: what overlaps collides, however it is written."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tanhui.core.errors import InputRefused
from tanhui.domain.claims import digests

SALT = bytes(range(32))
starts = st.integers(0, 2**33)
squares = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 40))


def test_the_worked_vector_of_the_documents() -> None:
    (text,) = digests.meter("3100-1234", "2024-10")
    found = digests.public_digest(text, salt=SALT).hex()
    assert found == "e140b0cd1588b129a9cab639395aecd289834b7708bc1547f47103218370e0d2"


@given(starts, st.integers(0, 4_000))
def test_rides_close_together_collide(start: int, later: int) -> None:
    one, other = digests.ride("a:1", "metro", start), digests.ride("a:1", "metro", start + later)
    shared = set(one) & set(other)
    if later < digests.RIDE_WINDOW_S // 2:
        assert shared
    if later >= digests.RIDE_WINDOW_S:
        assert not shared
    assert not set(one) & set(digests.ride("a:2", "metro", start))


def test_a_vehicle_collides_on_any_shared_day() -> None:
    month = digests.vehicle("鄂A·12345", date(2024, 10, 1), date(2024, 10, 31))
    day = digests.vehicle("鄂a12345", date(2024, 10, 8), date(2024, 10, 8))
    assert set(day) < set(month)
    assert not set(month) & set(digests.vehicle("鄂A12345", date(2024, 11, 1), date(2024, 11, 2)))


def square(x: int, y: int, size: int) -> list[tuple[str, str]]:
    """A square in tenths of a cell."""
    step = Fraction(1, 10 * digests.CELLS_PER_DEGREE)
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    return [(f"{float(a * step):.7f}", f"{float(b * step):.7f}") for a, b in corners]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(squares, squares)
def test_plots_that_overlap_share_a_cell(
    first: tuple[int, int, int], second: tuple[int, int, int]
) -> None:
    (x, y, size), (other_x, other_y, other_size) = first, second
    one, other = digests.cells_of(square(*first)), digests.cells_of(square(*second))
    overlap = (
        x < other_x + other_size
        and other_x < x + size
        and y < other_y + other_size
        and other_y < y + size
    )
    if overlap:
        assert one & other


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: digests.meter("", "2024-10"),
        lambda: digests.meter("1", "2024-13"),
        lambda: digests.ride("", "metro", 1),
        lambda: digests.ride("a\nb", "metro", 1),
        lambda: digests.vehicle("A1", date(2024, 2, 1), date(2024, 1, 1)),
        lambda: digests.plot([("0", "0"), ("1", "0")], ["2024"]),
        lambda: digests.plot([("0", "0"), ("90", "0"), ("90", "80")], ["2024"]),
        lambda: digests.plot([("0", "x"), ("1", "0"), ("1", "1")], ["2024"]),
        lambda: digests.plot([("0", "0"), ("0.001", "0"), ("0", "0.001")], []),
    ],
)
def test_what_cannot_be_claimed_is_refused(wrong: object) -> None:
    with pytest.raises(InputRefused) as error:
        wrong()  # type: ignore[operator]
    assert error.value.code == "claim.malformed"
