"""The library as shipped: it loads, every worked case holds on every executor, and it is honest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tanhui.core.errors import LibraryBroken, NotFound
from tanhui.core.period import day_number
from tanhui.engine.illustration import illustrated
from tanhui.engine.library import Library
from tanhui.engine.methodology import Example, Methodology
from tanhui.engine.record import counts_of

from .executors import Case, five_answers
from .methodology_texts import GOOD

LIBRARY = Path(__file__).parents[2] / "library"
DAY = day_number(date(2024, 10, 1))


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(LIBRARY)


def case_of(methodology: Methodology, example: Example) -> Case:
    given = example.given
    return Case(given.region, given.class_, given.day, counts_of(methodology, given))


def test_every_worked_case_holds_on_every_executor(library: Library) -> None:
    for methodology in library.methodologies:
        for worked, examples in by_values(methodology, library.cases[methodology.identity]):
            stated = [(example.mg, example.code) for example in examples]
            answers = five_answers(worked, [case_of(worked, each) for each in examples])
            for name, each in answers.items():
                assert each == stated, (methodology.code, name)


def by_values(
    methodology: Methodology, cases: tuple[Example, ...]
) -> list[tuple[Methodology, list[Example]]]:
    """The cases with the law's own values, and each with values of its own, to be worked apart."""
    found: dict[str, tuple[Methodology, list[Example]]] = {}
    for example in [*methodology.examples, *cases]:
        worked = illustrated(methodology, example)
        found.setdefault(worked.digest, (worked, []))[1].append(example)
    return list(found.values())


def test_every_scene_of_the_issue_is_there(library: Library) -> None:
    found = {
        (methodology.scene, region)
        for methodology in library.methodologies
        for region in methodology.regions
    }
    scenes = ("metro", "bus", "ev-charging", "home-electricity")
    assert found >= {(scene, region) for scene in scenes for region in ("420100", "440300")}


@pytest.mark.parametrize(
    ("scene", "region", "day", "code"),
    [
        ("metro", "420106", "2024-10-01", "wuhan-metro"),
        ("metro", "440300", "2018-09-01", "shenzhen-metro"),
        ("metro", "440300", "2017-09-01", None),
        ("metro", "110000", "2024-10-01", None),
        ("ev-charging", "420100", "2024-10-01", "wuhan-ev-charging"),
        ("ev-charging", "420100", "2015-10-01", "china-ev-charging"),
        ("ev-charging", "100000", "2014-11-18", "china-ev-charging"),
        ("nev-trip", "420100", "2024-10-01", None),
        ("unheard-of", "420100", "2024-10-01", None),
        ("metro", "no region", "2024-10-01", None),
    ],
)
def test_the_nearest_enabled_methodology_is_found(
    library: Library, scene: str, region: str, day: str, code: str | None
) -> None:
    found = library.find(scene, region=region, day=day_number(date.fromisoformat(day)))
    assert (None if found is None else found.code) == code


def test_the_contradicting_coefficient_is_shown_but_disabled(library: Library) -> None:
    methodology = library.get("wuhan-nev-trip", on=date(2024, 10, 1))
    assert not methodology.enabled
    assert methodology.disabled is not None
    assert "2.95" in methodology.disabled.zh
    assert "2.95" in methodology.disabled.en


def test_demonstrations_on_old_data_say_so(library: Library) -> None:
    """A value that reaches back before its methodology was published is marked as template."""
    for code in ("shenzhen-metro", "shenzhen-bus", "china-ev-charging"):
        methodology = library.get(code, on=date(2018, 9, 1))
        assert methodology.status.equations == "template"
        assert "演示" in methodology.status.note.zh
        assert "demonstration" in methodology.status.note.en
        values = methodology.parameters["unit_reduction"].values
        assert [value.evidence for value in values] == ["template", "borrowed"]


def test_no_value_is_called_official_or_lacks_its_source(library: Library) -> None:
    """Of two standards the equations were read, of none the tables: no value may say official."""
    official = {each.code for each in library.methodologies if each.status.equations == "official"}
    assert official == {"jingjinji-green-travel", "csae-ev-travel"}
    for methodology in library.methodologies:
        for parameter in methodology.parameters.values():
            for value in parameter.values:
                assert value.source
                assert value.evidence != "official"
                assert value.evidence in ("published", "unknown") or value.note is not None


