"""The honest table: it adds up, and it says of the shipped library what is true."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from tanhui.core.period import day_number
from tanhui.engine.library import Library
from tanhui.engine.rulesets import Rulesets
from tanhui.engine.status import LibraryStatus, Standing
from tanhui.interfaces.cli.methodology import check

ROOT = Path(__file__).parents[2]
DAY = date(2025, 10, 1)


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(ROOT / "library")


@pytest.fixture(scope="module")
def status(library: Library) -> LibraryStatus:
    return library.status(on=DAY)


def behaviour(standings: tuple[Standing, ...]) -> list[Standing]:
    return [each for each in standings if each.kind == "behaviour"]


def test_the_counts_add_up_to_the_methodologies(library: Library, status: LibraryStatus) -> None:
    whole = len(library.methodologies) + len(library.projects)
    assert sum(status.equations.values()) == whole
    assert sum(status.standings.values()) == whole


def test_what_may_be_credited_is_found_and_nothing_else(
    library: Library, status: LibraryStatus
) -> None:
    """The table and what the platform would use are two questions with one answer."""
    day = day_number(DAY)
    for standing in behaviour(status.methodologies):
        [methodology] = [
            each
            for each in library.methodologies
            if (each.code, each.version) == (standing.code, standing.version)
        ]
        found = {
            region
            for region in methodology.regions
            if library.find(methodology.scene, region=region, day=day) == methodology
        }
        assert found <= set(standing.where), standing.code
        assert bool(found) == (standing in status.counting), standing.code


def test_only_the_name_known_or_a_value_unknown_is_never_credited(status: LibraryStatus) -> None:
    for standing in status.methodologies:
        if standing.equations == "name_only":
            assert standing not in status.counting, standing.code
    assert {each.code for each in behaviour(status.counting)} == {
        "china-ev-charging",
        "shenzhen-bus",
        "shenzhen-ev-charging",
        "shenzhen-home-electricity",
        "shenzhen-metro",
        "wuhan-bus",
        "wuhan-ev-charging",
        "wuhan-home-electricity",
        "wuhan-metro",
    }


def test_a_template_counts_only_where_a_rule_set_names_it(
    library: Library, status: LibraryStatus
) -> None:
    templates = {
        "china-ev-charging",
        "shenzhen-bus",
        "shenzhen-ev-charging",
        "shenzhen-metro",
    }
    found = [each for each in status.methodologies if each.standing == "inclusion_only"]
    assert {each.code for each in found} == templates
    assert {each.equations for each in found} == {"template"}
    assert not any(each.equations == "template" for each in status.creditable)
    silent = replace(library, rulesets=Rulesets({}))
    day = day_number(DAY)
    for scene, region in (("metro", "440300"), ("bus", "440305"), ("ev-charging", "110000")):
        counted = library.find(scene, region=region, day=day)
        assert counted is not None
        assert counted.inclusion_only
        assert silent.find(scene, region=region, day=day) is None
    kept = {each.code for each in behaviour(silent.status(on=DAY).counting)}
    assert kept == {each.code for each in behaviour(status.counting)} - templates


def test_no_project_known_by_name_or_template_is_creditable(status: LibraryStatus) -> None:
    for standing in status.methodologies:
        if standing.kind == "project" and standing.standing == "creditable":
            assert standing.equations in ("official", "published_summary", "inferred")
            assert standing.unknown == ()


def test_the_command_prints_the_same_table(library: Library) -> None:
    answer = CliRunner().invoke(check, ["--json"])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert told["errors"] == []
    assert told["methodologies"] == sum(told["status"].values()) == sum(told["standings"].values())
    standings = told["standings"]
    counting = standings["creditable"] + standings["inclusion_only"]
    assert len(told["creditable"]) == counting


def test_the_table_of_the_readme_is_true(status: LibraryStatus) -> None:
    text = (ROOT / "library" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]*) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    for column, kind in ((1, "behaviour"), (2, "project")):
        found = [each for each in status.methodologies if each.kind == kind]
        counts = Counter(each.equations for each in found) + Counter(
            each.standing for each in found
        )
        told = {row[0]: int(row[column]) for row in rows}
        assert told.pop("methodologies") == len(found)
        assert {name.split("`")[1]: n for name, n in told.items() if n} == dict(counts)
