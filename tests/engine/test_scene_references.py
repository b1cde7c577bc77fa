"""Law, its caps and exclusions name scenes and regions that exist; an applied cap is known."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.stories.lawgiver import CHARGING, TRIP, metro, write_law
from tests.tidy.source import PROJECT

from tanhui.core.errors import LibraryBroken
from tanhui.engine.library import Library


def problems_of(folder: Path, *texts: str) -> list[str]:
    """The mistakes of a library of these methodologies."""
    with pytest.raises(LibraryBroken) as caught:
        Library.load(write_law(folder, *texts))
    found = caught.value.values["problems"]
    assert isinstance(found, list)
    return found


PLACE = "methodologies/420100/test-metro/methodology.yaml"


def test_an_exclusion_of_a_misspelt_scene_is_refused(tmp_path: Path) -> None:
    text = CHARGING.replace("scenes: [nev-trip]", "scenes: [nev-tripp]")
    line = text.splitlines().index("  - {scenes: [nev-tripp], per: day}") + 1
    assert problems_of(tmp_path, text, TRIP) == [
        f"methodologies/420100/test-charging/methodology.yaml:{line}: there is no scene "
        "'nev-tripp'; did you mean 'nev-trip' (Electric car trip)? A new scene needs a line in "
        "directory/scenes.yaml: nev-tripp: {zh: 名称, en: name}"
    ]


def test_a_cap_over_a_misspelt_scene_is_refused(tmp_path: Path) -> None:
    cap = (
        "caps:\n  - {per: [person, scenes, day], scenes: [metro, zeppelin-of-old], "
        "max: 5 kgCO2e, source: test, evidence: template}\n"
    )
    (problem,) = problems_of(tmp_path, metro(cap))
    assert "there is no scene 'zeppelin-of-old'; check it. A new scene needs a line in" in problem


def test_a_methodology_of_a_scene_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    text = metro("").replace("scene: metro", "scene: subway")
    line = text.splitlines().index("scene: subway") + 1
    assert problems_of(tmp_path, text) == [
        f"{PLACE}:{line}: there is no scene 'subway'; did you mean 'metro' (Metro)? A new scene "
        "needs a line in directory/scenes.yaml: subway: {zh: 名称, en: name}"
    ]


def test_a_methodology_for_a_region_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    text = metro("").replace('regions: ["420100"]', 'regions: ["420100", "420109"]')
    line = text.splitlines().index('regions: ["420100", "420109"]') + 1
    assert problems_of(tmp_path, text) == [
        f"{PLACE}:{line}: there is no region '420109'; did you mean '420106' (Wuchang, Wuhan)? "
        'A new region needs a line in directory/regions.yaml: "420109": {zh: 名称, en: name}'
    ]


def test_an_authors_own_folder_is_asked_by_the_platforms_directory(tmp_path: Path) -> None:
    library = write_law(tmp_path, metro("").replace("scene: metro", "scene: subway"))
    shutil.rmtree(library / "directory")
    assert Library.load(library).scenes == {"subway"}
    with pytest.raises(LibraryBroken, match="did you mean 'metro'"):
        Library.load(library, directory=PROJECT / "library")


@pytest.mark.parametrize("evidence", ["unknown", "unconfirmed"])
def test_a_cap_nobody_stands_for_is_not_applied(tmp_path: Path, evidence: str) -> None:
    cap = (
        f"caps:\n  - {{per: [person, scene, day], max: 5 kgCO2e, source: test, "
        f"evidence: {evidence}}}\n"
    )
    (problem,) = problems_of(tmp_path, metro(cap))
    assert f"cap.evidence cannot be '{evidence}'; choose from" in problem
