"""What the documents tell a reader to type works: each command is run, or a reason is written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.commands import ANY_FENCE, PAGES, Command, commands
from tests.tidy.source import PROJECT

EVERY = [command for pattern in PAGES for command in commands(pattern)]


def test_both_readmes_tell_the_same_commands() -> None:
    english = [command.line for command in commands("README.md")]
    assert english
    assert [command.line for command in commands("README.zh.md")] == english


def test_every_fence_names_its_language() -> None:
    """A block without a language would hide commands from these tests."""
    wrong = []
    for pattern in PAGES:
        for path in PROJECT.glob(pattern):
            fences = ANY_FENCE.findall(path.read_text(encoding="utf-8"))
            opened = fences[::2]
            wrong += [f"{path.name}: ```{name}" for name in opened if not name.strip()]
            wrong += [f"{path.name}: use sh" for name in opened if name in {"bash", "shell"}]
    assert not wrong, "\n".join(wrong)


def test_every_reason_is_still_needed() -> None:
    from tests.docs.commands import NOT_RUN_HERE

    used = {reason for command in EVERY if (reason := command.why_not_run)}
    assert sorted(set(NOT_RUN_HERE.values()) - used) == []


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A data folder outside private folders (the embedded server runs as its own user)."""
    folder = Path(tempfile.mkdtemp(prefix="tanhui-docs-"))
    folder.chmod(0o755)
    try:
        yield folder / "data"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_the_commands_of_the_documents_work(home: Path) -> None:
    """In reading order, on an empty platform; a command that several pages tell is run once."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["TANHUI_HOME"] = str(home)
    told = [command for command in EVERY if command.why_not_run is None]
    assert told
    run(Command("make run", ".venv/bin/tanhui migrate"), environment)
    shutil.rmtree(PROJECT / "var" / "package-1", ignore_errors=True)  # of an earlier run
    done: set[str] = set()
    for command in told:
        if command.line not in done:
            done.add(command.line)
            run(command, environment)
    # What docs/intake.md says of the eight rows, and that the same file again changes nothing.
    intake = next(line for line in done if "intake docs/examples/rides.csv" in line)
    receipt = json.loads(run(Command("docs/intake.md", f"{intake} --json"), environment))
    assert receipt["repeated"] is True
    assert receipt["rows"] == 8
    assert {status: rows for status, rows in receipt["counts"].items() if rows} == {
        "credited": 3,
        "duplicate": 1,
        "overlapping": 1,
        "not_applicable": 1,
        "rejected": 2,
    }


def run(command: Command, environment: dict[str, str]) -> str:
    """Run one command; returns what it printed."""
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command.line],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    told = f"{command.page}: {command.line}\n{finished.stdout}\n{finished.stderr}"
    assert finished.returncode == 0, told
    return finished.stdout
