"""`tanhui methodology`: the experts' door to law as data; only `impact` needs the database."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from tanhui.core.clock import system_clock
from tanhui.core.errors import LibraryBroken
from tanhui.engine.description import summary
from tanhui.engine.library import METHODOLOGY_FILE
from tanhui.engine.listing import Law, matches, status_counts, status_of
from tanhui.engine.status import LibraryStatus, library_status

from .lawbook import library_option, open_library
from .methodology_freeze import freeze
from .methodology_impact import impact
from .methodology_look import diff, explain
from .methodology_new import new
from .output import console, json_option, show_json, table


@click.group("methodology")
def methodology() -> None:
    """Methodologies: write them, check them, explain, compare, and see what a change would do."""


@methodology.command("check")
@library_option
@json_option
def check(*, library: Path, as_json: bool) -> None:
    """Load the whole library, run every worked case, print the honest status. Exit 1 on errors."""
    cases = 0
    status = library_status((), (), day=0)
    errors: list[str] = []
    errors_zh: list[str] = []
    try:
        loaded = open_library(library)
        status = loaded.status(on=system_clock().date())
        cases = sum(map(len, loaded.cases.values())) + sum(map(len, loaded.project_cases.values()))
        cases += sum(len(each.examples) for each in loaded.methodologies)
    except LibraryBroken as broken:
        errors = [str(problem) for problem in broken.values.get("problems", [broken])]
        errors_zh = [str(problem) for problem in broken.values.get("problems_zh", [broken.zh])]
    if as_json:
        show_json(
            {
                "methodologies": len(status.methodologies),
                "cases": cases,
                "errors": errors,
                "errors_zh": errors_zh,
                "status": {name: n for name, n in status.equations.items() if n},
                "standings": {name: n for name, n in status.standings.items() if n},
                "creditable": [asdict(each) for each in status.counting],
            }
        )
    else:
        if not errors and status.methodologies:
            _show_whole_status(status)
        for zh, en in zip(errors_zh, errors, strict=True):
            console.print(zh, style="red", markup=False, soft_wrap=True)
            console.print(f"    {en}", markup=False, soft_wrap=True)
        _show_summary(library, errors=len(errors), cases=cases)
    if errors:
        sys.exit(1)


@methodology.command("list")
@click.option("--region", help="Only what is for this GB/T 2260 code, above it or inside it.")
@click.option("--scene", help="Only this scene.")
@click.option("--status", help="Only this status of the equations, or 'disabled'.")
@click.option("--kind", help="Only 'behaviour', or only 'project'.")
@library_option
@json_option
def list_methodologies(
    *,
    region: str | None,
    scene: str | None,
    status: str | None,
    kind: str | None,
    library: Path,
    as_json: bool,
) -> None:
    """Every methodology with its scene, regions and evidence, and the honest status table."""
    loaded = open_library(library)
    laws: tuple[Law, ...] = (*loaded.methodologies, *loaded.projects)
    found = [
        each for each in laws if matches(each, region=region, scene=scene, status=status, kind=kind)
    ]
    counts = status_counts(found)
    rows = [summary(each) for each in found]
    if as_json:
        show_json({"methodologies": rows, "status": counts})
        return
    table(
        "方法学 methodologies",
        ["编号 code", "名称", "地区 regions", "场景 scene", "公式 equations", "未知值 unknown"],
        [
            [
                f"{each.code} {each.version}",
                each.title.zh,
                " ".join(each.regions),
                each.scene,
                status_of(each),
                row["values_unknown"],
            ]
            for each, row in zip(found, rows, strict=True)
        ],
    )
    _show_status(counts)


def _show_summary(library: Path, *, errors: int, cases: int) -> None:
    """The last line: how much was read, how many mistakes there are, and what comes next."""
    files = sum(1 for _ in library.glob(f"methodologies/**/{METHODOLOGY_FILE}"))
    if errors:
        zh = f"读了 {files} 个方法学文件，有 {errors} 处错误；请按文件与行号改正，再运行一次检查。"
        en = (
            f"Methodology files read: {files}; mistakes: {errors}. Correct them by file and line, "
            "then check again."
        )
    elif not files:
        zh = f"{library} 中没有方法学；可用 tanhui methodology new 编号 写一个。"
        en = f"There is no methodology in {library}; start one with `tanhui methodology new CODE`."
    else:
        zh = f"读了 {files} 个方法学文件、{cases} 个算例，没有错误；可用 explain 查看任一个。"
        en = (
            f"Methodology files read: {files}; worked cases: {cases}; no mistakes. "
            "`tanhui methodology explain CODE` shows one."
        )
    console.print(f"{zh} {en}", markup=False, soft_wrap=True)


def _show_whole_status(status: LibraryStatus) -> None:
    _show_status({name: n for name, n in status.equations.items() if n})
    table("今天能否计入 credited today", ["", "n"], _standing_rows(status))
    table(
        "今天可计入 what may be credited today",
        ["编号 code", "场景 scene", "公式 equations", "地区 where", "可签发 issuable"],
        [
            [
                f"{each.code} {each.version}",
                each.scene,
                each.equations,
                " ".join(each.where),
                "否 never" if each.standing == "inclusion_only" else "",
            ]
            for each in status.counting
        ],
    )


def _standing_rows(status: LibraryStatus) -> list[list[object]]:
    words = {
        "creditable": "可计入 creditable",
        "inclusion_only": "模板，只计入不签发 template, counted and never issued",
        "waiting": "等待取值或准许 waiting for values or leave",
        "calculation": "只计算不签发 calculation only",
        "not_in_force": "未施行 not in force",
        "disabled": "停用 disabled",
    }
    return [[words[name], n] for name, n in status.standings.items() if n]


def _show_status(status: dict[str, int]) -> None:
    table("公式依据 what the equations stand on", ["公式 equations", "n"], status.items())


for _command in (new, explain, diff, impact, freeze):
    methodology.add_command(_command)

COMMANDS = [methodology]
