"""A new version follows an old one without a change to the old file, which may be frozen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.engine.methodology_texts import GOOD

from tanhui.core.errors import LibraryBroken
from tanhui.core.period import day_number
from tanhui.engine.library import Library

OLD = GOOD.replace(", to: 2030-01-01", "")
LIFE = "life:\n  - {state: submitted, on: 2025-01-01, by: test, source: test}\nallocation"
CASES = (
    'cases:\n  - {given: {region: "420100", at: 2000-01-01, distance: 1}, '
    "expect: {no_parameter: true}}\n"
)


def library(folder: Path, *texts: str) -> Library:
    for number, text in enumerate(texts):
        place = folder / "methodologies/420100/test-metro" / ("2.0" if number else "")
        place.mkdir(parents=True)
        (place / "methodology.yaml").write_text(text, encoding="utf-8")
        (place / "cases.yaml").write_text(CASES, encoding="utf-8")
    return Library.load(folder)


def later(text: str = OLD) -> str:
    changed = text.replace('"1.0"', '"2.0"').replace("{from: 2024-01-01,", "{from: 2025-01-01,")
    return changed.replace("at: 2024-10-01", "at: 2025-10-01")


def found(law: Library, day: str) -> str | None:
    method = law.find("metro", region="420100", day=day_number(date.fromisoformat(day)))
    return None if method is None else method.version


def test_from_its_first_day_the_new_version_counts(tmp_path: Path) -> None:
    law = library(tmp_path, OLD, later())
    assert found(law, "2024-12-31") == "1.0"
    assert found(law, "2025-01-01") == "2.0"
    assert law.get("test-metro", on=date(2025, 6, 1)).version == "2.0"
    assert law.get("test-metro", on=date(2024, 6, 1)).version == "1.0"


def test_a_draft_of_a_new_version_changes_nothing(tmp_path: Path) -> None:
    law = library(tmp_path, OLD, later().replace("allocation", LIFE))
    assert found(law, "2025-06-01") == "1.0"


def test_a_new_version_that_lacks_a_value_does_not_fall_back(tmp_path: Path) -> None:
    """Values of the new version from 2026 on: in 2025 it has none, and the old is over."""
    late = later().replace("from: 2024-01-01, value", "from: 2026-01-01, value")
    late = late.replace("at: 2025-10-01", "at: 2026-10-01")
    law = library(tmp_path, OLD, late)
    assert found(law, "2024-12-31") == "1.0"
    assert found(law, "2025-06-01") is None
    assert found(law, "2026-06-01") == "2.0"


def test_two_versions_from_one_day_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryBroken, match="overlaps in time"):
        library(tmp_path, OLD, OLD.replace('"1.0"', '"2.0"'))