def test_get_and_by_digest(library: Library) -> None:
    metro = library.get("wuhan-metro", on=date(2024, 10, 1), region="420106")
    assert library.by_digest(*metro.identity) is metro
    with pytest.raises(NotFound):
        library.get("wuhan-metro", on=date(2024, 10, 1), region="440300")
    with pytest.raises(NotFound):
        library.get("wuhan-metro", on=date(2020, 1, 1))
    with pytest.raises(NotFound):
        library.by_digest("wuhan-metro", metro.version, "0" * 64)


def write_library(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


CASES = 'cases: [{given: {region: "420100", at: 2024-10-01, distance: 1}, expect: {mg: 78400}}]\n'
FOLDER = "methodologies/420100/test-metro"


def problems_of(root: Path) -> str:
    with pytest.raises(LibraryBroken) as caught:
        Library.load(root)
    return caught.value.en


def test_a_folder_is_a_library(tmp_path: Path) -> None:
    root = write_library(
        tmp_path, {f"{FOLDER}/methodology.yaml": GOOD, f"{FOLDER}/cases.yaml": CASES}
    )
    assert [each.code for each in Library.load(root).methodologies] == ["test-metro"]


def test_broken_libraries_name_every_file(tmp_path: Path) -> None:
    root = write_library(
        tmp_path,
        {
            f"{FOLDER}/methodology.yaml": GOOD,
            f"{FOLDER}/cases.yaml": CASES.replace("78400", "1"),
            "methodologies/440300/other/methodology.yaml": GOOD,
            "methodologies/420100/test-metro/2.0/methodology.yaml": GOOD.replace("1.0", "2.0"),
            "methodologies/420100/test-metro/2.0/cases.yaml": CASES,
            "factors/grid.yaml": "factor: other\n",
        },
    )
    text = problems_of(root)
    assert f"{FOLDER}/cases.yaml:1: the example states 1 mg but the result is 78400 mg" in text
    assert "440300/other/methodology.yaml:1: the file belongs in methodologies/420100" in text
    assert "440300/other/cases.yaml:1: cases.yaml is missing" in text
    assert "already; give this one another version" in text
    assert "overlaps in time with" in text
    assert "factors/grid.yaml:1: factor table lacks 'values'" in text


FACTORS = """\
factor: grid
title: {zh: 电网, en: grid}
unit: kgCO2e/km
values:
  - {region: "100000", from: 2024-01-01, value: 0.0784, source: t, evidence: template}
"""


def test_a_factor_table_is_shared_and_counts_for_the_digest(tmp_path: Path) -> None:
    start, end = GOOD.index("    unit: gCO2e/km"), GOOD.index("applies:")
    text = GOOD[:start] + "    factor: grid\n" + GOOD[end:]
    files = {f"{FOLDER}/methodology.yaml": text, f"{FOLDER}/cases.yaml": CASES}
    root = write_library(tmp_path, {**files, "factors/grid.yaml": FACTORS})
    before = Library.load(root).methodologies[0]
    assert before.parameters["rate"].factor == "grid"
    write_library(tmp_path, {"factors/grid.yaml": FACTORS + "# a remark\n"})
    assert Library.load(root).methodologies[0].digest != before.digest
    write_library(tmp_path, {"factors/grid.yaml": FACTORS.replace("factor: grid", "factor: g")})
    assert "differs from the file name" in problems_of(root)


def test_nothing_is_found_where_a_value_is_unknown(tmp_path: Path) -> None:
    """Unknown is loaded and shown, and never applied."""
    text = GOOD.replace(
        "from: 2024-01-01, value: 78.4, source: test, evidence: template}",
        "from: 2024-01-01, to: 2025-01-01, value: 78.4, source: test, evidence: template}\n"
        '      - {region: "420100", from: 2025-01-01, value: unknown, source: t,'
        " evidence: unknown}",
    )
    root = write_library(
        tmp_path, {f"{FOLDER}/methodology.yaml": text, f"{FOLDER}/cases.yaml": CASES}
    )
    library = Library.load(root)
    assert library.scenes == {"metro"}
    assert library.find("metro", region="420100", day=DAY) is library.methodologies[0]
    assert library.find("metro", region="420100", day=DAY + 365) is None
