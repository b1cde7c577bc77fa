"""Where a project methodology holds, what holds everywhere, and what only has a name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tanhui.core.errors import InputRefused, LibraryBroken
from tanhui.engine.library import Library
from tanhui.engine.project.report import quantify

METHODOLOGY = """\
methodology: example-power
version: "1"
title: {zh: 示例, en: Example}
kind: project
shape: S1
regions: ["REGION"]
effective: {from: 2020-01-01, zone: "+00:00"}
status: {equations: inferred, source: test, note: {zh: 示例, en: example}}
inputs:
  power: {name: {zh: 电量, en: electricity}, unit: MWh, over: [years]}
parameters:
  factor:
    name: {zh: 因子, en: factor}
    unit: tCO2e/MWh
    values:
      - {region: "REGION", from: 2020-01-01, value: 0.5, source: test, evidence: EVIDENCE}
equations:
  reduction[y in years]:
    name: {zh: 减排量, en: reductions}
    unit: tCO2e
    is: power[y] * factor
results: {issuable: reduction}
"""
MONITORING = """\
monitoring: m
methodology: example-power
mode: crediting
region: "PLACE"
project: {name: 示例}
period: {first_year: 2024, last_year: 2024}
inputs:
  power: {unit: MWh, values: {2024: 10}}
"""
NAME_ONLY = re.sub(r"(?s)inputs:.*", "", METHODOLOGY).replace("inferred", "name_only")


def case_of(place: str, expect: str) -> str:
    text = MONITORING.replace("PLACE", place).replace("\n", "\n      ")
    head = "cases:\n  - name: {zh: 例, en: case}\n    monitoring: |\n      "
    return f"{head}{text}\n    expect: {expect}\n"


def library_of(root: Path, methodology: str, cases: str, *, region: str) -> Library:
    folder = root / "methodologies" / region / "example-power"
    folder.mkdir(parents=True)
    (folder / "methodology.yaml").write_text(methodology.replace("REGION", region), "utf-8")
    (folder / "cases.yaml").write_text(cases, "utf-8")
    return Library.load(root)


@pytest.mark.parametrize("place", ["928800", "420100", "900000"])
def test_law_of_the_world_holds_everywhere(tmp_path: Path, place: str) -> None:
    good = METHODOLOGY.replace("EVIDENCE", "published")
    cases = case_of(place, '{values: {"reduction[2024]": 5.0}}')
    library = library_of(tmp_path, good, cases, region="900000")
    report = quantify(library.projects[0], MONITORING.replace("PLACE", place).encode())
    assert report["totals"]["issuable_t"] == 5


def test_law_of_one_province_does_not_hold_in_another(tmp_path: Path) -> None:
    good = METHODOLOGY.replace("EVIDENCE", "published")
    library = library_of(
        tmp_path, good, case_of("440300", "{totals: {issuable_t: 5}}"), region="440000"
    )
    with pytest.raises(InputRefused, match="example-power is for 440000, not for") as told:
        quantify(library.projects[0], MONITORING.replace("PLACE", "420000").encode())
    assert told.value.code == "monitoring.refused"


def test_an_entry_known_by_name_is_listed_and_quantifies_nothing(tmp_path: Path) -> None:
    bare = MONITORING[: MONITORING.index("inputs:")]
    cases = case_of("420000", "{refused: project.no_equations}").replace(
        MONITORING[MONITORING.index("inputs:") :].replace("\n", "\n      "), ""
    )
    library = library_of(tmp_path, NAME_ONLY, cases, region="420000")
    assert [each.code for each in library.projects] == ["example-power"]
    with pytest.raises(InputRefused) as told:
        quantify(library.projects[0], bare.replace("PLACE", "420000").encode())
    assert told.value.code == "project.no_equations"


def test_nothing_else_may_leave_its_equations_out(tmp_path: Path) -> None:
    part = re.sub(r"(?s)results:.*", "", METHODOLOGY).replace("inferred", "name_only")
    for text in (NAME_ONLY.replace("name_only", "template"), part.replace("EVIDENCE", "seed")):
        with pytest.raises(LibraryBroken, match="lacks 'results'"):
            library_of(tmp_path / text[-9:].strip(), text, "cases: []\n", region="420000")
