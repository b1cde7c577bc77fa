"""`tanhui rules`: the rules in force as a table and a document; a check without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.tidy.source import PROJECT

from tanhui.core.errors import LibraryBroken, NotFound
from tanhui.interfaces.cli import rules as commands


@pytest.fixture(autouse=True)
def _running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "with_platform", lambda: None)  # the tests' own is running


def asked(*arguments: str) -> Any:
    done = CliRunner().invoke(commands.rules, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.django_db
def test_list_show_and_diff() -> None:
    found = asked("list", "--region", "440000", "--on", "2021-06-01", "--state", "unknown")
    assert {"offset.vintage", "verification.materiality"} <= {one["key"] for one in found["items"]}
    shown = asked("show", "offset.total_t", "--region", "440300", "--on", "2021-06-01")
    assert shown["rule"]["value"] == 1_000_000
    assert [one["written"] for one in shown["values"]][:2] == ["1500000", "unknown"]
    differing = asked("diff", "440000@2019-06-01", "440000@2021-06-01")["items"]
    assert {"offset.total_t", "offset.apply_by", "offset.surrender_by"} <= {
        one["key"] for one in differing
    }
    assert "offset.products" not in {one["key"] for one in differing}
    printed = CliRunner().invoke(commands.rules, ["show", "offset.cap", "--region", "310000"])
    assert "上海市生态环境局" in printed.output


@pytest.mark.django_db
def test_a_key_misspelt_is_named() -> None:
    done = CliRunner().invoke(commands.rules, ["show", "offset.cup"])
    assert isinstance(done.exception, NotFound)
    assert "offset.cap" in done.exception.en


def test_check_needs_no_database_and_reports_every_mistake(tmp_path: Path) -> None:
    said = asked("check", "--library", str(PROJECT / "library"))
    assert said["files"] == 13
    assert said["unknown"] > 0
    (tmp_path / "440000.yaml").write_text("region: '440000'\nrules: []\n", encoding="utf-8")
    done = CliRunner().invoke(commands.rules, ["check", str(tmp_path)])
    assert isinstance(done.exception, LibraryBroken)
    assert len(done.exception.values["problems"]) == 2
