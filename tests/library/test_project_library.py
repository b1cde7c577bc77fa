"""Every project methodology that was collected is in the library, and its examples come out.

`project_entries.csv` holds the entries as collected, with the folder each stands in and how well
its equations are known; `project_examples.csv` the results of their worked examples, all symbols.
A case of the library names its entry in `reference` and must state each of these values, to six
digits where the example has six; the library's loader has already worked the case out.
"""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tanhui.engine.library import Library
from tanhui.engine.project.cases import Case, agrees
from tanhui.engine.project.checks import closure
from tanhui.engine.project.nouns import NOT_FOR_CREDITING, ProjectMethodology

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
COLLECTED = ROOT.parent / "shared" / "reference" / "project-methodologies" / "methodologies.yaml"
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


ENTRIES, RESULTS = rows("project_entries.csv"), rows("project_examples.csv")
EXAMPLES = list(dict.fromkeys((row["entry"], int(row["example"])) for row in RESULTS))


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(ROOT / "library")


@pytest.fixture(scope="module")
def projects(library: Library) -> dict[str, ProjectMethodology]:
    return {
        str(Path(each.file).parent.relative_to("methodologies")): each for each in library.projects
    }


@pytest.fixture(scope="module")
def cases(library: Library) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for worked in library.project_cases.values():
        for case in worked:
            if case.reference is not None:
                found.setdefault(case.reference, []).append(case)
    return found


def test_eighty_entries_and_eighty_five_examples(
    projects: dict[str, ProjectMethodology], cases: dict[str, list[Case]]
) -> None:
    assert len(ENTRIES) == len({row["entry"] for row in ENTRIES}) == 80
    assert {row["folder"]: row["equations"] for row in ENTRIES} == {
        folder: each.status.equations for folder, each in projects.items()
    }
    assert len(EXAMPLES) == sum(map(len, cases.values())) == 85
    assert {row["entry"]: int(row["examples"]) for row in ENTRIES if row["examples"] != "0"} == {
        entry: len(found) for entry, found in cases.items()
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each[0]}-{each[1]}")
def test_the_case_states_every_result_of_the_example(
    example: tuple[str, int], cases: dict[str, list[Case]]
) -> None:
    entry, number = example
    case = cases[entry][number - 1]
    assert case.outcome == "quantified"
    assert case.refused is None
    assert case.disputed is None
    stated = {Decimal(text) for text in case.values.values()}
    for row in RESULTS:
        if (row["entry"], int(row["example"])) == example:
            assert Decimal(row["value"]) in stated, row


def test_only_shanghai_could_be_credited_today(library: Library) -> None:
    """A template, or a value nobody confirmed, stands in the way of every other one."""
    open_ = set()
    for each in library.projects:
        used = closure(iter(each.results.values()), each.equations)
        known = [
            value.evidence
            for name, parameter in each.parameters.items()
            for value in parameter.values
            if name in used
        ]
        known += [
            row.evidence
            for name, lookup in each.lookups.items()
            for row in lookup.table.rows
            if name in used
        ]
        if each.results and each.creditable and not set(known) & set(NOT_FOR_CREDITING):
            open_.add(each.code)
    assert open_ == {"shanghai-pv"}


def test_no_entry_claims_to_be_the_official_text(library: Library) -> None:
    known = Counter(each.status.equations for each in library.projects)
    assert known == {"template": 35, "name_only": 37, "published_summary": 7, "inferred": 1}
    for each in library.projects:
        for parameter in each.parameters.values():
            assert all(value.evidence != "official" for value in parameter.values), each.code


def flat(value: Any) -> list[str]:
    """Every number in a result of the collection; what holds or not is no number."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [each for part in inner for each in flat(part)]
    return [] if value in ("true", "false") else [value]


@pytest.mark.skipif(not COLLECTED.is_file(), reason="the collection is not beside the project")
def test_the_copies_here_are_what_was_collected() -> None:
    records = yaml.load(COLLECTED.read_text(encoding="utf-8"), Loader=LOADER)
    entries = [each for each in records if "id" in each]
    assert [row["entry"] for row in ENTRIES] == [each["id"] for each in entries]
    for each in entries:
        for number, example in enumerate(each.get("examples") or (), 1):
            for symbol, value in example["outputs"].items():
                here = {
                    row["value"]
                    for row in RESULTS
                    if (row["entry"], row["example"], row["symbol"])
                    == (each["id"], str(number), symbol)
                }
                there = flat(value)
                assert len(here) == len({Decimal(text) for text in there}), (each["id"], symbol)
                for text in there:
                    assert any(agrees(text, one) for one in here), (each["id"], symbol, text)
