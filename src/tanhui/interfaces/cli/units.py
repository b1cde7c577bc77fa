"""`tanhui units`: issue units from batches, retire them with a certificate, show an account."""

from __future__ import annotations

import uuid

import click

from tanhui.flows import units as flow
from tanhui.flows.registry.pool_trace import rows_of_serial

from ..certificates.issuer import issuer
from ..log import publish_quietly
from ..platform import platform
from .output import console, json_option, show_json, table

OPERATOR = "cli"


@click.group("units")
def units() -> None:
    """Units with serial numbers: issued from batches of reductions, retired for a purpose."""


@units.command("issue")
@click.argument("batch")
@click.argument("count", type=int)
@click.option("--from", "from_batches", required=True, help="Batches of reductions: 1,2,5-9.")
@click.option(
    "--owner", type=click.IntRange(1), required=True, help="Number of a registered organisation."
)
@click.option("--key", help="Idempotency key; the same key gives the same serials.")
@json_option
def issue(
    *, batch: str, count: int, from_batches: str, owner: int, key: str | None, as_json: bool
) -> None:
    """Issue COUNT units as BATCH to an organisation; each batch of reductions serves once."""
    request = flow.IssueRequest(
        batch=batch,
        units=count,
        from_batches=_numbers(from_batches),
        owner=owner,
        actor=OPERATOR,
        key=key or f"issue/{batch}",
    )
    serials = flow.issue_units(platform(), request)
    publish_quietly()
    if as_json:
        show_json({"batch": batch, "serials": str(serials), "units": serials.units})
    else:
        console.print(f"{batch}: {serials}（{serials.units:,} 单位 units）", markup=False)


@units.command("retire")
@click.argument("count", type=int)
@click.option(
    "--owner", type=click.IntRange(1), required=True, help="Number of a registered organisation."
)
@click.option("--for", "beneficiary", required=True, help="Who it is retired for; public.")
@click.option("--purpose", required=True, help="What for; public.")
@click.option("--key", help="Idempotency key; the same key gives the same certificate.")
@json_option
def retire(
    *, count: int, owner: int, beneficiary: str, purpose: str, key: str | None, as_json: bool
) -> None:
    """Retire COUNT units for good; prints the address of the certificate."""
    request = flow.RetireRequest(
        units=count,
        owner=owner,
        beneficiary=beneficiary,
        purpose=purpose,
        actor=OPERATOR,
        key=key or f"retire/{uuid.uuid4()}",
    )
    found = flow.retire_units(platform(), request, issuer=issuer())
    publish_quietly()
    if as_json:
        show_json({"token": found.token, "credential": found.credential})
    else:
        console.print(found.credential["id"], markup=False, soft_wrap=True)


@units.command("show")
@click.argument("owner", type=click.IntRange(1))
@json_option
def show(*, owner: int, as_json: bool) -> None:
    """The blocks of an organisation, by serial."""
    blocks = flow.holdings(platform(), owner)
    rows = [[str(block.serials), block.serials.units, block.state] for block in blocks]
    if as_json:
        names = ("serials", "units", "state")
        show_json({"owner": owner, "blocks": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table("区块 blocks", ["序列号 serials", "单位 units", "状态 state"], rows)


@units.command("trace")
@click.argument("serial", type=click.IntRange(1))
@json_option
def trace(*, serial: int, as_json: bool) -> None:
    """The reductions that fill the unit SERIAL: results, milligrams, methodologies; no people."""
    found = rows_of_serial(platform(), serial)
    if as_json:
        show_json(found)
        return
    rows = [[one["result"], int(one["mg"]), one["methodology"]] for one in found["rows"]]
    title = f"单位 unit {serial} · 汇集 pool {found['pool']} · {int(found['unit_mg']):,} mg"
    table(title, ["记录 result", "毫克 mg", "方法学 methodology"], rows)


def _numbers(text: str) -> list[int]:
    """
    >>> _numbers("1,5-7")
    [1, 5, 6, 7]
    """
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            raise click.BadParameter("1,2,5-9", param_hint="--from")
        found += range(int(first), int(last or first) + 1)
    return found


COMMANDS = [units]
