"""`tanhui backup` and `tanhui restore`: copies for a bad day, and the way back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tanhui.books.backup import keys as key_copies
from tanhui.books.backup.files import name_of
from tanhui.books.backup.opening import open_backup, refuse_other_evidence
from tanhui.core.clock import system_clock

from ..home import data_home, keys_folder
from .output import console, json_option, show_json, table
from .starting import set_up

FOLDER = click.Path(path_type=Path, file_okay=False)


class _DataByDefault(click.Group):
    """`tanhui backup FOLDER` means `tanhui backup data FOLDER`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default in front of what is no command and no option."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["data", *args]
        return super().parse_args(ctx, args)


@click.group("backup", cls=_DataByDefault)
def backup() -> None:
    """Copy everything but the keys to a folder; `backup keys` copies the keys elsewhere."""


@backup.command("data")
@click.argument("folder", type=FOLDER)
@json_option
def data(*, folder: Path, as_json: bool) -> None:
    """Add a backup of database, evidence and log to FOLDER. Exit 1 if something did not hold."""
    set_up()
    from django.conf import settings

    from tanhui.flows.backup import back_up

    from ..database import ensure_schema
    from ..log import verifier_keys
    from ..platform import platform

    ensure_schema()
    said = back_up(
        platform(),
        folder,
        about={
            "log_name": settings.TANHUI_LOG_NAME,
            "log_keys": {str(year): keys for year, keys in verifier_keys().items()},
            "secrets": key_copies.fingerprints(keys_folder()),
        },
    )
    told = {name: said[name] for name in ("name", "digest", "batches", "logs", "problems")}
    told |= {
        "files": len(said["files"]),
        "bytes": sum(file["bytes"] for file in said["files"]),
        "rows": sum(each["rows"] for each in said["database"]["tables"]),
    }
    if as_json:
        show_json(told)
    else:
        _show_backup(told)
    if said["problems"]:
        sys.exit(1)


@backup.command("keys")
@click.argument("folder", type=FOLDER)
@json_option
def keys(*, folder: Path, as_json: bool) -> None:
    """Copy secrets and key store to FOLDER and destroy the copy before it; every day."""
    name = name_of(system_clock())
    count = key_copies.back_up_keys(keys_folder(), folder, name)
    if as_json:
        show_json({"name": name, "files": count})
    else:
        console.print(f"密钥副本 copy of the keys {name}：{count} 个文件 files", markup=False)


@backup.command("check")
@click.argument("folder", type=FOLDER)
@click.option("--at", "name", help="Name of the backup; by default the newest.")
@json_option
def check(*, folder: Path, name: str | None, as_json: bool) -> None:
    """Read every file of a backup again. Exit 1 when one is missing or changed."""
    found = open_backup(folder, name)
    told = {"name": found.name, "files": len(found.files), "logs": found.said["logs"]}
    if as_json:
        show_json(told)
    else:
        console.print(f"{found.name}：{told['files']} 个文件完好 files are whole", markup=False)


@click.command("restore")
@click.argument("folder", type=FOLDER)
@click.option("--at", "name", help="Name of the backup; by default the newest.")
@click.option("--keys", "keys_from", type=FOLDER, help="Folder that `tanhui backup keys` wrote.")
@json_option
def restore(*, folder: Path, name: str | None, keys_from: Path | None, as_json: bool) -> None:
    """Restore a backup from FOLDER to an empty platform, and compare everything with it."""
    found = open_backup(folder, name)
    _require_keys(found.said["secrets"], keys_from)
    refuse_other_evidence(found, data_home())
    set_up()
    from django.conf import settings
    from django.core.management import call_command

    from tanhui.books.backup.tables import refuse_filled
    from tanhui.flows import restore as flow

    from ..log import check as check_log
    from ..platform import platform

    flow.refuse_other_version(found, log_name=settings.TANHUI_LOG_NAME)
    refuse_filled()
    if keys_from is not None:
        key_copies.restore_keys(key_copies.read_keys(keys_from), keys_folder())
    call_command("migrate", interactive=False, verbosity=0)
    compared = flow.restore(platform(), found, check_log=check_log)
    if as_json:
        show_json(compared)
    else:
        _show_restored(compared)
    if not compared["ok"]:
        sys.exit(1)


def _require_keys(wanted: dict[str, str], keys_from: Path | None) -> None:
    """Before anything changes: the secrets of the backup are here or in the copy."""
    if keys_from is None:
        key_copies.require_keys(keys_folder(), wanted)
        return
    copy = key_copies.read_keys(keys_from)
    key_copies.require_keys(copy, wanted)
    key_copies.refuse_other_keys(keys_folder(), copy)


def _show_backup(told: dict[str, Any]) -> None:
    console.print(
        f"备份 backup [bold]{told['name']}[/bold]  {told['rows']:,} 行 rows  "
        f"{told['batches']:,} 批次 batches  {told['files']:,} 个文件 files  "
        f"{told['bytes']:,} 字节 bytes"
    )
    _show_logs(told["logs"])
    console.print(f"清单 manifest {told['digest']}", style="dim", markup=False)
    for problem in told["problems"]:
        console.print(f"不成立 does not hold: {problem}", style="red", markup=False)


def _show_restored(compared: dict[str, Any]) -> None:
    console.print(
        f"已恢复 restored [bold]{compared['backup']}[/bold]: {compared['tables']} 张表 tables, "
        f"{compared['rows']:,} 行 rows, {compared['files']:,} 个文件 files 与备份相同 as backed up"
    )
    _show_logs(compared["logs"])
    table(
        "证明 proofs",
        ["成立 ok", "证明", "proof", "左 left", "右 right", "差异 detail"],
        [
            ["✓" if each["ok"] else "✗", *(value for name, value in each.items() if name != "ok")]
            for each in compared["proofs"]
        ],
    )
    for name in compared["library_differs"]:
        console.print(f"规则库没有或不同 not so in the library here: {name}", markup=False)
    console.print(
        "与镜像或见证人核对之前，日志不再签名：运行 tanhui log resume，见 docs/backup.zh.md。\n"
        "Nothing is signed until the log was compared with a mirror or a witness: run 'tanhui log "
        "resume', see docs/backup.md.",
        markup=False,
    )


def _show_logs(logs: dict[str, dict[str, Any]]) -> None:
    rows = [
        [f"{log}/{year}", at["size"], at["root"]]
        for log, years in logs.items()
        for year, at in years.items()
    ]
    table("公开日志 public log", ["年 year", "条目 entries", "根 root"], rows)


COMMANDS = [backup, restore]
