"""The locator: where a place is drawn, and what is not drawn."""

from __future__ import annotations

from fractions import Fraction

from tests.tidy.source import PROJECT

from tanhui.engine.seats import Seat, seats
from tanhui.interfaces.public.place_map import Dot, project_map, sums_map

HUBEI = Seat("420000", Fraction("30.6"), Fraction("114.3"))


def test_every_seat_is_inside_the_picture() -> None:
    known = seats(PROJECT / "library")
    drawn = project_map(known, "420100")
    assert drawn is not None
    assert len(drawn.seats) == len(known)
    assert all(0 < dot.x < drawn.width and 0 < dot.y < drawn.height for dot in drawn.seats)


def test_a_place_is_marked_and_one_off_the_picture_is_not_drawn() -> None:
    at = project_map([HUBEI], "420106", latitude="30.553", longitude="114.343")
    about = project_map([HUBEI], "420106")
    assert at is not None
    assert at.here == Dot("420106", 347, 234, 7)
    assert about is not None
    assert about.here == Dot("420106", about.seats[0].x, about.seats[0].y, 12)
    assert project_map([HUBEI], "941011", latitude="-37.5", longitude="126.9") is None
    assert project_map((), "420106") is None


def test_areas_compare_and_what_has_nothing_has_no_circle() -> None:
    drawn = sums_map([HUBEI], [("420000", 30), ("420000", 10), ("110000", 5), ("310000", 0)])
    assert drawn is not None
    assert [(dot.code, dot.count, dot.radius) for dot in drawn.sums] == [("420000", 40, 22)]
    assert sums_map((), [("420000", 3)]) is None
