"""`tanhui project`: what a monitoring period gives, as a report anybody can work out again."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import click

from tanhui.core.clock import system_clock
from tanhui.core.errors import Conflict, InputRefused
from tanhui.engine.library import Library
from tanhui.engine.problems import Problems, Unreadable
from tanhui.engine.project.description import describe_project
from tanhui.engine.project.document import page_document
from tanhui.engine.project.monitoring import PERIOD_YEARS_MAX, open_monitoring, refuse
from tanhui.engine.project.nouns import YEAR_ENDS, YEARS, ProjectMethodology
from tanhui.engine.project.page import page
from tanhui.engine.project.report import QUANTIFIED, quantify
from tanhui.engine.project.starting_monitoring import starting_monitoring
from tanhui.engine.project.verify import verify

from .law_text import show_law
from .lawbook import library_option, open_library
from .output import console, json_option, show_json, table

REPORT_BYTES_MAX = 64 << 20
YEAR = click.IntRange(1900, 2200)
MEMBER = re.compile(r"[\w-]{1,40}")
FileArgument = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("project")
def project() -> None:
    """Projects: from a monitoring file to results per vintage, and back again."""


@project.command("quantify")
@click.argument("file", metavar="MONITORING", type=FileArgument)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for report.json, report.zh.md and report.en.md.",
)
@library_option
@json_option
def quantify_command(*, file: Path, out: Path | None, library: Path, as_json: bool) -> None:
    """Work out a monitoring file by its methodology. Exit 1 when nothing may be issued."""
    data = file.read_bytes()
    problems = Problems()
    try:
        _, heading = open_monitoring(data, problems, file=str(file))
    except Unreadable:
        refuse(problems)
        raise
    law = open_library(library).project(
        heading.code, version=heading.version, day=heading.decisive_day
    )
    report = quantify(law, data, file=str(file))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report, ensure_ascii=False, indent=2)
        (out / "report.json").write_text(text + "\n", encoding="utf-8")
        (out / "report.zh.md").write_text(page(report, "zh"), encoding="utf-8")
        (out / "report.en.md").write_text(page(report, "en"), encoding="utf-8")
    if as_json:
        show_json(report)
    else:
        _show(report)
        if out is not None:
            console.print(f"报告 report: {out}", markup=False)
    if report["outcome"] != QUANTIFIED:
        sys.exit(1)


@project.command("explain")
@click.argument("file", metavar="REPORT", type=FileArgument)
@json_option
def explain(*, file: Path, as_json: bool) -> None:
    """Work a report out again from its own evidence, and say whether every digit agrees."""
    report = _read_report(file)
    again = verify(report)
    if as_json:
        show_json({"matches": True, "result_hash": again["result_hash"], "report": again})
    else:
        _show(again)
        console.print("重算一致 every digit agrees with the recalculation", style="green")


@project.command("show")
@click.argument("code", metavar="CODE")
@library_option
@json_option
def show(*, code: str, library: Path, as_json: bool) -> None:
    """What the project methodology CODE (or CODE@VERSION) says."""
    loaded = open_library(library)
    law = _law(loaded, code)
    worked = loaded.project_cases.get(law.identity, ())
    if as_json:
        show_json(describe_project(law, worked))
        return
    versions = [each for each in loaded.projects if each.code == law.code]
    show_law(page_document(law, worked, versions))


@project.command("new")
@click.argument("code", metavar="CODE")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--first-year", type=YEAR, help="First year of the period; by default last year.")
@click.option("--last-year", type=YEAR, help="Last year of the period; by default the first.")
@click.option("--set", "sets", multiple=True, metavar="NAME=A,B", help="Members of an open set.")
@library_option
@json_option
def new(
    *,
    code: str,
    file: Path,
    first_year: int | None,
    last_year: int | None,
    sets: tuple[str, ...],
    library: Path,
    as_json: bool,
) -> None:
    """Write FILE, a starting monitoring file of CODE; `quantify` then names every blank left."""
    law = _law(open_library(library), code)
    first = first_year or (last_year or system_clock().year - 1)
    last = last_year or first
    if not first <= last < first + PERIOD_YEARS_MAX:
        raise InputRefused(
            "monitoring.period_refused",
            zh=f"监测期 {first}–{last} 应为 1 至 {PERIOD_YEARS_MAX} 年；请核对年份。",
            en=f"The period {first}-{last} must have 1 to {PERIOD_YEARS_MAX} years; check them.",
        )
    text = starting_monitoring(law, first_year=first, last_year=last, members=_members(sets, law))
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as written:
            written.write(text)
    except FileExistsError:
        raise Conflict(
            "monitoring.exists",
            zh=f"{file} 已存在，没有改动；请换一个文件名。",
            en=f"{file} exists and was left alone; take another name.",
        ) from None
    if as_json:
        show_json({"methodology": law.code, "version": law.version, "file": str(file)})
        return
    console.print(
        f"{file}\n填好每处 ____，再运行 tanhui project quantify {file}\n"
        f"Fill in every ____, then run tanhui project quantify {file}",
        markup=False,
        soft_wrap=True,
    )


def _members(sets: tuple[str, ...], law: ProjectMethodology) -> dict[str, list[str]]:
    """Members by set; raises InputRefused naming the sets that are open."""
    is_open = {
        name
        for name, each in law.sets.items()
        if each.kind == "word" and each.members is None and name not in (YEARS, YEAR_ENDS)
    }
    found: dict[str, list[str]] = {}
    for pair in sets:
        name, _, text = pair.partition("=")
        members = [each.strip() for each in text.split(",") if each.strip()]
        if name not in is_open or name in found or not all(map(MEMBER.fullmatch, members or [""])):
            known = ", ".join(sorted(is_open)) or "–"
            raise InputRefused(
                "monitoring.set_refused",
                zh=f"--set {pair[:60]} 无效；应为“集合=成员,成员”，每个集合一次；"
                f"可写的集合：{known}。",
                en=f"--set {pair[:60]} cannot be used; write SET=A,B, each set once, of: {known}.",
            )
        found[name] = members
    return found


def _law(library: Library, name: str) -> ProjectMethodology:
    """The project methodology CODE (its newest version) or CODE@VERSION; raises NotFound."""
    code, _, version = name.partition("@")
    newest = max((each.first_day for each in library.projects if each.code == code), default=0)
    return library.project(code, version=version or None, day=newest)


def _read_report(file: Path) -> dict[str, Any]:
    if file.stat().st_size > REPORT_BYTES_MAX:
        raise InputRefused(
            "report.too_large",
            zh=f"报告超过 {REPORT_BYTES_MAX} 字节；请核对文件。",
            en=f"The report is larger than {REPORT_BYTES_MAX} bytes; check the file.",
        )
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        report = None
    if not isinstance(report, dict):
        raise InputRefused(
            "report.no_json",
            zh="文件不是 JSON 报告；请给出 report.json。",
            en="The file is no JSON report; give report.json.",
        )
    return report


def _show(report: dict[str, Any]) -> None:
    for mark in report["marks"]:
        console.print(f"{mark['zh']} {mark['en']}", style="yellow", markup=False, soft_wrap=True)
    law = report["methodology"]
    console.print(f"{law['title_zh']} {law['title_en']} ({law['code']} {law['version']})")
    if report["reason_zh"]:
        reason = f"{report['reason_zh']} {report['reason_en']}"
        console.print(reason, style="red", markup=False, soft_wrap=True)
    rows = report.get("vintages", [])
    if rows:
        names = [name for name in rows[0] if rows[0][name] is not None]
        body = [[str(each["year"]), *(each[name] for name in names[1:])] for each in rows]
        total = [report["totals"].get(name, "") for name in names[1:]]
        table("各年结果 vintages", names, [*body, ["合计 total", *total]])
    for each in report.get("alternatives", []):
        console.print(
            f"若用 if {each['name_zh']} {each['name_en']}: {_alternative(each)}",
            markup=False,
            soft_wrap=True,
        )
    console.print(f"result hash {report['result_hash']}", markup=False)


def _alternative(each: dict[str, Any]) -> str:
    """What another calibre would give, with its unit, and which of its values are unconfirmed."""
    if each["totals"] is None:
        return f"{each['reason_zh']} {each['reason_en']}"
    shown = [
        f"{name.removesuffix('_mg')} {mg:,} mgCO2e"
        for name, mg in each["totals"].items()
        if name.endswith("_mg")
    ]
    if each["unconfirmed"]:
        shown.append(f"未确认 unconfirmed: {', '.join(each['unconfirmed'])}")
    return "; ".join(shown)


COMMANDS = [project]
