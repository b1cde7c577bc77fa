"""`tanhui project`: from a monitoring file to a report, and back to every digit of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tanhui.core.errors import InputRefused, NotFound
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
