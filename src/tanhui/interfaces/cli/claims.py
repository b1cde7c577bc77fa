"""`tanhui claims`: how a thing becomes digests, for peers that compare with theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from tanhui.domain.claims import digests, errors
from tanhui.flows.registry.claims import salt_of

from ..platform import platform
from .output import json_option, show_json

USAGE = {
    "ride": "PERSON MODE START (seconds since 1970)",
    "meter": "NUMBER MONTH",
    "vehicle": "PLATE FIRST_DAY LAST_DAY",
    "plot": "YEAR LON,LAT LON,LAT LON,LAT ...",
    "certificate": "NUMBER",
    "asset": "NUMBER",
}


@click.group("claims")
def claims() -> None:
    """The claim register: digests of what may be counted once, as peers make them."""


@claims.command("digest")
@click.argument("kind", type=click.Choice(digests.KINDS))
@click.argument("parts", nargs=-1, required=True)
@click.option("--salt", help="The shared salt in hex; without it, this register's own.")
@json_option
def digest(*, kind: str, parts: Sequence[str], salt: str | None, as_json: bool) -> None:
    """The public digests of a thing: KIND and its PARTS, as docs/claims.md says."""
    try:
        texts = _texts(kind, parts)
        key = salt_of(platform()) if salt is None else bytes.fromhex(salt)
    except ValueError as error:
        raise click.UsageError(f"{kind}: {USAGE[kind]}") from error
    found = [digests.public_digest(text, salt=key).hex() for text in texts]
    if as_json:
        show_json([{"text": text, "digest": each} for text, each in zip(texts, found, strict=True)])
    else:
        click.echo("\n".join(found))


@claims.command("salt")
@json_option
def salt(*, as_json: bool) -> None:
    """The salt to give to a peer, in hex; not for anybody else."""
    found = salt_of(platform()).hex()
    if as_json:
        show_json({"salt": found})
    else:
        click.echo(found)


def _texts(kind: str, parts: Sequence[str]) -> list[str]:
    """Raises ValueError for the wrong number or form of parts."""
    if kind == "ride":
        person, mode, start = parts
        return digests.ride(person, mode, int(start))
    if kind == "meter":
        number, month = parts
        return digests.meter(number, month)
    if kind == "vehicle":
        plate, first, last = parts
        return digests.vehicle(plate, date.fromisoformat(first), date.fromisoformat(last))
    if kind == "plot":
        year, *corners = parts
        pairs = [corner.split(",") for corner in corners]
        if any(len(pair) != 2 for pair in pairs):
            raise errors.malformed("顶点应为“经度,纬度”", "a corner is LON,LAT")
        return digests.plot([(pair[0], pair[1]) for pair in pairs], [year])
    (number,) = parts
    return digests.certificate(number) if kind == "certificate" else digests.asset(number)


COMMANDS = [claims]
