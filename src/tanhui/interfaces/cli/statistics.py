"""`tanhui statistics`: shares by count and by mass, for the operator."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from tanhui.flows.statistics import Question, statistics

from ..api.exports import csv_lines
from ..platform import platform
from ..statistics_table import HEADINGS, cells
from .output import json_option, show_json, table

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("statistics")
@click.option("--from", "first", type=DAY, help="First day, such as 2025-01-01.")
@click.option("--to", "last", type=DAY, help="Last day, counted too.")
@click.option("--by", default="scene", show_default=True, help="Of scene,region,partner,month.")
@click.option("--public", "is_public", is_flag=True, help="What everybody may see.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV (UTF-8 with byte order mark).")
@json_option
def statistics_command(
    *,
    first: datetime | None,
    last: datetime | None,
    by: str,
    is_public: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """How many reductions, of what mass, by scene, region, partner or month."""
    question = Question(tuple(by.split(",")), _day(first), _day(last))
    document = statistics(platform(), question, is_public=is_public)
    rows = [cells(question.by, group) for group in document["groups"]]
    if as_json:
        show_json(document)
    elif as_csv:
        for line in csv_lines([*question.by, *HEADINGS], rows):
            click.echo(line, nl=False)
    else:
        table("统计 statistics", [*question.by, *HEADINGS], rows)
        _show_total(document["total"])


def _show_total(total: dict[str, Any]) -> None:
    click.echo(
        f"合计 total {total['events']:,} 次 events  {total['mg']:,} mg  "
        f"{total['points']:,} 积分 points  {total['people']:,} 人 people"
    )


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.date()


COMMANDS = [statistics_command]
