"""`tanhui demo`: fill an installation with the generated demo city, marked as demo data."""

from __future__ import annotations

from typing import Any

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..demo.cast import LogIn
from ..demo.city import DemoFile
from ..demo.loading import load_demo
from ..demo.log_ins import make_log_ins
from ..home import data_home
from .output import console, json_option, show_json, table, to_stderr


@click.command("demo")
@json_option
def demo(*, as_json: bool) -> None:
    """Take the demo city in (5,000 made-up people, one month); a second time adds nothing."""
    receipts = take_city_in(quiet=as_json)
    people = make_log_ins()
    if as_json:
        show_json({"batches": receipts, "log_ins": [vars(one) for one in people]})
    else:
        show_city(receipts, people)


def take_city_in(*, quiet: bool) -> list[dict[str, Any]]:
    """Take every file of the city in, with a progress bar unless `quiet`; the receipts."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} 行 rows"),
        TimeElapsedColumn(),
        console=to_stderr,
        transient=True,
        disable=quiet or not to_stderr.is_terminal,
    ) as bar:
        task = bar.add_task("演示城市 demo city", total=None)

        def settled(stage: str, rows: int) -> None:
            if stage == "settle":
                bar.advance(task, rows)

        def file_done(file: DemoFile, receipt: dict[str, Any]) -> None:
            bar.update(task, description=f"{file.path.name}")

        return load_demo(data_home() / "demo", file_done=file_done, rows_done=settled)


def show_city(receipts: list[dict[str, Any]], people: tuple[LogIn, ...]) -> None:
    """How large the city is, and how to get in."""
    rows = sum(receipt["rows"] for receipt in receipts)
    console.print(
        f"演示城市（演示数据，人物均为生成）demo city (demo data, everybody is made up): "
        f"{len(receipts)} 批 batches, {rows:,} 行 rows"
    )
    table(
        "演示账号 demo log-ins",
        ["用户 user", "密码 password", "身份 role"],
        [[one.username, one.password, one.role] for one in people],
    )


COMMANDS = [demo]
