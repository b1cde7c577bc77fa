"""An authority fills in what a project methodology leaves unknown; the report carries it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.engine.project.texts import MONITORING, SMALL

from tanhui.core.errors import LibraryBroken
from tanhui.engine.library import Library
from tanhui.engine.project.report import quantify
from tanhui.engine.project.verify import verify

OPEN = SMALL.replace(
    "value: 0.5, source: 测试, evidence: published",
    "value: unknown, source: 未定, evidence: unknown",
)
CASE = "cases:\n  - name: {zh: 例, en: case}\n    monitoring: |\n" + "".join(
    f"      {line}\n" for line in MONITORING.splitlines()
)
OVERLAY = (
    """\
overlay: small
version: "1"
fills:
  - parameter: factor
    region: "420000"
    from: 2000-01-01
    value: 400
    unit: kgCO2e/MWh
    source: 测试公告
    evidence: official
    by: 测试主管部门
    on: 2022-12-20
"""
    + CASE
    + "    expect: {totals: {issuable_mg: 12850000000}}\n"
)


def library(folder: Path, overlay: str) -> Library:
    place = folder / "methodologies" / "420000" / "small"
    place.mkdir(parents=True)
    (place / "methodology.yaml").write_text(OPEN, encoding="utf-8")
    refused = CASE + "    expect: {refused: project.unknown_value}\n"
    (place / "cases.yaml").write_text(refused, encoding="utf-8")
    (folder / "overlays" / "420000").mkdir(parents=True)
    (folder / "overlays" / "420000" / "small.yaml").write_text(overlay, encoding="utf-8")
    return Library.load(folder)


def test_an_overlay_fills_the_unknown_value_and_is_told(tmp_path: Path) -> None:
    law = library(tmp_path, OVERLAY).projects[0]
    report = quantify(law, MONITORING.encode())
    assert report["factors"][0]["filled_by"] == "测试主管部门"
    assert report["factors"][0]["value"] == "0.4"
    assert report["methodology"]["digest"] == law.digest
    assert "overlay.yaml" in report["texts"]
    stored = json.loads(json.dumps(report))
    assert verify(stored) == report
    stored["texts"]["overlay.yaml"] = stored["texts"]["overlay.yaml"].replace("400", "500")
    with pytest.raises(Exception, match=r"first at methodology\.digest"):
        verify(stored)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("parameter: factor", "parameter: facter", "did you mean 'factor'?"),
        ("unit: kgCO2e/MWh", "unit: kg/MWh", "convert it"),
        ('version: "1"', 'version: "2"', "has no version '2'"),
        ("issuable_mg: 12850000000", "issuable_mg: 1", "the case states issuable_mg = 1"),
        ('region: "420000"\n    from', 'region: "440000"\n    from', "is not in the regions"),
    ],
)
def test_a_mistake_in_an_overlay_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in OVERLAY
    with pytest.raises(LibraryBroken) as broken:
        library(tmp_path, OVERLAY.replace(old, new, 1))
    assert told in broken.value.en


def test_a_known_value_is_never_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "methodologies" / "420000" / "small"
    place.mkdir(parents=True)
    (place / "methodology.yaml").write_text(SMALL, encoding="utf-8")
    (place / "cases.yaml").write_text(CASE + "    expect: {}\n", encoding="utf-8")
    (tmp_path / "overlays" / "420000").mkdir(parents=True)
    (tmp_path / "overlays" / "420000" / "small.yaml").write_text(OVERLAY, encoding="utf-8")
    with pytest.raises(LibraryBroken, match="has a value on these days"):
        Library.load(tmp_path)
