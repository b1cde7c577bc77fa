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
from typing import Any

import click

from tanhui.core.errors import NotFound

from ..cases.case import Case, load_cases
from ..home import PROJECT, library_path
from .output import console, json_option, show_json, table

CASES = PROJECT / "cases"
_INSIDE = "TANHUI_CASES_HOME"  # set in the process that runs them


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
    if os.environ.get(_INSIDE):
        sys.exit(_run_here(chosen, as_json=as_json))
    with tempfile.TemporaryDirectory(prefix="tanhui-cases-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # the embedded server runs as a user of its own
        library = home / "library"
        shutil.copytree(library_path(), library)
        if (CASES / "library").is_dir():
            shutil.copytree(CASES / "library", library, dirs_exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {"TANHUI_HOME": str(home / "var"), "TANHUI_LIBRARY": str(library)}
        command = [sys.executable, "-m", "tanhui.interfaces.cli.main", "cases", "run"]
        command += [*(case.id for case in chosen), *(["--json"] if as_json else [])]
        done = subprocess.run(command, env=environment | {_INSIDE: "1"}, check=False)
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


def _run_here(chosen: list[Case], *, as_json: bool) -> int:
    from .starting import with_platform

    Path(os.environ["TANHUI_HOME"]).mkdir(mode=0o755, exist_ok=True)
    with_platform()
    from ..cases.running import Outcome, run_case

    outcomes: list[Outcome] = []
    for number, case in enumerate(chosen, start=1):
        sys.stderr.write(f"\r{number}/{len(chosen)} {case.id}   ")
        outcomes.append(run_case(case))
    sys.stderr.write("\r")
    if as_json:
        show_json([_document(one) for one in outcomes])
    else:
        _show(outcomes)
    return 0 if all(one.ok for one in outcomes) else 1


def _document(outcome: Any) -> dict[str, Any]:
    case = outcome.case
    obtained = {one.figure.name.en: one.obtained for one in outcome.figures}
    return {
        "id": case.id,
        "title": {"zh": case.title.zh, "en": case.title.en},
        "ok": outcome.ok,
        "expected": {figure.name.en: figure.expected for figure in case.figures},
        "obtained": obtained or {"stopped": outcome.stopped},
        "source": case.source,
        "notes": [figure.note.zh for figure in case.figures if figure.note],
    }


def _show(outcomes: list[Any]) -> None:
    rows = []
    for outcome in outcomes:
        for one in outcome.figures:
            figure = one.figure
            says = figure.source or outcome.case.source
            mark = "✓" if one.ok else "✗"
            name = f"{figure.name.zh} {figure.name.en}"
            rows.append((outcome.case.id, name, figure.expected, one.obtained, mark, says))
        if outcome.stopped:
            rows.append((outcome.case.id, outcome.stopped, "", "", "✗", outcome.case.source))
    heads = ["id", "数字 figure", "应为 expected", "得到 obtained", "", "出处 source"]
    table("案例 cases", heads, rows)
    for outcome in outcomes:
        for one in outcome.figures:
            if note := one.figure.note:
                console.print(f"{outcome.case.id}: {note.zh}\n    {note.en}", markup=False)
    done = sum(outcome.ok for outcome in outcomes)
    console.print(f"{done}/{len(outcomes)} 个案例相符 cases agree", markup=False)


COMMANDS: list[click.Command] = [cases]
