"""The expert's path is walked as printed: files written, changed and checked, every command run.

Both languages tell the same files, changes and commands; the English page is walked.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tidy.source import PROJECT

PAGE = PROJECT / "docs" / "expert-guide.md"
CHINESE = PROJECT / "docs" / "expert-guide.zh.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`(var/[^`\s]+\.yaml)`")
FOLDERS = ("var/my-law", "var/platform-law")
REFUSAL = re.compile(r"\.yaml:\d+: |^methodology\.changed", re.MULTILINE)
"""A text that tells of a refusal: the command before it must end with exit code 1."""


def walk(text: str) -> Iterator[tuple[str, str, str]]:
    """(language, content, the file last named before it) of each fence."""
    place = 0
    named = ""
    for fence in FENCE.finditer(text):
        files = FILE.findall(text[place : fence.start()])
        named = files[-1] if files else named
        yield fence[1], fence[2], named
        place = fence.end()


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder outside private ones (the embedded server runs as its own user)."""
    folder = Path(tempfile.mkdtemp(prefix="tanhui-guide-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_the_guide_works_as_printed(home: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["TANHUI_HOME"] = str(home / "data")

    def moved(text: str) -> str:
        for folder in FOLDERS:
            text = text.replace(folder, str(home / folder))
        return text

    steps = list(walk(PAGE.read_text(encoding="utf-8")))
    said = ""
    for (language, content, named), following in zip(
        steps, [*steps[1:], ("", "", "")], strict=True
    ):
        if language == "sh":
            refused = following[0] == "text" and bool(REFUSAL.search(following[1]))
            lines = content.splitlines()
            codes = [0] * (len(lines) - 1) + [int(refused)]
            said = "".join(
                run(moved(line), environment, code=code)
                for line, code in zip(lines, codes, strict=True)
            )
        elif language == "yaml":
            Path(moved(named)).write_text(content, encoding="utf-8")
        elif language == "diff":
            change(Path(moved(named)), content)
        else:
            assert language == "text"
            for line in content.splitlines():
                assert line in said, f"{line!r} is not in:\n{said}"


def run(line: str, environment: dict[str, str], *, code: int) -> str:
    """What a command printed; it must end with that exit code."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    told = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == code, f"{line}\n{told}"
    return told


def change(path: Path, diff: str) -> None:
    """Replace each run of - lines by the + lines after it; what goes must be there once."""
    text = path.read_text(encoding="utf-8")
    for part in re.findall(r"(?:^-.*\n)+(?:^\+.*\n)+", diff, re.MULTILINE):
        lines = part.splitlines()
        old = "\n".join(line[1:] for line in lines if line[0] == "-")
        new = "\n".join(line[1:] for line in lines if line[0] == "+")
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def test_both_languages_tell_the_same() -> None:
    english, chinese = (
        [(language, content, named) for language, content, named in walk(page.read_text("utf-8"))]
        for page in (PAGE, CHINESE)
    )
    assert english == chinese
