"""A starting file of every shape: its blanks are named, and filled it is a methodology."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from tests.cli.asking import ask, printed, refused

from tanhui.engine.closure import closure
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.library import Library
from tanhui.engine.starting_file import shapes, starting_files

BLANK_LINE = re.compile(r"^(?P<key>.*?: )____.*$", re.MULTILINE)
FILLED = {"equations": "template", "evidence": "template", "source": "made up for a test"}


def filled(text: str) -> str:
    """Every blank of a starting file with an answer; numbers are 2, expected results 0."""

    def answer(match: re.Match[str]) -> str:
        key = match["key"].strip(" -:").rstrip(":")
        if key in ("zh", "en"):
            return f"{match['key']}made up"
        return match["key"] + FILLED.get(key, "0" if key == "mg" else "2")

    return BLANK_LINE.sub(answer, text)


@pytest.mark.parametrize("name", shapes())
def test_a_filled_starting_file_loads(name: str, tmp_path: Path) -> None:
    shape = shapes()[name]
    texts = starting_files(
        shape, code="a-b", region="510100", scene=shape.scene, first=date(2025, 1, 1)
    )
    folder = tmp_path / "methodologies" / "510100" / "a-b"
    folder.mkdir(parents=True)
    for file, text in texts.items():
        (folder / file).write_text(filled(text), encoding="utf-8")
    _, found = ask("check", "--library", str(tmp_path))
    stated = [re.search(r"but the result is (.*);", each) for each in found["errors"]]
    results = {match[1].partition(";")[0] for match in stated if match}
    assert all(stated), "only the made-up results are wrong"
    for file in texts:  # put the result right, as the message says
        path = folder / file
        text = path.read_text(encoding="utf-8")
        for result in results:
            text = text.replace("mg: 0", f"mg: {result.removesuffix(' mg')}")
        path.write_text(text, encoding="utf-8")
    methodology = Library.load(tmp_path).methodologies[0]
    assert methodology.scene == shape.scene
    closure(compile_form(methodology))


def test_check_names_every_blank_with_its_line(tmp_path: Path) -> None:
    code, written = ask("new", "test-metro", "--region", "510100", "--library", str(tmp_path))
    assert code == 0
    code, found = ask("check", "--library", str(tmp_path))
    assert (code, found["methodologies"]) == (1, 0)
    wanted = []
    for file in map(Path, written["files"]):
        label = file.relative_to(tmp_path).as_posix()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if "____" in line and not line.startswith("#"):
                wanted.append(f"{label}:{number}")
    assert sorted(each.partition(": ")[0] for each in found["errors"]) == sorted(wanted)
    assert all("is still a blank" in each for each in found["errors"])
    assert all("还是空白" in each for each in found["errors_zh"])
    assert any("parameters.unit_reduction.values[0].value" in each for each in found["errors"])


def test_what_stands_is_never_overwritten(tmp_path: Path) -> None:
    place = ("--library", str(tmp_path))
    _, written = ask("new", "test-metro", *place)
    file = Path(written["files"][0])
    file.write_text("mine", encoding="utf-8")
    assert refused("new", "test-metro", *place).code == "methodology.exists"
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("new", "Test Metro"), "methodology.code_malformed"),
        (("new", "../up"), "methodology.code_malformed"),
        (("new", "a", "--shape", "nothing"), "methodology.shape_unknown"),
        (("new", "a", "--region", "1"), "region.malformed"),
        (("check", "--library", "nowhere"), "library.absent"),
    ],
)
def test_what_is_wrong_is_refused(arguments: tuple[str, ...], code: str, tmp_path: Path) -> None:
    place = () if "--library" in arguments else ("--library", str(tmp_path))
    assert refused(*arguments, *place).code == code
    assert not list(tmp_path.iterdir())


def test_the_shapes_are_listed() -> None:
    _, found = ask("new", "--shapes")
    assert len(found["shapes"]) >= 13
    assert "unit-reduction" in printed("new")


@pytest.mark.parametrize("shape", [f"S{n}" for n in range(1, 11)])
@pytest.mark.parametrize("region", ["510100", "941011"])
def test_a_project_of_every_shape_loads_as_written(shape: str, region: str, tmp_path: Path) -> None:
    _, told = ask(
        "new", "a-b", "--kind", "project", "--shape", shape, "--region", region,
        "--library", str(tmp_path),
    )  # fmt: skip
    assert told["shape"] == shape
    [project] = Library.load(tmp_path).projects
    assert (project.code, project.shape, project.regions) == ("a-b", shape, (region,))
    assert (project.status.equations, project.creditable) == ("template", False)
    assert Library.load(tmp_path).project_cases[project.identity]


def test_the_shapes_of_projects_are_listed_and_another_is_refused(tmp_path: Path) -> None:
    _, told = ask("new", "--kind", "project", "--shapes", "--library", str(tmp_path))
    assert [each["shape"] for each in told["shapes"]] == [f"S{n}" for n in range(1, 11)]
    wrong = refused("new", "a-b", "--kind", "project", "--library", str(tmp_path))
    assert wrong.code == "methodology.shape_unknown"
    assert "S1, S2" in wrong.en
    assert not (tmp_path / "methodologies").exists()
