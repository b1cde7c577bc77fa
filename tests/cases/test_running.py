"""The runner of cases: steps through HTTP, refusals that must come, figures that must fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanhui.core.errors import LibraryBroken
from tanhui.interfaces.cases.case import load_cases
from tanhui.interfaces.cases.running import Outcome, run_case

STORY = """
id: Z1
title: {zh: 测试, en: a test}
source: test
steps:
  - at: 2025-03-03T10:00:00+08:00
  - {organisation: firm, kind: enterprise, region: "420100"}
  - {person: owner, role: owner, region: "420100", of: firm, save: owner}
  - {person: bureau, role: authority, region: "420000"}
  - open: project
    as: owner
    for: firm
    region: "420100"
    title: 某屋顶光伏
    data: {methodology: wuhan-pv, summary: 屋顶, started_on: 2024-01-01}
    save: project
  - step: disclose
    as: owner
    matter: $project.number
    data: {shares: [{party: $project.organisation, percent: "100"}]}
    refused: matter.documents_missing
  - {paper: owner_authority, as: owner, matter: $project.number}
  - step: disclose
    as: owner
    matter: $project.number
    data: {shares: [{party: $project.organisation, percent: "100"}]}
    save: disclosed
  - {step: reject, as: bureau, matter: $project.number, refused: matter.step.forbidden}
  - deliver: metro
    rows: {scene: metro, region: "420100", first_day: 2025-02-03, days: "2", people: "2",
      count: "4", quantity: distance_km, value: "10", minutes: "30"}
    save: receipt
expect:
  - {name: {zh: 状态, en: state}, from: $disclosed.state, equals: disclosed}
  - {name: {zh: 公示天数, en: days}, from: "$disclosed.notices[0].workdays", equals: "7.0"}
  - name: {zh: 公示开始, en: opened on}
    from: $disclosed.notices[0].opened_on
    equals: 2025-03-03
  - {name: {zh: 计入, en: credited}, from: $receipt.counts.credited, equals: EXPECTED}
"""


def played(folder: Path, *, expected: str = "4", text: str = STORY) -> Outcome:
    (folder / "Z1.yaml").write_text(text.replace("EXPECTED", f'"{expected}"'), encoding="utf-8")
    return run_case(load_cases(folder)["Z1"])


@pytest.mark.django_db(transaction=True)
def test_a_story_is_told_through_the_door(tmp_path: Path) -> None:
    outcome = played(tmp_path)
    assert [one.obtained for one in outcome.figures] == ["disclosed", "7", "2025-03-03", "4"]
    assert outcome.ok


@pytest.mark.django_db(transaction=True)
def test_a_figure_that_differs_is_told(tmp_path: Path) -> None:
    outcome = played(tmp_path, expected="5")
    assert [one.ok for one in outcome.figures] == [True, True, True, False]
    assert not outcome.ok


@pytest.mark.django_db(transaction=True)
def test_a_refusal_that_does_not_come_stops_the_case(tmp_path: Path) -> None:
    text = STORY.replace("refused: matter.documents_missing", "refused: matter.notice.open")
    outcome = played(tmp_path, text=text)
    assert outcome.stopped.startswith("step 6: step: expected the refusal matter.notice.open")
    assert not outcome.ok


def test_a_broken_case_says_where(tmp_path: Path) -> None:
    text = STORY.replace("{person: bureau,", "{who: bureau,").replace("id: Z1", "id: Z2")
    with pytest.raises(LibraryBroken) as broken:
        played(tmp_path, text=text)
    assert "Z1.yaml:2: the id 'Z2' must be the file's name" in str(broken.value)


CASES = Path(__file__).resolve().parents[2] / "cases"


def test_every_case_can_be_read() -> None:
    """All of them are compared by `tanhui cases run`; here, that the files are well formed."""
    found = load_cases(CASES)
    assert len(found) >= 18
    assert all(case.figures and case.steps for case in found.values())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["B3", "B6", "C1", "D1"])
def test_a_case_of_the_white_paper_comes_out(name: str) -> None:
    outcome = run_case(load_cases(CASES)[name])
    assert outcome.stopped == ""
    assert all(one.ok for one in outcome.figures), outcome.figures
