"""Working days against announced years, and a year nobody announced."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tanhui.core.errors import LibraryBroken, NotFound
from tanhui.engine.workdays import Workdays

CALENDAR = Path(__file__).resolve().parents[2] / "library" / "calendars" / "100000.yaml"


@pytest.fixture(scope="module")
def china() -> Workdays:
    return Workdays.load(CALENDAR)


@pytest.mark.parametrize(
    ("first", "count", "last"),
    [
        (date(2025, 9, 26), 1, date(2025, 9, 28)),  # a Sunday that is worked
        (date(2025, 9, 30), 1, date(2025, 10, 9)),  # the long holiday
        (date(2025, 9, 30), 3, date(2025, 10, 11)),  # and the Saturday worked for it
        (date(2026, 2, 13), 6, date(2026, 2, 28)),
        (date(2025, 3, 3), 7, date(2025, 3, 12)),
    ],
)
def test_a_term_ends_on_a_working_day(china: Workdays, first: date, count: int, last: date) -> None:
    assert china.after(first, count) == last
    assert china.is_workday(last)


def test_a_year_nobody_announced_is_not_guessed(china: Workdays) -> None:
    with pytest.raises(NotFound, match="2027") as refused:
        china.after(date(2026, 12, 31), 1)
    assert refused.value.code == "calendar.year_unknown"


def test_weekday_totals_of_a_year(china: Workdays) -> None:
    assert china.between(date(2025, 1, 1), date(2026, 1, 1)) == 248


def test_a_day_in_the_wrong_year_is_named(tmp_path: Path) -> None:
    text = CALENDAR.read_text("utf-8").replace("2025-10-11]", "2024-10-13]")
    broken = tmp_path / "100000.yaml"
    broken.write_text(text, encoding="utf-8")
    with pytest.raises(LibraryBroken, match="lies in another year"):
        Workdays.load(broken)
