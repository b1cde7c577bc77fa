"""`tanhui methodology check` ends with one line: what was read, what is wrong, what is next."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from tests.cli.asking import printed
from tests.stories.lawgiver import metro, write_law

from tanhui.interfaces.cli.methodology import methodology


def last_line(told: str) -> str:
    """The summary."""
    return told.rstrip("\n").splitlines()[-1]


def test_a_sound_library_ends_with_what_was_read(tmp_path: Path) -> None:
    told = printed("check", "--library", str(write_law(tmp_path, metro(""))))
    assert "公式依据" in told
    assert "读了 1 个方法学文件、2 个算例，没有错误" in last_line(told)
    assert "Methodology files read: 1; worked cases: 2; no mistakes." in last_line(told)


def test_an_empty_folder_is_told_without_tables(tmp_path: Path) -> None:
    told = printed("check", "--library", str(tmp_path))
    assert told.count("\n") == 1
    assert "start one with `tanhui methodology new CODE`" in told


def test_mistakes_are_counted_and_no_table_is_shown(tmp_path: Path) -> None:
    text = metro("").replace("scene: metro", "scene: subway").replace("km <=", "km =<")
    library = write_law(tmp_path, text)
    done = CliRunner().invoke(methodology, ["check", "--library", str(library)])
    assert done.exit_code == 1
    assert "公式依据" not in done.output
    assert "did you mean 'metro'" in done.output
    assert "Methodology files read: 1; mistakes: 1. Correct them by file" in last_line(done.output)
