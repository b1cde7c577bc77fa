"""`tanhui methodology impact`: a past period under a new version, from the platform's evidence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

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
    names = ["events", "up", "down", "same", "newly_not_applicable", "newly_applicable"]
    table(
        f"{new.code} → {new.version}  {document['from']} – {document['to']}",
        ["场景 scene", "地区", "次数", "升 up", "降 down", "同", "不再适用", "新适用", "差 mg"],
        [
            [row["scene"], row["region"], *(row[name] for name in names), row["difference_mg"]]
            for row in document["rows"]
        ],
    )
    total = document["total"]
    console.print(
        f"原 old {total['mg_old']:,} mg   新 new {total['mg_new']:,} mg   "
        f"差 difference {total['difference_mg']:,} mg ({kilograms_text(total['difference_mg'])} kg)"
    )
    console.print(
        "以上为未计上限的核算量；有上限时，实际计入的变化可能较小。\n"
        "Before caps: where a cap binds, what people are credited changes by less.",
        style="dim",
    )
    if total["not_comparable"]:
        console.print(f"无法比较 not comparable {total['not_comparable']:,}", style="yellow")
