"""Cells: nearest region, class before general, days half-open, unknown never filled."""

from __future__ import annotations

from datetime import date

import pytest

from tanhui.core.period import day_number
from tanhui.engine.cells import index_cells
from tanhui.engine.methodology import Methodology

from .methodology_texts import VALUE, load, spoiled


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def entry(value: str, **changes: str) -> str:
    """A value line; changes by key, `class_` for the class."""
    keys = {"region": '"420100"', "from": "2024-01-01", "value": value, "source": "t"}
    keys |= {key.rstrip("_"): text for key, text in changes.items()}
    keys["evidence"] = "unknown" if value == "unknown" else "template"
    return "{" + ", ".join(f"{key}: {text}" for key, text in keys.items()) + "}"


def with_values(*values: str) -> Methodology:
    lines = "\n      - ".join(values)
    return load(
        spoiled(
            (VALUE, lines),
            (
                "at: 2024-10-01, distance: 10}, expect: {mg: 784000}",
                "at: 2023-01-01, distance: 10}, expect: {no_parameter: true}",
            ),
        )
    )


def value_at(methodology: Methodology, region: str, class_: str, on: str) -> str | None:
    index = index_cells(methodology)
    cell = index.cell_of(region, class_, day(on))
    if cell < 0:
        return None
    found = index.cells[cell]
    assert found.id == cell
    assert found.first_day <= day(on)
    return str(found.values["rate"].value)


def test_the_nearest_region_wins() -> None:
    methodology = with_values(
        entry("1", region='"100000"'), entry("2"), entry("3", region='"420106"')
    )
    assert value_at(methodology, "420106", "", "2024-05-01") == "3"
    assert value_at(methodology, "420111", "", "2024-05-01") == "2"
    assert value_at(methodology, "420100", "", "2024-05-01") == "2"
    assert value_at(methodology, "420000", "", "2024-05-01") is None
    assert value_at(methodology, "110000", "", "2024-05-01") is None
    assert value_at(methodology, "not a code", "", "2024-05-01") is None


def test_a_value_from_above_serves_where_the_city_has_none() -> None:
    methodology = with_values(entry("1", region='"420000"'))
    assert value_at(methodology, "420100", "", "2024-05-01") == "1"


def test_a_class_comes_before_the_general_value_of_its_region() -> None:
    methodology = with_values(entry("1"), entry("2", class_="suv"), entry("3", region='"420106"'))
    assert value_at(methodology, "420100", "suv", "2024-05-01") == "2"
    assert value_at(methodology, "420100", "van", "2024-05-01") == "1"
    assert value_at(methodology, "420100", "", "2024-05-01") == "1"
    assert value_at(methodology, "420106", "suv", "2024-05-01") == "3"


def test_only_classes_means_no_general_value() -> None:
    methodology = with_values(entry("2", class_="suv"))
    assert value_at(methodology, "420100", "suv", "2024-05-01") == "2"
    assert value_at(methodology, "420100", "", "2024-05-01") is None
    assert index_cells(methodology).covers("420100", day("2024-05-01"))


@pytest.mark.parametrize(
    ("on", "value"),
    [
        ("2023-12-31", None),
        ("2024-01-01", "1"),
        ("2024-12-31", "1"),
        ("2025-01-01", None),
        ("2026-12-31", None),
        ("2027-01-01", "2"),
        ("2029-12-31", "2"),
        ("2030-01-01", None),
    ],
)
def test_days_are_half_open_and_unknown_is_a_gap(on: str, value: str | None) -> None:
    methodology = with_values(
        entry("1", to="2025-01-01"),
        entry("unknown", from_="2025-01-01", to="2026-01-01"),
        entry("2", from_="2027-01-01"),
    )
    assert value_at(methodology, "420100", "", on) == value
    assert index_cells(methodology).covers("420100", day(on)) == (value is not None)


def test_stretches_with_the_same_values_are_one_cell() -> None:
    methodology = with_values(entry("1"), entry("5", class_="suv", to="2025-01-01"))
    cells = index_cells(methodology).cells
    assert [(cell.class_, cell.end_day) for cell in cells if cell.class_ == ""] == [
        ("", day("2030-01-01"))
    ]
    assert [cell.id for cell in cells] == list(range(3))
