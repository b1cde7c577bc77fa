"""Factor tables: the calibre is named, never defaulted, and a value says how well it is known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from tanhui.core.errors import LibraryBroken
from tanhui.core.period import day_number
from tanhui.core.region import Region
from tanhui.engine.library import Library
from tanhui.engine.parameters import FactorTable

ROOT = Path(__file__).parents[2] / "library"
METRO = "methodologies/420100/wuhan-metro"


@pytest.fixture(scope="module")
def tables() -> dict[str, FactorTable]:
    return {table.id: table for table in Library.load(ROOT).factors}


def value_of(table: FactorTable, region: str, day: str, class_: str = "") -> Fraction | None:
    lineage = Region(region).lineage()
    on = day_number(yaml.safe_load(day))
    for code in lineage:
        for entry in table.values:
            if (entry.region, entry.class_) == (code, class_) and entry.holds_on(on):
                return entry.value
    return None


def test_the_calibre_decides_by_half(tables: dict[str, FactorTable]) -> None:
    """The two pairs of the README, and the six grids of 2019."""
    day = "2023-06-01"
    assert value_of(tables["cn-grid-average"], "310000", day) == Fraction("0.5737")
    assert value_of(tables["cn-grid-city"], "310000", "2024-06-01") == Fraction("0.42")
    assert value_of(tables["cn-grid-average"], "440300", day) == Fraction("0.4419")
    assert value_of(tables["cn-grid-om-2019"], "440300", day) == Fraction("0.8042")
    assert value_of(tables["cn-grid-bm-2019"], "440300", day) == Fraction("0.2135")
    assert value_of(tables["cn-grid-fossil"], "420000", day) == Fraction("0.8273")
    without = tables["cn-grid-average-without-market-nonfossil"]
    assert value_of(without, "420000", day) == Fraction("0.6096")
    assert value_of(tables["cn-grid-average-region"], "440000", day, "south") == Fraction("0.4042")


def test_the_assessment_decides_the_warming_potential(tables: dict[str, FactorTable]) -> None:
    found = {
        name: value_of(tables[f"gwp-{name}"], "100000", "2024-01-01", "CH4")
        for name in ("sar", "ar4", "ar5", "ar5-feedback", "ar6")
    }
    assert found == {
        "sar": 21,
        "ar4": 25,
        "ar5": 28,
        "ar5-feedback": 34,
        "ar6": Fraction("27.9"),
    }


def test_every_table_of_a_family_says_its_calibre(tables: dict[str, FactorTable]) -> None:
    assert {table.family for table in tables.values()} == {"cn-grid", "gwp", "fuel"}
    for table in tables.values():
        assert table.calibre is not None
        assert table.family is not None
        assert table.id.startswith(f"{table.family}-")


def test_what_was_only_passed_on_is_not_calculated_with(tables: dict[str, FactorTable]) -> None:
    """One transcription of 2021 and of the margins of 2019: shown, unconfirmed."""
    first = [each for each in tables["cn-grid-average"].values if each.end_day is not None]
    year_2021 = [each for each in first if each.end_day == day_number(yaml.safe_load("2022-01-01"))]
    assert len(year_2021) == 31
    margins = (*tables["cn-grid-om-2019"].values, *tables["cn-grid-bm-2019"].values)
    assert {each.evidence for each in (*year_2021, *margins)} == {"unconfirmed"}
    assert not any(each.usable for each in (*year_2021, *margins))


TABLE = """\
factor: {id}
family: grid
calibre: {{zh: 口径, en: calibre}}
title: {{zh: 电网, en: grid}}
unit: gCO2e/km
values:
  - {{region: "100000", from: 2023-01-01, value: 78.4, source: t, evidence: template}}
"""


def library_of(root: Path, factor: str, *changes: tuple[str, str]) -> Library:
    """Wuhan's metro with its coefficient from a table, in a small library of its own."""
    folder = root / METRO
    folder.mkdir(parents=True)
    text = (ROOT / METRO / "methodology.yaml").read_text(encoding="utf-8")
    start, end = text.index("    unit: gCO2e/km"), text.index("  distance_min:")
    text = f"{text[:start]}    factor: {factor}\n{text[end:]}"
    (folder / "methodology.yaml").write_text(text, encoding="utf-8")
    cases = (ROOT / METRO / "cases.yaml").read_text(encoding="utf-8")
    (folder / "cases.yaml").write_text(cases, encoding="utf-8")
    (root / "factors").mkdir()
    for id_ in ("grid-average", "grid-fossil"):
        table = TABLE.format(id=id_)
        for old, new in changes:
            table = table.replace(old, new)
        (root / "factors" / f"{id_}.yaml").write_text(table, encoding="utf-8")
    return Library.load(root)


def test_a_named_calibre_is_taken(tmp_path: Path) -> None:
    [metro] = library_of(tmp_path, "grid-average").methodologies
    assert metro.parameters["unit_reduction"].factor == "grid-average"


@pytest.mark.parametrize(
    ("factor", "changes", "told"),
    [
        ("grid", (), "names no calibre, and none is taken by default; choose one of grid-average"),
        ("grid-margin", (), "there is no factor table 'grid-margin'"),
        ("grid-fossil", (("family: grid\n", ""),), "family and calibre go together"),
        ("grid-fossil", (("family: grid\n", "family: fuel\n"),), "begins with the family"),
    ],
)
def test_a_calibre_that_is_not_named_is_refused(
    tmp_path: Path, factor: str, changes: tuple[tuple[str, str], ...], told: str
) -> None:
    with pytest.raises(LibraryBroken) as caught:
        library_of(tmp_path, factor, *changes)
    assert told in caught.value.en
