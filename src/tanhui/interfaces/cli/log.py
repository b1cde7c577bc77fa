"""`tanhui log`: publish the public log, show it, prove an entry, check it, rotate its key."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import shorten
from typing import Any

import click
from django.conf import settings

from tanhui.books.translog import places, sm2
from tanhui.books.translog.checkpoint import Checkpoint
from tanhui.core.canonical import read_json
from tanhui.core.errors import NotFound

from .. import log as logs
from ..log_resume import resume as resume_log
from ..witnesses import ask_all
from .output import console, json_option, show_json, table, to_stderr

OPERATOR = "cli"
SHOWN_MAX = 1_000


@click.group("log")
def log() -> None:
    """The public log: every batch and every act that outsiders may check."""


@log.command("publish")
@json_option
def publish(*, as_json: bool) -> None:
    """Publish what is waiting and sign the checkpoint of each year."""
    warn_of_names()
    _show_checkpoints(logs.public_log().publish(), as_json=as_json)


@log.command("show")
@click.option("--year", type=int, help="The year; by default the newest.")
@click.option("--last", default=20, show_default=True, type=click.IntRange(1, SHOWN_MAX))
@json_option
def show(*, year: int | None, last: int, as_json: bool) -> None:
    """The newest entries of a year's log, oldest of them first."""
    year, size = _size(year)
    first = max(size - last, 0)
    found = [read_json(body) for body in places.bodies(year, first, size)]
    if as_json:
        show_json({"year": year, "size": size, "first": first, "entries": found})
        return
    table(
        f"公开日志 public log {year}：{size:,} 条 entries",
        ["序号 index", "时间 at", "事项 kind", "内容 content"],
        [
            [str(first + at), entry.pop("at"), entry.pop("kind"), _brief(entry)]
            for at, entry in enumerate(found)
        ],
    )


@log.command("prove")
@click.argument("index", type=click.IntRange(0))
@click.option("--year", type=int, help="The year; by default the newest.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder for the two files; by default this one.",
)
@json_option
def prove(*, index: int, year: int | None, out: Path, as_json: bool) -> None:
    """Write the entry INDEX and its proof, to be checked offline with verify.py."""
    year, size = _size(year)
    logs.public_log().publish()
    if index >= size:
        raise _unknown(year, index, size)
    (entry,) = places.bodies(year, index, index + 1)
    out.mkdir(parents=True, exist_ok=True)
    paths = {
        "entry": out / f"{year}-{index}.json",
        "proof": out / f"{year}-{index}.tlog-proof",
    }
    paths["entry"].write_bytes(entry)
    paths["proof"].write_text(logs.public_log().year(year).proof(index), encoding="utf-8")
    keys = logs.verifier_keys()[year]
    if as_json:
        show_json({name: str(path) for name, path in paths.items()} | {"keys": keys})
        return
    console.print(f"{paths['proof']}\n{paths['entry']}", markup=False)
    console.print(
        f"python3 verify.py {paths['proof']} --entry {paths['entry']} --key {keys[-1]}",
        markup=False,
        soft_wrap=True,
    )


@log.command("check")
@json_option
def check(*, as_json: bool) -> None:
    """Compute every year again from its entries, and compare it with the database."""
    found = logs.check()
    _show_checkpoints({year: each for year, each in found.items() if each}, as_json=as_json)


@log.command("rebuild")
@json_option
def rebuild(*, as_json: bool) -> None:
    """Write the files again from the database; refuses another history than the published one."""
    _show_checkpoints(logs.public_log().rebuild(), as_json=as_json)


@log.command("keys")
@json_option
def keys(*, as_json: bool) -> None:
    """The public keys of each year, the present one last: publish them elsewhere too."""
    found = logs.verifier_keys()
    if as_json:
        show_json({"keys": {str(year): each for year, each in found.items()}})
        return
    if not found:
        console.print(
            "还没有日志，也就没有公钥：接入第一批数据之后再来（tanhui intake）。\n"
            "There is no log yet and so no key: come back after the first batch (tanhui intake).",
            markup=False,
            soft_wrap=True,
        )
    for year, each in found.items():
        for key in each:
            console.print(f"{year}  {key}", markup=False, soft_wrap=True)


@log.command("rotate")
@click.confirmation_option(prompt="从现在起用新密钥签名 Sign with a new key from now on?")
@json_option
def rotate(*, as_json: bool) -> None:
    """Sign with a new key; the last entry under the old one names it."""
    old, new = logs.rotate(actor=OPERATOR)
    if as_json:
        show_json({"old": old, "new": new})
    else:
        console.print(f"旧 old  {old}\n新 new  {new}", markup=False, soft_wrap=True)


