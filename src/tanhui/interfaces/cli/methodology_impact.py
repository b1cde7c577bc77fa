"""`tanhui methodology impact`: a past period under a new version, from the platform's evidence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tanhui.core.mass import kilograms_text
from tanhui.engine.onefile import load_file

from ..database import ensure_schema
from .lawbook import library_option
from .output import console, json_option, show_json, table, to_stderr
from .starting import set_up

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("impact")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--from", "first", type=DAY, required=True, help="First day of the period.")
@click.option("--to", "last", type=DAY, required=True, help="Last day of the period; belongs.")
@library_option
@json_option
def impact(*, file: Path, first: datetime, last: datetime, library: Path, as_json: bool) -> None:
    """What FILE, a new version, would have made of a past period; nothing is changed."""
    new, _ = load_file(file, library=library)
    set_up()
    ensure_schema()
    from tanhui.flows.impact import impact as work_out

    from ..platform import platform

    document = work_out(
        platform(),
        new,
        first=first.date(),
        last=last.date(),
        progress=lambda done, total: to_stderr.print(f"{done:,} / {total:,}"),
    )
    if as_json:
        show_json(document)
        return
    _show(f"{new.code} → {new.version}  {document['from']} – {document['to']}", document["rows"])
    total = document["total"]
    console.print(
        f"计入 credited: 原 old {total['mg_old']:,} mg   新 new {total['mg_new']:,} mg   "
        f"差 difference {total['difference_mg']:,} mg "
        f"({kilograms_text(total['difference_mg'])} kg)\n"
        f"上限之前 before caps: 原 old {total['before_caps_old_mg']:,} mg   "
        f"新 new {total['before_caps_new_mg']:,} mg",
        soft_wrap=True,
    )
    if total["no_parameter"]:
        console.print(f"新版本没有取值 no parameter {total['no_parameter']:,}", style="yellow")
    if total["not_comparable"]:
        console.print(f"无法比较 not comparable {total['not_comparable']:,}", style="yellow")
    if document["elsewhere"]:
        _show("同一些人的其他记录 other records of the same people", document["elsewhere"])


def _show(title: str, rows: list[dict[str, Any]]) -> None:
    names = {
        "events": "次数 events",
        "up": "升 up",
        "down": "降 down",
        "same": "同 same",
        "newly_not_applicable": "不再计入 no more",
        "newly_applicable": "新计入 newly",
        "not_applicable_both": "均不计入 neither",
        "mg_old": "原 old mg",
        "mg_new": "新 new mg",
        "difference_mg": "差 difference mg",
    }
    body = [[row["scene"], row["region"], *(row[name] for name in names)] for row in rows]
    table(title, ["场景 scene", "地区 region", *names.values()], body)
