"""The guide to project methodologies: its example loads and gives what its case states."""

from __future__ import annotations

import re
from pathlib import Path

from tanhui.engine.library import Library
from tanhui.engine.methodology import EQUATION_STATUS
from tanhui.engine.project import blocks, formula, loader, nouns, tables
from tanhui.engine.project.monitoring import OPTIONAL, REQUIRED

PAGE = Path(__file__).parents[2] / "docs" / "project-methodologies.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_and_its_case_load_as_printed(tmp_path: Path) -> None:
    folder = tmp_path / "methodologies" / "420100" / "example-planting"
    folder.mkdir(parents=True)
    (folder / "methodology.yaml").write_text(BLOCKS[0], encoding="utf-8")
    (folder / "cases.yaml").write_text(BLOCKS[1], encoding="utf-8")
    library = Library.load(tmp_path)
    assert [each.code for each in library.projects] == ["example-planting"]
    assert library.methodologies == ()


def test_every_key_and_word_is_in_the_guide() -> None:
    words = set(re.findall(r"[A-Za-z0-9_]+", TEXT))
    for wanted in (
        loader.REQUIRED,
        loader.OPTIONAL,
        REQUIRED,
        OPTIONAL,
        blocks._INPUT_KEYS,
        formula.RESERVED,
        nouns.SHAPES,
        nouns.RESULTS,
        EQUATION_STATUS,
        tables.SEEN,
        ("recalled", "not_creditable"),
    ):
        assert set(wanted) <= words, set(wanted) - words
