"""Scenes have names in both languages; an unnamed one is shown by its code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanhui.core.errors import LibraryBroken
from tanhui.domain.scenes.queries import Scene, scenes, title

LIBRARY = Path(__file__).resolve().parents[2] / "library"


def a_directory(folder: Path, text: str) -> Path:
    (folder / "directory").mkdir()
    (folder / "directory" / "scenes.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_directory_names_the_main_scenes() -> None:
    assert title("metro", LIBRARY) == Scene("metro", "地铁", "Metro")
    assert title("ev-charging", LIBRARY).zh == "充电"
    assert {"bus", "home-electricity"} < scenes(LIBRARY).keys()


def test_an_unnamed_scene_is_shown_by_its_code() -> None:
    assert title("space-lift", LIBRARY) == Scene("space-lift", "space-lift", "space-lift")


@pytest.mark.parametrize(
    "text",
    [
        "- metro",
        "metro: 地铁",
        "metro: {zh: 地铁}",
        "metro: {zh: 地铁, en: Metro, fr: Métro}",
        "metro: {zh: [",
        "",
        "metro: {zh: 地铁, en: Metro}\nmetro: {zh: 地鐵, en: Metro}",
        "metro: {zh: '', en: Metro}",
    ],
)
def test_a_broken_directory_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(LibraryBroken):
        scenes(a_directory(tmp_path, text))


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryBroken):
        scenes(tmp_path)
