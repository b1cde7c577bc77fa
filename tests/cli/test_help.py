"""`tanhui --help` lists every command as it describes itself, without starting anything."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from tanhui.interfaces import database
from tanhui.interfaces.cli.main import MODULES, cli

SCRIPT = """
import sys
from tanhui.interfaces.cli.main import cli
cli(["--help"], standalone_mode=False)
print(sorted({"django", "psycopg", "numpy", "polars"} & sys.modules.keys()))
"""


def test_the_list_says_what_each_command_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "ensure_schema", lambda: None)  # to look needs no tables
    context = click.Context(cli)
    told = {}
    for name in MODULES:
        command = cli.get_command(context, name)
        assert command is not None
        told[name] = " ".join((command.help or "").split("\n\n")[0].split())
    assert told == {name: line for name, (_, line) in MODULES.items()}


def test_the_list_imports_no_command_and_no_database() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")
    assert "Take FILE in" in done.stdout
