"""`tanhui methodology explain` and `diff`: what a methodology says, and what changed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from tanhui.engine.listing import Law
from tanhui.engine.methodology import Methodology
from tanhui.engine.onefile import is_project_file, load_file, load_project_file
from tanhui.engine.problems import Mistake
from tanhui.engine.project.difference import project_difference
from tanhui.engine.project.document import page_document
from tanhui.engine.project.nouns import ProjectMethodology
from tanhui.engine.record import Record
from tanhui.engine.section import exact_decimal

from .arithmetic import show_arithmetic
from .law_text import show_law
from .lawbook import existing, law_of, library_option, open_library
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
    """Everything CODE (or CODE@VERSION, or a file) says; with --given, each step of a record."""
    law = _find(name, library)
    if not given:
        document = law.document()
        if as_json:
            show_json(document)
        else:
            show_law(document)
        return
    method = law.as_behaviour()
    record = Record(
        region=Region(region or method.regions[0]).code,
        class_=class_,
        day=day_number(on.date() if on else date.today()),  # noqa: DTZ011 - the reader's own day
        quantities=_quantities(given, method),
    )
    document = explain_record(method, record)
    document["answer"] = answer_text(method, document["code"])
    if as_json:
        show_json(document)
        return
    show_arithmetic(document)
    told = f"{document['mg']:,} mg" if not document["code"] else _told_answer(document["answer"])
    console.print(f"= {told}", style="bold", markup=False, soft_wrap=True)


@click.command("diff")
@click.argument("a")
@click.argument("b")
@library_option
@json_option
def diff(*, a: str, b: str, library: Path, as_json: bool) -> None:
    """What changed from A to B (each CODE, CODE@VERSION, a file or a folder), and its effect."""
    left, right = _find(a, library), _find(b, library)
    old, new = left.law, right.law
    document = _difference(left, right)
    if as_json:
        show_json(document)
        return
    console.print(f"[bold]{old.code} {old.version} → {new.code} {new.version}[/bold]")
    if not document["changes"]:
        console.print("没有不同 nothing differs")
    for one in document["changes"]:
        console.print(_change(one), markup=False, soft_wrap=True)
    if not document["cases"]:
        return
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


@dataclass(frozen=True)
class _Found:
    """A methodology of either kind, its worked cases, and every version of its code."""

    law: Law
    cases: Sequence[Any]
    versions: Sequence[Any]

    def document(self) -> dict[str, Any]:
        """Everything it says."""
        if isinstance(self.law, Methodology):
            return describe(self.law, self.cases, self.versions)
        return page_document(self.law, self.cases, self.versions)

    def as_behaviour(self) -> Methodology:
        """What works out single records; raises InputRefused for a project."""
        if isinstance(self.law, Methodology):
            return self.law
        raise InputRefused(
            "methodology.given_to_project",
            zh=f"{self.law.code} 是项目方法学，按监测期量化；"
            f"请用 tanhui project new {self.law.code} 文件 写出监测文件。",
            en=f"{self.law.code} is a project methodology and takes a monitoring period; write a "
            f"monitoring file with `tanhui project new {self.law.code} FILE`.",
        )


def _find(name: str, folder: Path) -> _Found:
    """By code, code@version, file or folder; raises NotFound, LibraryBroken."""
    if Path(name).exists():
        path = Path(name)
        if is_project_file(path):
            project, worked = load_project_file(path, library=existing(folder))
            return _Found(project, worked, (project,))
        method, cases = load_file(path, library=existing(folder))
        return _Found(method, cases, (method,))
    library: Library = open_library(folder)
    law = law_of(library, name)
    if isinstance(law, Methodology):
        own = [each for each in library.methodologies if each.code == law.code]
        return _Found(law, library.cases.get(law.identity, ()), own)
    projects = [each for each in library.projects if each.code == law.code]
    return _Found(law, library.project_cases.get(law.identity, ()), projects)


def _difference(left: _Found, right: _Found) -> dict[str, Any]:
    """What differs; raises InputRefused for a behaviour and a project."""
    old, new = left.law, right.law
    if isinstance(old, Methodology) and isinstance(new, Methodology):
        return difference(old, new, [*left.cases, *right.cases])
    if isinstance(old, ProjectMethodology) and isinstance(new, ProjectMethodology):
        return project_difference(old, new)
    raise InputRefused(
        "methodology.kinds_differ",
        zh=f"{old.code} 是 {old.kind}，{new.code} 是 {new.kind}；只能比较同一类的两个方法学。",
        en=f"{old.code} is a {old.kind}, {new.code} a {new.kind}; compare two of one kind.",
    )


ANSWERS = {
    "no_parameter": (
        "没有适用的取值：该地区、类别或日期的参数未知",
        "no parameter: the value is not known for this region, class or day",
    ),
    "negative": ("结果为负，不计入", "the result is negative and does not count"),
    "history.too_short": ("历史记录不足", "too few earlier records for its own history"),
}


def _told_answer(answer: str) -> str:
    """Why a record gives no number; what is no known reason is the condition that fails."""
    zh, en = ANSWERS.get(answer, (f"不满足条件 {answer}", f"the condition {answer} does not hold"))
    return f"{zh}。{en}."


def _quantities(given: Sequence[str], method: Methodology) -> dict[str, Fraction]:
    """Numbers by field; raises InputRefused, naming the fields there are, for what is none."""
    allowed = ", ".join(f"{each.name} ({each.unit.text})" for each in method.fields)
    found: dict[str, Fraction] = {}
    for pair in given:
        name, sign, text = pair.partition("=")
        try:
            if not sign or name in found:
                raise Mistake(zh="应为“字段=数”，每个字段一次", en="write field=number, each once")
            if name not in {each.name for each in method.fields}:
                raise Mistake(zh=f"没有字段“{name[:40]}”", en=f"there is no field '{name[:40]}'")
            found[name] = exact_decimal(text)
        except Mistake as mistake:
            raise InputRefused(
                "methodology.given_malformed",
                zh=f"--given {pair[:60]}：{mistake.zh.rstrip('。')}。可用字段：{allowed}。",
                en=f"--given {pair[:60]}: {mistake.en}. The fields are: {allowed}.",
            ) from None
    missing = [each.name for each in method.fields if each.name not in found]
    if missing:
        raise InputRefused(
            "methodology.given_missing",
            zh=f"--given 缺少 {'、'.join(missing)}。可用字段：{allowed}。",
            en=f"--given lacks {', '.join(missing)}. The fields are: {allowed}.",
        )
    return found


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
