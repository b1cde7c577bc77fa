"""Law that was checked once is taken as it was, and checked again when any byte changed."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest
from tests.engine.methodology_texts import GOOD
from tests.stories.lawgiver import write_law

from tanhui.core.errors import LibraryBroken
from tanhui.engine.library import Library
from tanhui.interfaces import checked_law as module
from tanhui.interfaces.checked_law import checked_law

KEY = bytes(range(32))


@pytest.fixture
def law(tmp_path: Path) -> Path:
    return write_law(tmp_path, GOOD)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every folder that was read and checked in full."""
    full, told = Library.load, []

    def load(path: Path) -> Library:
        told.append(path)
        return full(path)

    monkeypatch.setattr(Library, "load", load)
    return told


def test_the_same_bytes_are_checked_once(law: Path, tmp_path: Path, loads: list[Path]) -> None:
    first = checked_law(law, home=tmp_path, key=KEY)
    assert checked_law(law, home=tmp_path, key=KEY) == first
    assert loads == [law]
    assert (tmp_path / "cache" / "law").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in (tmp_path / "cache").iterdir()] == ["law"]


def test_a_changed_byte_is_checked_again(law: Path, tmp_path: Path, loads: list[Path]) -> None:
    before = checked_law(law, home=tmp_path, key=KEY)
    file = law / before.methodologies[0].file
    good = file.read_text(encoding="utf-8")
    file.write_text(good + "# a comment\n", encoding="utf-8")
    after = checked_law(law, home=tmp_path, key=KEY)
    assert after.methodologies[0].digest != before.methodologies[0].digest
    file.write_text(good.replace("scene:", "seen:"), encoding="utf-8")
    for _ in range(2):  # what is refused is never kept
        with pytest.raises(LibraryBroken):
            checked_law(law, home=tmp_path, key=KEY)
    assert len(loads) == 4


def test_another_engine_checks_again(
    law: Path, tmp_path: Path, loads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = tmp_path / "engine"
    shutil.copytree(module.CODE[-1], engine, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "CODE", (engine,))
    checked_law(law, home=tmp_path, key=KEY)
    (engine / "names.py").write_text('"""Other rules."""\n', encoding="utf-8")
    checked_law(law, home=tmp_path, key=KEY)
    assert len(loads) == 2


class Bomb:
    """Marks the folder when it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.mkdir, (self.mark,)


def test_what_others_wrote_is_never_opened(law: Path, tmp_path: Path, loads: list[Path]) -> None:
    kept, mark = tmp_path / "cache" / "law", tmp_path / "opened"
    checked_law(law, home=tmp_path, key=KEY)
    seal = kept.read_bytes()[: module.SEAL_BYTES]
    for forged in (b"", seal, seal + pickle.dumps(Bomb(mark)), b"\0" * 40):
        kept.write_bytes(forged)
        assert checked_law(law, home=tmp_path, key=KEY).scenes == {"metro"}
    checked_law(law, home=tmp_path, key=b"another" + KEY)
    assert not mark.exists()
    assert len(loads) == 6


def test_a_disk_that_cannot_be_written_costs_time_only(
    law: Path, tmp_path: Path, loads: list[Path]
) -> None:
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    for _ in range(2):
        assert checked_law(law, home=tmp_path, key=KEY).scenes == {"metro"}
    assert len(loads) == 2
