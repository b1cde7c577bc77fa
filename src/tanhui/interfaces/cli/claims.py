"""`tanhui claims`: how a thing becomes digests, for peers that compare with theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TextIO

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tanhui.domain.claims import digests, errors
from tanhui.flows.registry import pooled_rides
from tanhui.flows.registry.claim_digests import salt_of

from ..api import peer_client
from ..platform import feed_of, platform
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


@claims.command("rides")
@click.argument("pool")
@click.option("--salt", "peer_salt", help="A peer's salt in hex: write what to ask of that peer.")
@json_option
def rides(*, pool: str, peer_salt: str | None, as_json: bool) -> None:
    """Note the rides of POOL for peers to ask about, and compare them with what peers claim."""
    if peer_salt is not None:
        try:
            key = bytes.fromhex(peer_salt)
        except ValueError as error:
            raise click.UsageError("--salt: hex digits") from error
        found = pooled_rides.questions(platform(), pool, feed_of, salt=key)
        for digest in found:
            click.echo(digest.hex())
        return
    noted = pooled_rides.note_rides(platform(), pool, feed_of, actor="cli")
    if as_json:
        show_json(asdict(noted))
    else:
        click.echo(
            f"{noted.rides} 次出行已记摘要，{noted.unread} 次已无法读取，"
            f"{noted.claimed} 次已被他方申领"
        )
        click.echo(
            f"{noted.rides} rides noted, {noted.unread} cannot be read any more, "
            f"{noted.claimed} are claimed elsewhere"
        )


@claims.command("ask")
@click.argument("server")
@click.argument("file", type=click.File())
@click.option("--key", "key_id", required=True, help="Our key's name at that register.")
@click.option("--secret", required=True, type=click.Path(exists=True, path_type=Path))
@json_option
def ask(*, server: str, file: TextIO, key_id: str, secret: Path, as_json: bool) -> None:
    """Ask the register at SERVER about the digests in FILE, one on each line, page by page."""
    key = load_pem_private_key(secret.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise click.UsageError("--secret: Ed25519")
    asked = list(dict.fromkeys(file.read().split()))
    taken = [
        one for one in peer_client.ask(server, asked, key_id=key_id, key=key) if one["claimed"]
    ]
    if as_json:
        show_json({"asked": len(asked), "claimed": taken})
        return
    for one in taken:
        click.echo(f"{one['digest']} {one['scheme']}")
    click.echo(
        f"{len(asked)} 项中 {len(taken)} 项已被申领  {len(taken)} of {len(asked)} are claimed"
    )


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
