"""Codes have names in both languages; an unnamed one is shown by its code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanhui.core.errors import LibraryBroken
from tanhui.core.region import Region
from tanhui.engine.library import Library
from tanhui.engine.names import Named, name_of, names

LIBRARY = Path(__file__).resolve().parents[2] / "library"


def a_directory(folder: Path, text: str) -> Path:
    (folder / "directory").mkdir()
    (folder / "directory" / "scenes.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_directory_names_the_main_scenes() -> None:
    metro = name_of("metro", LIBRARY, "scenes")
    assert (metro.code, metro.zh, metro.en) == ("metro", "地铁", "Metro")
    assert name_of("ev-charging", LIBRARY, "scenes").zh == "充电"
    assert {"bus", "home-electricity"} < names(LIBRARY, "scenes").keys()


def test_an_unnamed_code_is_shown_by_its_code() -> None:
    named = name_of("space-lift", LIBRARY, "scenes")
    assert named == Named("space-lift", "space-lift", "space-lift")


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
        names(a_directory(tmp_path, text), "scenes")


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryBroken):
        names(tmp_path, "scenes")


def test_every_region_the_library_speaks_of_has_a_name() -> None:
    library = Library.load(LIBRARY)
    spoken = {region for method in library.methodologies for region in method.regions}
    spoken |= {
        value.region
        for method in library.methodologies
        for parameter in method.parameters.values()
        for value in parameter.values
    }
    assert spoken <= names(LIBRARY, "regions").keys()


def test_every_named_region_is_a_region() -> None:
    assert [Region(code).code for code in names(LIBRARY, "regions")]
