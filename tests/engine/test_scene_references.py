"""Caps and exclusions name scenes that exist, and a cap that is applied is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stories.lawgiver import CHARGING, TRIP, metro, write_law

from tanhui.core.errors import LibraryBroken
from tanhui.engine.library import Library


def problems_of(folder: Path, *texts: str) -> list[str]:
    """The mistakes of a library of these methodologies."""
    with pytest.raises(LibraryBroken) as caught:
        Library.load(write_law(folder, *texts))
    found = caught.value.values["problems"]
    assert isinstance(found, list)
    return found


def test_an_exclusion_of_a_misspelt_scene_is_refused(tmp_path: Path) -> None:
    text = CHARGING.replace("scenes: [ev-trip]", "scenes: [ev-tripp]")
    line = text.splitlines().index("  - {scenes: [ev-tripp], per: day}") + 1
    assert problems_of(tmp_path, text, TRIP) == [
        f"methodologies/420100/test-charging/methodology.yaml:{line}: there is no scene "
        "'ev-tripp'; did you mean 'ev-trip'?"
    ]


def test_a_cap_over_a_misspelt_scene_is_refused(tmp_path: Path) -> None:
    cap = (
        "caps:\n  - {per: [person, scenes, day], scenes: [metro, tramway-of-old], "
        "max: 5 kgCO2e, source: test, evidence: template}\n"
    )
    (problem,) = problems_of(tmp_path, metro(cap))
    assert problem.endswith("no scene 'tramway-of-old'; add it to directory/scenes.yaml")


@pytest.mark.parametrize("evidence", ["unknown", "unconfirmed"])
def test_a_cap_nobody_stands_for_is_not_applied(tmp_path: Path, evidence: str) -> None:
    cap = (
        f"caps:\n  - {{per: [person, scene, day], max: 5 kgCO2e, source: test, "
        f"evidence: {evidence}}}\n"
    )
    (problem,) = problems_of(tmp_path, metro(cap))
    assert f"cap.evidence cannot be '{evidence}'; choose from" in problem
