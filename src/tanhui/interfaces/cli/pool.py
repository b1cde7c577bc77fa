"""`tanhui pool`: pools of citizens' reductions, their figures, and one worked out anew."""

from __future__ import annotations

import sys

import click

from tanhui.domain.pools import queries
from tanhui.domain.pools.models import Pool
from tanhui.flows.registry import pool_proofs

from ..platform import platform
from .output import console, json_option, show_json, table

SHOWN_MAX = 200


@click.group("pool")
def pool() -> None:
    """Pools: citizens' reductions gathered, assessed and issued as units; figures and checks."""


@pool.command("list")
@json_option
def list_pools(*, as_json: bool) -> None:
    """Every pool, newest first."""
    rows = [pool_proofs.shown(one) for one in Pool.objects.order_by("-pk")[:SHOWN_MAX]]
    if as_json:
        show_json(rows)
        return
    names = ["编号 number", "场景 scene", "月份 months", "毫克 mg", "单位 units"]
    cells = [
        [
            one["pool"],
            one["scene"],
            "..".join(one["months"]),
            int(one["mg"]),
            int(one["issue"]["units"]) if one["issue"] else 0,
        ]
        for one in rows
    ]
    table("汇集 pools", names, cells)


@pool.command("show")
@click.argument("number")
@json_option
def show(*, number: str, as_json: bool) -> None:
    """The slices of pool NUMBER, how its line was cut, and where its trace lies."""
    found = pool_proofs.shown(queries.get(number))
    if as_json:
        show_json(found)
        return
    issue = found.pop("issue") or {}
    slices = found.pop("slices")
    pairs = [*found.items(), ("slices", len(slices)), *issue.items()]
    table(f"汇集 pool {number}", ["项 what", "值 value"], [[name, str(one)] for name, one in pairs])


@pool.command("explain")
@click.argument("number")
@json_option
def explain(*, number: str, as_json: bool) -> None:
    """Work pool NUMBER out again from the evidence and compare; exit 1 for any difference."""
    checks = pool_proofs.explain(platform(), queries.get(number))
    if as_json:
        names = ("name_zh", "name_en", "ok", "figure_left", "figure_right")
        show_json([{name: getattr(one, name) for name in names} for one in checks])
    else:
        rows = [
            [f"{one.name_zh} {one.name_en}", one.figure_left, one.figure_right, _mark(one.ok)]
            for one in checks
        ]
        names_shown = ["项 what", "签发时 written", "重算 again", "一致 same"]
        table(f"汇集 pool {number}", names_shown, rows)
    if not all(one.ok for one in checks):
        sys.exit(1)
    if not as_json:
        console.print("与签发时一致。The same as when it was issued.", markup=False)


def _mark(ok: bool) -> str:
    return "是 yes" if ok else "否 NO"


COMMANDS = [pool]
