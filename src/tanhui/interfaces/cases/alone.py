"""The process in which cases run, with an installation of its own: see `tanhui cases run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cli.output import console, show_json, table
from ..cli.starting import with_platform
from ..home import data_home
from .case import Case, load_cases

if TYPE_CHECKING:
    from .running import Outcome


def main(arguments: list[str]) -> int:
    """FOLDER [--json] IDS: run the cases and print them; 1 when one differs."""
    folder, *rest = arguments
    as_json = "--json" in rest
    known = load_cases(Path(folder))
    data_home().chmod(0o755)  # the embedded server runs as a user of its own
    with_platform()
    outcomes = _run([known[name] for name in rest if name != "--json"])
    if as_json:
        show_json([_document(one) for one in outcomes])
    else:
        _show(outcomes)
    return 0 if all(one.ok for one in outcomes) else 1


def _run(chosen: list[Case]) -> list[Outcome]:
    from .running import run_case

    outcomes = []
    for number, case in enumerate(chosen, start=1):
        sys.stderr.write(f"\r{number}/{len(chosen)} {case.id}   ")
        outcomes.append(run_case(case))
    sys.stderr.write("\r")
    return outcomes


def _document(outcome: Outcome) -> dict[str, Any]:
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


def _show(outcomes: list[Outcome]) -> None:
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
