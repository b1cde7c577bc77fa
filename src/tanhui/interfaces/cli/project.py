"""`tanhui project`: what a monitoring period gives, as a report anybody can work out again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tanhui.core.errors import InputRefused
from tanhui.engine.problems import Problems, Unreadable
from tanhui.engine.project.description import describe_project
from tanhui.engine.project.monitoring import open_monitoring, refuse
from tanhui.engine.project.page import page
from tanhui.engine.project.report import quantify
from tanhui.engine.project.verify import verify

from .lawbook import library_option, open_library
from .output import console, json_option, show_json, table

REPORT_BYTES_MAX = 64 << 20
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
    """Work out a monitoring file by its methodology."""
    data = file.read_bytes()
    problems = Problems()
    try:
        _, heading = open_monitoring(data, problems)
    except Unreadable:
        refuse(problems)
        raise
    law = open_library(library).project(
        heading.code, version=heading.version, day=heading.decisive_day
    )
    report = quantify(law, data)
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
    name, _, version = code.partition("@")
    newest = max((each.first_day for each in loaded.projects if each.code == name), default=0)
    law = loaded.project(name, version=version or None, day=newest)
    document = describe_project(law, loaded.project_cases.get(law.identity, ()))
    if as_json:
        show_json(document)
        return
    console.print(f"[bold]{law.title.zh}[/bold] {law.title.en}", highlight=False)
    console.print(f"{law.status.note.zh}\n{law.status.note.en}", markup=False)
    for each in document["equations"]:
        over = ", ".join(" in ".join(pair) for pair in each["over"])
        head = f"{each['symbol']}[{over}]" if over else each["symbol"]
        console.print(f"{head} = {each['expression']}   [{each['unit']}]", markup=False)
    rows = [
        [each["symbol"], entry["value"], each["unit"], entry["evidence"], entry["source"]]
        for each in document["parameters"]
        if each["table"] is None
        for entry in each["values"]
    ]
    table("取值 numbers of law", ["symbol", "value", "unit", "evidence", "source"], rows)


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
        console.print(f"{mark['zh']} {mark['en']}", style="yellow", markup=False)
    law = report["methodology"]
    console.print(f"{law['title_zh']} {law['title_en']} ({law['code']} {law['version']})")
    if report["reason_zh"]:
        console.print(f"{report['reason_zh']} {report['reason_en']}", style="red", markup=False)
    rows = report.get("vintages", [])
    if rows:
        names = [name for name in rows[0] if rows[0][name] is not None]
        body = [[str(each["year"]), *(each[name] for name in names[1:])] for each in rows]
        total = [report["totals"].get(name, "") for name in names[1:]]
        table("各年结果 vintages", names, [*body, ["合计 total", *total]])
    for each in report.get("alternatives", []):
        shown = (each["totals"] or {}).get("issuable_mg", each.get("reason_en", ""))
        console.print(f"若用 if {each['name_zh']} {each['name_en']}: {shown}", markup=False)
    console.print(f"result hash {report['result_hash']}", markup=False)


COMMANDS = [project]
