"""`tanhui cases`: the white paper's cases, run through the public interfaces and compared.

Each run has an installation of its own: data folder, database, and a copy of the library over
which the cases lay what their authorities would have filled in (`cases/library`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tanhui.core.errors import NotFound

from ..cases.case import Case, load_cases
from ..home import PROJECT, library_path
from .output import json_option, show_json, table

CASES = PROJECT / "cases"


@click.group("cases")
def cases() -> None:
    """The white paper's cases: listed, and run through the public interfaces."""


@cases.command("list")
@json_option
def list_cases(*, as_json: bool) -> None:
    """Every case with its title and source."""
    found = load_cases(CASES).values()
    if as_json:
        show_json([{"id": one.id, "title": one.title.zh, "source": one.source} for one in found])
    else:
        rows = [(one.id, f"{one.title.zh} {one.title.en}", one.source) for one in found]
        table("案例 cases", ["id", "案例 case", "出处 source"], rows)


@cases.command("run")
@click.argument("ids", nargs=-1)
@json_option
def run(*, ids: tuple[str, ...], as_json: bool) -> None:
    """Run cases (all of them without IDS): expected, obtained, source. Exit 1 if one differs."""
    chosen = _chosen(ids)
    with tempfile.TemporaryDirectory(prefix="tanhui-cases-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # the embedded server runs as a user of its own
        library = home / "library"
        shutil.copytree(library_path(), library)
        if (CASES / "library").is_dir():
            shutil.copytree(CASES / "library", library, dirs_exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {"TANHUI_HOME": str(home / "var"), "TANHUI_LIBRARY": str(library)}
        command = [sys.executable, "-m", "tanhui.interfaces.cases.alone", str(CASES)]
        command += [*(["--json"] if as_json else []), *(case.id for case in chosen)]
        done = subprocess.run(command, env=environment, check=False)
    sys.exit(done.returncode)


def _chosen(ids: tuple[str, ...]) -> list[Case]:
    known = load_cases(CASES)
    if unknown := sorted(set(ids) - known.keys()):
        raise NotFound(
            "case.unknown",
            zh=f"没有案例 {'、'.join(unknown)[:80]}；已有：{'、'.join(known)}。",
            en=f"There is no case {', '.join(unknown)[:80]}; known: {', '.join(known)}.",
        )
    return [known[name] for name in ids or known]


COMMANDS: list[click.Command] = [cases]
