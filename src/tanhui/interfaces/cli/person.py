"""`tanhui person`: what a person asks for at the counter: a copy of their data, or to be erased."""

from __future__ import annotations

import getpass
import secrets
from pathlib import Path

import click

from tanhui.core.errors import InputRefused
from tanhui.domain.citizens.log_ins import make_log_in
from tanhui.flows import erasure, own_data

from ..platform import platform
from .look import note_look, person_number
from .output import json_option, show_json

PASSWORD_BYTES = 12


@click.group("person")
def person() -> None:
    """A person's own data: a copy of it, or its end."""


@person.command("data")
@click.argument("who")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--why", default="", help="Why you look; the person can read it.")
@json_option
def data(*, who: str, file: Path, why: str, as_json: bool) -> None:
    """Write everything about WHO (a reference, or the number) into the zip FILE."""
    number = person_number(who)
    note_look(number, "account", why)
    with file.open("xb") as written:
        own_data.write_own_data(platform(), number, written)
    document = {"person": str(number), "file": str(file), "bytes": file.stat().st_size}
    if as_json:
        show_json(document)
    else:
        click.echo(f"{file}: {document['bytes']:,} 字节 bytes")


@person.command("log-in")
@click.argument("who")
@click.argument("name")
@json_option
def log_in(*, who: str, name: str, as_json: bool) -> None:
    """Give WHO (a reference, or the number) a log-in called NAME; its password is shown once."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    key = platform().identity_key
    make_log_in(name, password, person_number(who), key=key)
    if as_json:
        show_json({"name": name, "password": password})
    else:
        click.echo(f"登录名 name {name}  密码 password {password}")


@person.command("erase")
@click.argument("who")
@click.option("--confirm", is_flag=True, help="It cannot be undone.")
@json_option
def erase(*, who: str, confirm: bool, as_json: bool) -> None:
    """Erase WHO (a reference, or the number): keys destroyed, points lapsed, account closed."""
    number = person_number(who)
    if not confirm:
        raise InputRefused(
            "person.erasure.unconfirmed",
            zh="删除个人数据无法恢复；确认本人要求后，请加上 --confirm。",
            en="Erasing personal data cannot be undone; when the person has asked for it, add "
            "--confirm.",
        )
    done = erasure.erase(platform(), number, actor=f"operator:{getpass.getuser()}"[:80])
    if as_json:
        show_json({"person": str(number), **done})
    else:
        click.echo(f"{done['erased_at']}  积分失效 points lapsed: {done['points_lapsed']:,}")


@person.command("finish-erasures")
@json_option
def finish_erasures(*, as_json: bool) -> None:
    """Destroy keys of people who have left that a crash or a restored copy of the keys brought."""
    done = erasure.finish(platform())
    if as_json:
        show_json(done)
    else:
        click.echo(f"密钥 keys {done['people']:,}  联系 links {done['links']:,}")


COMMANDS = [person]