@log.command("twin")
@json_option
def twin(*, as_json: bool) -> None:
    """Bring the SM3/SM2 twin up to date and log its root."""
    if not sm2.is_available():
        raise sm2.unavailable()
    _show_checkpoints(logs.twin(actor=OPERATOR), as_json=as_json)


@log.command("witness")
@json_option
def witness(*, as_json: bool) -> None:
    """Ask the witnesses of TANHUI_WITNESSES to cosign; exit 1 when fewer than wanted did.

    Wanted are TANHUI_WITNESSES_MIN, or all of them while that is 0.
    """
    warn_of_names()
    public = logs.public_log()
    public.publish()
    year = public.year(max(public.years(), default=0))
    asked = ask_all(year)
    signed = sum(not each.reason for each in asked)
    if as_json:
        show_json(
            {"origin": year.origin, "signed": signed, "asked": [vars(each) for each in asked]}
        )
    else:
        table(
            f"见证人 witnesses：{signed} / {len(asked)}",
            ["名称 name", "地址 address", "回答 answer"],
            [[each.name, each.address, each.reason or "✓"] for each in asked],
        )
    if not asked:
        warn(
            "没有设置见证人：TANHUI_WITNESSES（见 docs/log.zh.md）。",
            "No witness is set: TANHUI_WITNESSES (see docs/log.md).",
        )
    for each in asked:
        if each.reason:
            warn(
                f"见证人 {each.name} 没有签名，请核对 {each.address}：{each.reason}",
                f"The witness {each.name} did not sign; check {each.address}.",
            )
    if signed < (settings.TANHUI_WITNESSES_MIN or len(asked)):
        sys.exit(1)


def warn(zh: str, en: str) -> None:
    """Tell the operator on standard error; the command goes on."""
    to_stderr.print(f"注意 warning: {zh}\n{en}", markup=False, soft_wrap=True)


def warn_of_names() -> None:
    """Say so while a name is still the demo's: strangers could not tell this log from others."""
    for name in logs.unnamed():
        warn(
            f"{name} 还是演示用的名称；请设为自己的地址，如 city.example/log，再公布公钥。",
            f"{name} is still the demo's; set a name of your own, such as city.example/log, before "
            "you publish the key.",
        )


@log.command("resume")
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    help="The newest checkpoint known elsewhere: a file or an https address; may be repeated.",
)
@click.option("--nothing-newer", is_flag=True, help="There is no other copy of the log anywhere.")
@click.option("--why", default="", help="How you know; it is published.")
@json_option
def resume(*, checkpoints: tuple[str, ...], nothing_newer: bool, why: str, as_json: bool) -> None:
    """After a restore: compare with what is published elsewhere, then publish again."""
    if nothing_newer != bool(why.strip()):
        raise click.UsageError("--nothing-newer 与 --why 同用 go together")
    compared, found = resume_log(checkpoints, why=why.strip(), actor=OPERATOR)
    if as_json:
        show_json({"compared": compared, "why": why.strip(), "checkpoints": _told(found)})
        return
    console.print("已比对 compared: " + ("; ".join(compared) or why), markup=False)
    _show_checkpoints(found, as_json=False)


def _size(year: int | None) -> tuple[int, int]:
    """The year asked for, or the newest, and how many entries it has."""
    places.place_entries()
    sizes = places.sizes()
    wanted = year if year is not None else max(sizes, default=0)
    if wanted not in sizes:
        raise NotFound(
            "log.year.unknown",
            zh=f"没有 {year or ''} 年的日志；已有：{'、'.join(map(str, sizes)) or '无'}。",
            en=f"There is no log of {year or 'any year'}; there are: {[*sizes]}.",
        )
    return wanted, sizes[wanted]


def _unknown(year: int, index: int, size: int) -> NotFound:
    return NotFound(
        "log.entry.unknown",
        zh=f"{year} 年的日志有 {size} 条，序号从 0 开始；没有第 {index} 条。",
        en=f"The log of {year} has {size} entries, counted from 0; there is no entry {index}.",
    )


def _brief(entry: dict[str, Any]) -> str:
    entry.pop("act")
    said = [f"{name}={value}" for name, value in entry.items() if value and name != "methodologies"]
    return shorten("  ".join(said), 160, placeholder=" …")  # a cut number would be a wrong one


def _told(found: dict[int, Checkpoint]) -> dict[str, Any]:
    return {
        str(year): {"origin": each.origin, "size": each.size, "root": each.root.hex()}
        for year, each in found.items()
    }


def _show_checkpoints(found: dict[int, Checkpoint], *, as_json: bool) -> None:
    if as_json:
        show_json(_told(found))
        return
    table(
        "公开日志 public log",
        ["年 year", "名称 origin", "条目 entries", "根 root"],
        [[str(year), each.origin, each.size, each.root.hex()] for year, each in found.items()],
    )


COMMANDS = [log]
