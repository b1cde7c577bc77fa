"""`tanhui methodology explain` and `diff`: what a methodology says, and what changed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number
from tanhui.core.region import Region
from tanhui.engine.description import answer_text, describe
from tanhui.engine.difference import difference
from tanhui.engine.explain import explain as explain_record
from tanhui.engine.library import Library
from tanhui.engine.methodology import Example, Methodology
from tanhui.engine.onefile import load_file
from tanhui.engine.problems import Mistake
from tanhui.engine.record import Record
from tanhui.engine.section import exact_decimal

from .arithmetic import show_arithmetic
from .lawbook import existing, library_option, one_of, open_library
from .output import console, json_option, show_json, table


@click.command("explain")
@click.argument("name", metavar="CODE")
@click.option("--given", multiple=True, metavar="FIELD=VALUE", help="A record to work out.")
@click.option("--region", help="Where it happened; by default the methodology's first region.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day; by default today.")
@click.option("--class", "class_", default="", help="The record's class, if it has one.")
@library_option
@json_option
def explain(
    *,
    name: str,
    given: Sequence[str],
    region: str | None,
    on: datetime | None,
    class_: str,
    library: Path,
    as_json: bool,
) -> None:
    """What CODE (or CODE@VERSION, or a file) says; with --given, every step of one record."""
    method, cases, versions = _find(name, library)
    if not given:
        document = describe(method, cases, versions)
        if as_json:
            show_json(document)
        else:
            _show_document(document)
        return
    record = Record(
        region=Region(region or method.regions[0]).code,
        class_=class_,
        day=day_number(on.date() if on else date.today()),  # noqa: DTZ011 - the reader's own day
        quantities=_quantities(given),
    )
    document = explain_record(method, record)
    document["answer"] = answer_text(method, document["code"])
    if as_json:
        show_json(document)
        return
    show_arithmetic(document)
    told = f"{document['mg']:,} mg" if not document["code"] else document["answer"]
    console.print(f"= {told}", style="bold", markup=False)


@click.command("diff")
@click.argument("a")
@click.argument("b")
@library_option
@json_option
def diff(*, a: str, b: str, library: Path, as_json: bool) -> None:
    """What changed from A to B (each CODE, CODE@VERSION, a file or a folder), and its effect."""
    old, old_cases, _ = _find(a, library)
    new, new_cases, _ = _find(b, library)
    document = difference(old, new, [*old_cases, *new_cases])
    if as_json:
        show_json(document)
        return
    console.print(f"[bold]{old.code} {old.version} → {new.code} {new.version}[/bold]")
    if not document["changes"]:
        console.print("没有不同 nothing differs")
    for one in document["changes"]:
        console.print(_change(one), markup=False, soft_wrap=True)
    table(
        "算例 worked cases",
        ["地区 region", "日期 on", "给定 given", "原 old", "新 new", "差 difference mg"],
        [
            [
                case["region"],
                case["on"],
                " ".join(f"{name}={value}" for name, value in case["given"].items()),
                *(_outcome(case[side]) for side in ("old", "new")),
                "" if case["difference_mg"] is None else case["difference_mg"],
            ]
            for case in document["cases"]
        ],
    )


def _find(
    name: str, folder: Path
) -> tuple[Methodology, tuple[Example, ...], tuple[Methodology, ...]]:
    """The methodology, its worked cases, and every version of its code."""
    if Path(name).exists():
        method, cases = load_file(Path(name), library=existing(folder))
        return method, cases, (method,)
    library: Library = open_library(folder)
    method = one_of(library, name)
    versions = tuple(each for each in library.methodologies if each.code == method.code)
    return method, library.cases.get(method.identity, ()), versions


def _quantities(given: Sequence[str]) -> dict[str, Fraction]:
    """Numbers by field; raises InputRefused for what is no `field=number`."""
    found: dict[str, Fraction] = {}
    for pair in given:
        name, sign, text = pair.partition("=")
        try:
            if not sign or name in found:
                raise Mistake(
                    zh="应为“字段=数”，每个字段一次。", en="write field=number, each once"
                )
            found[name] = exact_decimal(text)
        except Mistake as mistake:
            raise InputRefused(
                "methodology.given_malformed",
                zh=f"--given {pair[:60]}：{mistake.zh}",
                en=f"--given {pair[:60]}: {mistake.en}.",
            ) from None
    return found


def _show_document(document: Mapping[str, Any]) -> None:
    status = document["status"]
    console.print(
        f"{document['title_zh']} {document['title_en']}\n"
        f"{document['code']} {document['version']}  {' '.join(document['regions'])}  "
        f"{document['valid_from']} – {document['valid_to'] or ''}  [{status['equations']}]\n"
        f"{status['note_zh']}\n{status['note_en']}",
        markup=False,
    )
    for one in document["formula"]:
        console.print(f"{one['symbol']} = {one['expression']}  [{one['unit']}]", markup=False)
    for clause in document["applies"]:
        console.print(f"适用 applies: {clause}", markup=False)
    table(
        "数据 fields",
        ["符号", "名称", "name", "列 column", "步长 step", "min", "max"],
        [
            [f["symbol"], f["name_zh"], f["name_en"], f["column"], f["step"], f["min"], f["max"]]
            for f in document["fields"]
        ],
    )
    table(
        "参数 parameters",
        ["符号", "地区", "类别", "起 from", "止 to", "值 value", "单位", "证据 evidence", "来源"],
        [
            [
                each["symbol"],
                value["region"],
                value["class"] or "",
                value["valid_from"],
                value["valid_to"] or "",
                "未知 unknown" if value["value"] is None else value["value"],
                each["unit"],
                value["evidence"],
                value["source"],
            ]
            for each in document["parameters"]
            for value in each["values"]
        ],
    )


def _change(one: Mapping[str, Any]) -> str:
    """One change as a line: what, where, when, old → new."""
    place = " ".join(str(one[key]) for key in ("part", "name", "region", "class") if one.get(key))
    days = ""
    if "valid_from" in one:
        days = f" {one['valid_from']} – {one['valid_to'] or ''}"
    old, new = one["old"], one["new"]
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = [key for key in new if old.get(key) != new[key]]
        old, new = ({key: side.get(key) for key in keys} for side in (old, new))
    return f"{place}{days}\n    - {_told(old)}\n    + {_told(new)}"


def _told(side: Any) -> str:
    """One side of a change; nothing is a dash."""
    if side is None:
        return "–"
    if isinstance(side, Mapping):
        return ", ".join(f"{key}: {_told(value)}" for key, value in side.items())
    if isinstance(side, list):
        return "; ".join(map(_told, side)) or "–"
    return str(side)


def _outcome(side: Mapping[str, Any]) -> Any:
    return side["answer"] if side["mg"] is None else side["mg"]
