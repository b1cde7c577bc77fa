"""The corpus of broken law: each file has one mistake, and its message names line and fix.

A file of `broken/` says in its first lines where it would stand in a library and what must be
said of it. It is put into an otherwise sound library, because some mistakes are between files.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from tests.engine.methodology_texts import GOOD

from tanhui.core.errors import LibraryBroken
from tanhui.engine.library import Library

FOLDER = Path(__file__).parent / "broken"
FILES_MIN = 60
HEAD = ("place", "line", "en", "zh")
SOUND = {
    "methodologies/420100/good-metro/methodology.yaml": GOOD.replace("test-metro", "good-metro"),
    "methodologies/420100/good-metro/cases.yaml": (
        'cases:\n  - {given: {region: "420100", at: 2024-10-01, distance: 1}, '
        "expect: {mg: 78400}}\n"
    ),
    "factors/good-grid.yaml": (
        "factor: good-grid\ntitle: {zh: 电网因子, en: grid factors}\nunit: gCO2e/kWh\nvalues:\n"
        '  - {region: "100000", from: 2020-01-01, value: 500, source: 测试, evidence: template}\n'
    ),
}
CASES = (
    'cases:\n  - {given: {region: "510100", at: 2024-10-01, distance: 1, energy: 0}, '
    "expect: {mg: 200000}}\n"
)


@dataclass(frozen=True)
class Broken:
    """A broken file and what must be said of it."""

    name: str
    place: str
    line: int
    en: str
    zh: str
    text: str


@cache
def corpus() -> tuple[Broken, ...]:
    """Every broken file."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        head = dict(line.removeprefix("# ").split(": ", 1) for line in text.splitlines()[:4])
        assert tuple(head) == HEAD, path
        line = int(head["line"])
        found.append(Broken(path.stem, head["place"], line, head["en"], head["zh"], text))
    return tuple(found)


def told(broken: Broken, folder: Path) -> tuple[list[str], list[str]]:
    """The messages of a library with the broken file in it, English and Chinese."""
    files = dict(SOUND)
    if broken.place.endswith("methodology.yaml"):
        files[str(Path(broken.place).with_name("cases.yaml"))] = CASES
    files[broken.place] = broken.text
    for place, text in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with pytest.raises(LibraryBroken) as caught:
        Library.load(folder)
    values = caught.value.values
    english, chinese = values["problems"], values["problems_zh"]
    assert isinstance(english, list)
    assert isinstance(chinese, list)
    return english, chinese


@pytest.mark.parametrize("broken", corpus(), ids=lambda broken: broken.name)
def test_a_mistake_is_named_with_its_line_and_its_fix(broken: Broken, tmp_path: Path) -> None:
    english, chinese = told(broken, tmp_path)
    assert f"{broken.place}:{broken.line}: {broken.en}" in english
    assert f"{broken.place}:{broken.line}：{broken.zh}" in chinese
    assert all(each.startswith(broken.place) for each in english), "one file, one mistake"
    assert len(english) == 1, english


def test_no_two_mistakes_are_told_alike() -> None:
    assert len(corpus()) >= FILES_MIN
    for language in ("en", "zh"):
        counts = Counter(getattr(broken, language) for broken in corpus())
        assert [text for text, n in counts.items() if n > 1] == []


def test_every_message_says_what_to_do() -> None:
    """What is wrong, then the fix: after a semicolon or in a sentence of its own."""
    short = [each.name for each in corpus() if ";" not in each.en and ". " not in each.en]
    short += [each.name for each in corpus() if not set("；，") & set(each.zh)]
    assert short == []


def test_the_sound_library_is_sound(tmp_path: Path) -> None:
    for place, text in SOUND.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert len(Library.load(tmp_path).methodologies) == 1
