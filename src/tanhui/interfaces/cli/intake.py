"""`tanhui intake`: a partner's file in, a receipt out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tanhui.core.errors import InputRefused
from tanhui.core.mass import kilograms_text
from tanhui.domain.partners import queries as partners
from tanhui.domain.partners import services as partner_services

from ..feeds import FEEDS
from ..intake import take_in
from ..schedulers import NAMES, scheduler_named
from .output import console, json_option, show_json, table, to_stderr


@click.command("intake")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--feed", required=True, help=f"Format of the file: {', '.join(sorted(FEEDS))}.")
@click.option("--partner", help="Code of the partner; default: the feed's own name.")
@click.option(
    "--config",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="What the feed must be told, such as year_offset=2000 (repeatable).",
)
@click.option("--key", "idempotency_key", help="Idempotency key of this delivery.")
@click.option(
    "--scheduler",
    type=click.Choice(NAMES),
    default="process",
    show_default=True,
    help="Who settles a large file: this process, a pool of processes, or Apache Spark.",
)
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes of the pool.")
@click.option("--master", help="Spark master: local[2], spark://host:7077.  [default: local[*]]")
@json_option
def intake(
    *,
    file: Path,
    feed: str,
    partner: str | None,
    settings: tuple[str, ...],
    idempotency_key: str | None,
    scheduler: str,
    workers: int | None,
    master: str | None,
    as_json: bool,
) -> None:
    """Take FILE in: every row gets a status, and the statuses add up to the rows."""
    code = partner or _own_partner(feed)
    with (
        scheduler_named(scheduler, master=master, workers=workers) as chosen,
        _bar(is_shown=not as_json and to_stderr.is_terminal) as bar,
    ):
        tasks: dict[str, Any] = {
            "read": bar.add_task("读取 read", total=None),
            "settle": bar.add_task("核算 settle", total=None),
        }
        receipt = take_in(
            file,
            name=_printable(file.name),
            partner=code,
            feed=feed,
            config=_config(settings),
            actor="cli",
            idempotency_key=idempotency_key,
            may_name_files=True,
            scheduler=chosen,
            progress=lambda stage, rows: bar.advance(tasks[stage], rows),
        )
    if as_json:
        show_json(receipt)
    else:
        show_receipt(receipt)


def _bar(*, is_shown: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=to_stderr,
        transient=True,
        disable=not is_shown,
    )


def _own_partner(feed: str) -> str:
    """A file without a named partner belongs to a partner called like the feed."""
    if feed not in FEEDS:
        return feed  # take_in refuses it with the list of feeds
    names = {"zh": f"{feed}（未登记平台）", "en": f"{feed} (no partner named)"}
    known = partners.everyone().filter(code=feed).first()
    if known is None:
        partner_services.register(feed, name_zh=names["zh"], name_en=names["en"])
    return feed


def _printable(name: str) -> str:
    """A file's name with what cannot be decoded or shown replaced; the file itself stays as named.

    >>> _printable("b\\udcff.csv")
    'b\ufffd.csv'
    """
    return "".join(one if one.isprintable() else "\ufffd" for one in name)


def _config(settings: tuple[str, ...]) -> dict[str, str]:
    """KEY=VALUE pairs as a mapping; raises InputRefused for anything else."""
    pairs = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name or name in pairs:
            raise InputRefused(
                "intake.config.malformed",
                zh=f"--config “{setting}”应写成 键=值，且每个键只写一次。",
                en=f"--config '{setting}' must be KEY=VALUE, each key once.",
            )
        pairs[name] = value
    return pairs


def show_receipt(receipt: dict[str, Any]) -> None:
    """The receipt for a person at a terminal."""
    again = "（此前已收到，未重复入账 received before）" if receipt["repeated"] else ""
    partner = escape(receipt["partner"])
    console.print(f"批次 batch [bold]{receipt['batch']}[/bold] {partner}{again}")
    table(
        f"{receipt['source']['name']}: {receipt['rows']:,} 行 rows",
        ["状态 status", "行 rows"],
        receipt["counts"].items(),
    )
    if receipt["reasons"]:
        table(
            "原因 reasons",
            ["状态 status", "行 rows", "原因 reason"],
            [
                [row["status"], row["rows"], f"{row['reason']}\n{row['zh']}\n{row['en']}"]
                for row in receipt["reasons"]
            ],
        )
    console.print(
        f"减排量 reduction {kilograms_text(receipt['mg_credited'])} kgCO2e "
        f"({receipt['mg_credited']:,} mg)  撤回 reversed {receipt['mg_reversed']:,} mg  "
        f"积分 points {receipt['points']:,}  人 people {receipt['people']:,}"
    )
    console.print(f"凭证 digest {receipt['digest']}", style="dim", markup=False)


COMMANDS = [intake]
