"""`tanhui demo`: fill an installation with the generated demo city, marked as demo data.

The city's rides come first, then its log-ins, then its register, in which these act.
"""

from __future__ import annotations

from typing import Any

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..demo.cast import LogIn
from ..demo.city import DemoFile
from ..demo.loading import load_demo
from ..demo.log_ins import make_log_ins
from ..demo.register import play
from ..home import data_home
from ..platform import platform
from .output import console, json_option, show_json, table, to_stderr

ONE_TAP = "（登录页一点即入 one tap on /sign-in）"


@click.command("demo")
@json_option
def demo(*, as_json: bool) -> None:
    """Take the demo city in (5,000 made-up people, one month); a second time adds nothing."""
    receipts, people = load(quiet=as_json)
    if as_json:
        show_json({"batches": receipts, "log_ins": [vars(one) for one in people]})
    else:
        show_city(receipts, people)


def load(*, quiet: bool) -> tuple[list[dict[str, Any]], tuple[LogIn, ...]]:
    """City, log-ins and register, whatever of them is missing; receipts and log-ins."""
    receipts = take_city_in(quiet=quiet)
    people = make_log_ins()
    play(platform())
    return receipts, people


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
        [[one.username, one.password or ONE_TAP, one.role] for one in people],
    )


COMMANDS = [demo]
