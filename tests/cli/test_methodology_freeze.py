"""The authors' freeze list: a promise that the library itself keeps."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.cli.asking import ask, printed

from tanhui.engine.library import Library

SHIPPED = Path(__file__).parents[2] / "library"
METRO = "methodologies/420100/wuhan-metro"
BUS = "methodologies/420100/wuhan-bus"


@pytest.fixture
def law(tmp_path: Path) -> Path:
    for folder in (METRO, BUS):
        shutil.copytree(SHIPPED / folder, tmp_path / folder)
    return tmp_path


def errors(law: Path) -> list[str]:
    code, told = ask("check", "--library", str(law))
    assert code == (1 if told["errors"] else 0)
    found: list[str] = told["errors"]
    return found


def test_a_frozen_version_may_not_change(law: Path) -> None:
    _, told = ask("freeze", "wuhan-metro", "--library", str(law))
    assert told["file"] == str(law / "frozen.yaml")
    assert errors(law) == []
    file = law / METRO / "methodology.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "# a remark\n", encoding="utf-8")
    [found] = errors(law)
    assert found.startswith(f"{METRO}/methodology.yaml:1: wuhan-metro 2023.1 is frozen with digest")
    assert told["digest"][:16] in found
    assert "write a new version" in found
    file.write_text(text, encoding="utf-8")
    assert errors(law) == []


def test_a_frozen_version_may_not_go(law: Path) -> None:
    assert "wuhan-bus" in printed("freeze", "wuhan-bus@2024.1", "--library", str(law))
    shutil.rmtree(law / BUS)
    [found] = errors(law)
    assert found.startswith("frozen.yaml:3: wuhan-bus 2024.1 is frozen and not in the library")


def test_freezing_twice_writes_once(law: Path) -> None:
    for name in ("wuhan-metro", "wuhan-bus", "wuhan-metro"):
        ask("freeze", name, "--library", str(law))
    assert (law / "frozen.yaml").read_text(encoding="utf-8").count("code:") == 2
    assert len(Library.load(law).methodologies) == 2


def test_a_line_without_a_digest_is_refused(law: Path) -> None:
    line = "frozen: [{code: wuhan-bus, version: '2024.1', digest: abc}]\n"
    (law / "frozen.yaml").write_text(line, encoding="utf-8")
    [found] = errors(law)
    assert "the digest is 64 hex digits; let tanhui methodology freeze write it" in found
