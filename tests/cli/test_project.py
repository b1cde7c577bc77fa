"""`tanhui project`: from a monitoring file to a report, and back to every digit of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tanhui.core.errors import Conflict, InputRefused, NotFound
from tanhui.interfaces.cli.project import project

FOREST = Path(__file__).parents[2] / "docs" / "examples" / "forest.yaml"


def run(*arguments: str | Path) -> Any:
    """What the command prints with --json."""
    words = [str(each) for each in (*arguments, "--json")]
    result = CliRunner().invoke(project, words, catch_exceptions=False)
    return json.loads(result.output)


def test_a_report_is_written_read_and_worked_out_again(tmp_path: Path) -> None:
    report = run("quantify", FOREST, "--out", tmp_path)
    assert report["outcome"] == "quantified"
    assert len(report["vintages"]) == 20
    names = {each.name for each in tmp_path.iterdir()}
    assert names == {"report.json", "report.zh.md", "report.en.md"}
    assert "示例" in (tmp_path / "report.zh.md").read_text(encoding="utf-8")
    again = run("explain", tmp_path / "report.json")
    assert again["matches"] is True
    assert again["result_hash"] == report["result_hash"]


def test_a_changed_digit_of_a_report_is_refused_with_its_place(tmp_path: Path) -> None:
    run("quantify", FOREST, "--out", tmp_path)
    file = tmp_path / "report.json"
    report = json.loads(file.read_text(encoding="utf-8"))
    report["vintages"][3]["issuable_mg"] += 1
    file.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(InputRefused, match=r"vintages\[3\]\.issuable_mg"):
        run("explain", file)


def test_a_monitoring_file_of_an_unknown_methodology_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    text = FOREST.read_text(encoding="utf-8")
    file.write_text(text.replace("template-s4-stock-change", "template-s44"), encoding="utf-8")
    with pytest.raises(NotFound, match="No project methodology 'template-s44'"):
        run("quantify", file)
    file.write_text("monitoring: [", encoding="utf-8")
    with pytest.raises(InputRefused, match="not valid YAML"):
        run("quantify", file)
    with pytest.raises(InputRefused, match="no JSON report"):
        run("explain", file)


def test_show_tells_formulas_values_and_tables() -> None:
    found = run("show", "shanghai-pv")
    assert {each["symbol"] for each in found["equations"]} >= {"factor", "issuable", "revenue"}
    assert found["parameters"][0]["values"][0]["value"] == "0.42"
    assert found["lookups"][0]["rows_by_evidence"] == {"recalled": 6}
    assert found["creditable"] is True


PV = """\
monitoring: pv
methodology: shanghai-pv
mode: crediting
region: "310000"
project: {name: roof}
period: {first_year: 2024, last_year: 2024}
inputs:
  generation: {unit: MWh, values: {2024: 1100}}
  auxiliary: {unit: MWh, values: {2024: 0}}
  capacity: 900 kW
  price: 60 CNY/tCO2e
applicability:
  no_ets_site: {answer: "yes"}
  once: {answer: "yes"}
"""


def invoke(*arguments: str | Path) -> Any:
    return CliRunner().invoke(project, [str(each) for each in arguments])


def test_show_says_what_the_monitoring_file_must_give() -> None:
    text = invoke("show", "shanghai-pv").output
    for words in ("input generation", "[MWh]", "capacity <= 1*MW", "question no_ets_site", "→ yes"):
        assert words in text, words
    assert "…" not in text


def test_a_refused_limit_ends_with_an_error(tmp_path: Path) -> None:
    file = tmp_path / "roof.yaml"
    file.write_text(PV, encoding="utf-8")
    assert invoke("quantify", file).exit_code == 0
    file.write_text(PV.replace("900 kW", "2 MW"), encoding="utf-8")
    done = invoke("quantify", file, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "at most 1 MW in one project" in done.output
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["totals"]["issuable_mg"] == 0
    file.write_text(PV.replace('"yes"}', '"no"}', 1), encoding="utf-8")
    assert invoke("quantify", file).exit_code == 1


def test_a_mistake_names_the_file_that_was_given(tmp_path: Path) -> None:
    file = tmp_path / "roof-2024.yaml"
    file.write_text(PV.replace("unit: MWh", "unit: km", 1), encoding="utf-8")
    error = invoke("quantify", file).exception
    assert isinstance(error, InputRefused)
    assert f"{file}:8: input generation is given in km" in error.en
    file.write_text(PV.replace("mode: crediting", "mode: sometimes"), encoding="utf-8")
    error = invoke("quantify", file).exception
    assert isinstance(error, InputRefused)
    assert f"{file}:3" in error.en


def test_inferred_equations_are_marked_where_they_credit(tmp_path: Path) -> None:
    file = tmp_path / "roof.yaml"
    file.write_text(PV, encoding="utf-8")
    done = invoke("quantify", file, "--out", tmp_path / "out")
    assert "The equations are inferred" in done.output
    page = (tmp_path / "out" / "report.zh.md").read_text(encoding="utf-8")
    assert "公式为推断" in page
    assert run("explain", tmp_path / "out" / "report.json")["matches"] is True


def test_alternatives_have_units_and_thousands(tmp_path: Path) -> None:
    file = tmp_path / "roof.yaml"
    file.write_text(PV, encoding="utf-8")
    report = run("quantify", file)
    shown = " ".join(invoke("quantify", file).output.split())
    assert report["alternatives"]
    for each in report["alternatives"]:
        if each["totals"] is not None:
            assert f"{each['totals']['issuable_mg']:,} mgCO2e" in shown


def filled(text: str) -> str:
    """Every blank of a starting file with an answer: the first word, yes, or 1."""
    text = re.sub(r'answer: "____ [^"]*with (yes|no)）"', r'answer: "\1"', text)
    text = re.sub(r"\[____[^\]]*\]", "[a.pdf]", text)
    text = re.sub(r'"____ ([^"|(]*?) \|[^"]*"', r"\1", text)
    text = re.sub(r'"____ 一个词[^"]*"', "word", text)
    return re.sub(r'("____[^"]*"|____[^}\n]*)', "1", text)


@pytest.mark.parametrize("code", ["shanghai-pv", "template-s4-stock-change", "cdm-ams-iii-f"])
def test_a_starting_file_names_its_blanks_and_loads_once_filled(code: str, tmp_path: Path) -> None:
    file = tmp_path / "start.yaml"
    years = ("--first-year", "2023", "--last-year", "2024")
    assert run("new", code, file, *years)["file"] == str(file)
    error = invoke("quantify", file).exception
    assert isinstance(error, InputRefused)
    assert f"{file}:" in error.en
    assert "still a blank" in error.en
    text = filled(file.read_text(encoding="utf-8"))
    assert "____" not in text
    file.write_text(text.replace("mode: crediting", "mode: illustration"), encoding="utf-8")
    error = invoke("quantify", file).exception
    known = ("project.unknown_value", "project.undefined", "project.no_equations")
    assert error is None or isinstance(error, SystemExit) or error.code in known, error
    assert isinstance(invoke("new", code, file).exception, Conflict)


def test_a_starting_file_takes_the_members_of_its_sets(tmp_path: Path) -> None:
    file = tmp_path / "forest.yaml"
    run("new", "template-s4-stock-change", file, "--set", "strata=north,south")
    assert "strata: [north, south]" in file.read_text(encoding="utf-8")
    wrong = invoke("new", "template-s4-stock-change", tmp_path / "b.yaml", "--set", "layers=a")
    assert isinstance(wrong.exception, InputRefused)
    assert "of: strata" in wrong.exception.en
