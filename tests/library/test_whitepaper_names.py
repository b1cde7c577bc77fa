"""Every methodology that tables 2 and 3 of the 2025 white paper name has its folder.

`whitepaper_names.csv` is the two tables, typed: table, row, name, and the folders that hold it; an
empty last column means the folder is found by its title, `none` that the row is no methodology (two
standards of table 3 are about platforms, and quantify nothing).
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tanhui.engine.library import Library

ROOT = Path(__file__).parents[2]
with (Path(__file__).parent / "whitepaper_names.csv").open(encoding="utf-8") as lines:
    ROWS = list(csv.DictReader(lines))
PLATFORM_STANDARDS = {
    "碳普惠平台功能规范（T/CEPPC 15—2023）",
    "碳普惠数智平台运营管理与服务规范（T/ZSSD 0005—2023）",
}


def core(name: str) -> str:
    """A name without brackets, quotes and spaces, to compare how two texts write it."""
    return re.sub(r"（[^）]*）|[《》“”\"\s·]", "", name).lower()


@pytest.fixture(scope="module")
def titles() -> dict[str, str]:
    """Code to title, of both kinds."""
    library = Library.load(ROOT / "library")
    return {each.code: each.title.zh for each in (*library.methodologies, *library.projects)}


def test_the_tables_are_typed_whole() -> None:
    assert [sum(row["table"] == table for row in ROWS) for table in "23"] == [59, 4]
    assert {row["name"] for row in ROWS if row["folders"] == "none"} == PLATFORM_STANDARDS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_the_name_has_its_folder(row: dict[str, str], titles: dict[str, str]) -> None:
    if row["folders"] == "none":
        return
    if row["folders"]:
        assert set(row["folders"].split()) <= set(titles)
        return
    wanted = core(row["name"])
    assert any(wanted in core(title) or core(title) in wanted for title in titles.values())
