"""The guide to the file format: its example loads, and it names every key and unit there is."""

from __future__ import annotations

import re
from pathlib import Path

from tanhui.engine import loader
from tanhui.engine.library import Library
from tanhui.engine.methodology import EQUATION_STATUS, EVIDENCE, ROUNDING, SKELETON
from tanhui.engine.units import UNIT_NAMES

PAGE = Path(__file__).parents[2] / "docs" / "methodology-format.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_example_and_its_case_load_as_printed(tmp_path: Path) -> None:
    folder = tmp_path / "methodologies" / "420100" / "example-carpool"
    folder.mkdir(parents=True)
    (folder / "methodology.yaml").write_text(BLOCKS[0], encoding="utf-8")
    (folder / "cases.yaml").write_text(BLOCKS[1], encoding="utf-8")
    methodology = Library.load(tmp_path).methodologies[0]
    assert [field.column for field in methodology.fields] == ["distance_km", "detour_km"]
    assert methodology.cap_mg_per_day == 4_000_000


def test_the_overlay_fills_the_unknown_of_the_example(tmp_path: Path) -> None:
    [overlay] = [block for block in BLOCKS if block.startswith("overlay:")]
    folder = tmp_path / "methodologies" / "420100" / "example-carpool"
    folder.mkdir(parents=True)
    (folder / "methodology.yaml").write_text(BLOCKS[0], encoding="utf-8")
    (folder / "cases.yaml").write_text(BLOCKS[1], encoding="utf-8")
    place = tmp_path / "overlays" / "420100" / "example-carpool.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(overlay, encoding="utf-8")
    [methodology] = Library.load(tmp_path).methodologies
    assert methodology.overlay == "overlays/420100/example-carpool.yaml"


def test_every_key_word_and_unit_is_in_the_guide() -> None:
    text = PAGE.read_text(encoding="utf-8")
    words = set(re.findall(r"[A-Za-z0-9_]+", text))
    keys = {*loader.REQUIRED, *loader.OPTIONAL, *SKELETON, "source_url", "class", "factor"}
    for wanted in (keys, EVIDENCE, EQUATION_STATUS, ROUNDING, UNIT_NAMES):
        assert set(wanted) <= words, set(wanted) - words
