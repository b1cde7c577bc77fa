"""`tanhui rules`: what holds in a region, on a day, for a product; what two differ in; a check."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from tanhui.core.errors import NotFound
from tanhui.core.region import Region
from tanhui.engine.rule_keys import RULES
from tanhui.engine.rule_listing import STATES, Standpoint, compared, history, listed
from tanhui.engine.rulesets import Rulesets
from tanhui.engine.section import nearest

from .lawbook import existing, library_option
from .output import console, json_option, show_json, table
from .starting import with_platform

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("rules")
def rules() -> None:
    """Rules of a region, day and product: list, show, compare and check them."""


@rules.command("list")
@click.option("--region", help="GB/T 2260 code; by default the installation's own.")
@click.option("--on", type=_DAY, help="The day; by default today.")
@click.option("--product", default="", help="Such as PHCER; by default the rules for any product.")
@click.option("--state", type=click.Choice(STATES), help="Only rules in this state.")
@click.option("--q", help="Only rules with this text in key, name, value or source.")
@json_option
def list_(
    *,
    region: str | None,
    on: datetime | None,
    product: str,
    state: str | None,
    q: str | None,
    as_json: bool,
) -> None:
    """Every rule as it stands there, unknown ones with who must supply them."""
    rulesets, at = _standing(region, on, product)
    found = listed(rulesets, at, state=state, q=q)
    if as_json:
        show_json(_told(at) | {"items": found})
        return
    table(
        f"规则 rules {_title(at)}",
        ["规则 rule", "名称 name", "值 value", "地区 region", "起 from", "依据 tag"],
        [
            [one["key"], one["name_zh"], _value(one), one["region"], one["valid_from"] or "",
             one["tag"]]
            for one in found
        ],
    )  # fmt: skip


@rules.command("show")
@click.argument("key")
@click.option("--region", help="GB/T 2260 code; by default the installation's own.")
@click.option("--on", type=_DAY, help="The day; by default today.")
@click.option("--product", default="", help="Such as PHCER; by default the rule for any product.")
@json_option
def show(*, key: str, region: str | None, on: datetime | None, product: str, as_json: bool) -> None:
    """Rule KEY, such as offset.cap: what holds, and every value there was or will be."""
    if key not in RULES:
        close = nearest(key, RULES)
        raise NotFound(
            "ruleset.key_unknown",
            zh=f"没有规则“{key[:60]}”；"
            + (f"是否想写“{close}”？" if close else "请看 rules list。"),
            en=f"There is no rule '{key[:60]}'; "
            + (f"did you mean '{close}'?" if close else "see `tanhui rules list`."),
        )
    rulesets, at = _standing(region, on, product)
    one = next(each for each in listed(rulesets, at) if each["key"] == key)
    values = history(rulesets, key, Region(at.region).lineage())
    if as_json:
        show_json(_told(at) | {"rule": one, "values": values})
        return
    console.print(f"[bold]{key}[/bold] {one['name_zh']} {one['name_en']}")
    console.print(f"{_title(at)}: {_value(one)}", markup=False, soft_wrap=True)
    for word in ("source", "source_url", "note_zh", "note_en", "change"):
        if one[word]:
            console.print(one[word], markup=False, soft_wrap=True)
    table(
        "各期的值 values",
        ["地区 region", "产品 product", "起 from", "止 to", "值 value", "依据 tag"],
        [
            [each["region"], each["product"], each["valid_from"], each["valid_to"] or "",
             _value(each), each["tag"]]
            for each in values
        ],
    )  # fmt: skip


@rules.command("diff")
@click.argument("a", metavar="REGION[@DAY]")
@click.argument("b", metavar="REGION[@DAY]")
@click.option("--product", default="", help="Such as PHCER; by default the rules for any product.")
@json_option
def diff(*, a: str, b: str, product: str, as_json: bool) -> None:
    """What differs between two regions or days, such as 440000@2024-01-01 and 310000."""
    rulesets, one = _standing(*_named(a), product)
    _, two = _standing(*_named(b), product)
    found = [each for each in compared(rulesets, one, two) if each["differs"]]
    if as_json:
        show_json({"one": _told(one), "two": _told(two), "items": found})
        return
    table(
        "不同的规则 rules that differ",
        ["规则 rule", "名称 name", _title(one), _title(two)],
        [[each["key"], each["name_zh"], _value(each["one"]), _value(each["two"])]
         for each in found],
    )  # fmt: skip


@rules.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@library_option
@json_option
def check(*, folder: Path | None, library: Path, as_json: bool) -> None:
    """Check the rule files in FOLDER (by default the library's): every mistake with its line."""
    rulesets = Rulesets.load(folder or existing(library) / "rulesets")
    values = [value for each in rulesets.rules.values() for value in each]
    said = {
        "files": len(rulesets.texts),
        "values": len(values),
        "unknown": sum(value.value is None for value in values),
        "unconfirmed": sum(value.tag == "unconfirmed" for value in values),
    }
    if as_json:
        show_json(said)
        return
    console.print(
        f"{said['files']} 个文件 files, {said['values']} 个值 values, "
        f"{said['unknown']} 个未知 unknown, {said['unconfirmed']} 个待核实 unconfirmed"
    )


def _standing(
    region: str | None, on: date | datetime | None, product: str
) -> tuple[Rulesets, Standpoint]:
    """The rules in force, approved changes among them, and from where to look at them."""
    with_platform()
    from tanhui.flows.registry.matters import today  # what needs the database, as `check` does not

    from ..platform import platform

    here = platform()
    day = on.date() if isinstance(on, datetime) else on
    at = Standpoint(Region(region or here.region).code, day or today(here), product)
    return here.rulesets, at


def _named(text: str) -> tuple[str, datetime | None]:
    region, _, day = text.partition("@")
    return region, _DAY.convert(day, None, None) if day else None


def _value(one: dict[str, Any]) -> str:
    if one["state"] == "unknown":
        return f"unknown：{one['supplier_zh']}"
    return str(one["written"]) or "–"


def _title(at: Standpoint) -> str:
    return " ".join(filter(None, (at.region, at.product, at.on.isoformat())))


def _told(at: Standpoint) -> dict[str, str]:
    return {"region": at.region, "on": at.on.isoformat(), "product": at.product}


COMMANDS = [rules]
