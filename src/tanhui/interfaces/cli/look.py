"""`tanhui account`, `explain`, `prove`: look at numbers and follow them back."""

from __future__ import annotations

import getpass
import re
import sys
from typing import Any

import click
from rich.markup import escape

from tanhui.books.proofs import Proof
from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.core.mass import kilograms_text
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.viewings.services import Viewer, note
from tanhui.flows import reading
from tanhui.flows.explain_result import explain_result
from tanhui.flows.prove import prove as prove_everything

from ..platform import platform
from .arithmetic import show_arithmetic
from .output import console, json_option, show_json, table

_PSEUDONYM = re.compile("[0-9]{1,19}")


@click.command("account")
@click.argument("person")
@click.option(
    "--records",
    "limit",
    type=click.IntRange(1, reading.PAGE_MAX),
    default=20,
    show_default=True,
    help="Records to show.",
)
@click.option("--why", default="", help="Why you look; the person can read it.")
@json_option
def account(*, person: str, limit: int, why: str, as_json: bool) -> None:
    """The carbon account of PERSON: a reference such as szt:FIAAAEIFD, or a pseudonym number."""
    number = person_number(person)
    note_look(number, "account", why)
    document = reading.account(platform(), number)
    document["records"] = reading.records(platform(), number, limit=limit)["items"]
    if as_json:
        show_json(document)
        return
    mg, points = document["balance"]["mg"], document["balance"]["points"]
    demo = "  [yellow]演示数据 demo data[/yellow]" if document["is_demo"] else ""
    console.print(
        f"账户 account {document['person']}{demo}\n"
        f"减排量 reduction [bold]{kilograms_text(mg)}[/bold] kgCO2e ({mg:,} mg)   "
        f"积分 points [bold]{points:,}[/bold]"
    )
    table(
        "场景 scenes",
        ["场景", "scene", "次数 events", "mg", "积分 points"],
        [
            [s["name_zh"], s["name_en"], s["events"], s["mg"], s["points"]]
            for s in document["scenes"]
        ],
    )
    table(
        "记录 records（tanhui explain 编号 shows the arithmetic）",
        ["编号 id", "日期 day", "场景 scene", "状态 status", "mg", "积分 points"],
        [
            [r["id"], r["day"], r["name_zh"], r["status"], r["mg"], r["points"]]
            for r in document["records"]
        ],
    )


def person_number(text: str) -> int:
    """The person behind a reference or a number; raises NotFound."""
    if _PSEUDONYM.fullmatch(text):
        person: int | None = int(text) if citizens.exists(int(text)) else None
    else:
        person = citizens.find(text, key=platform().identity_key)
    if person is None:
        raise NotFound(
            "account.unknown",
            zh=f"没有找到“{text[:80]}”的账户；请核对编号或引用（形如 szt:卡号）。",
            en=f"There is no account for '{text[:80]}'; check the number or reference.",
        )
    return person


def note_look(person: int, what: str, why: str) -> None:
    """Before anything is shown: the person sees who looked."""
    viewer = Viewer(actor=f"operator:{getpass.getuser()}"[:80], why=why)
    note([person], what, viewer=viewer, at=platform().clock())


@click.command("explain")
@click.argument("result")
@click.option("--why", default="", help="Why you look; the person can read it.")
@json_option
def explain(*, result: str, why: str, as_json: bool) -> None:
    """How RESULT (such as 12-345, batch-row) was computed, recomputed from the evidence."""
    document = explain_result(platform(), ResultId.parse(result))
    note_look(int(document["person"]), "explanation", why)
    if as_json:
        show_json(document)
        return
    record = document["record"]
    heading = f"{record['day']}  {record['name_zh']} {record['name_en']}"
    outcome = f"{record['status']} {record['reason_zh']}"
    console.print(f"[bold]{document['id']}[/bold]  {escape(heading)}  {escape(outcome)}")
    if document["explanation"] is not None:
        show_arithmetic(document["explanation"])
    _show_caps(document["caps"])
    _show_points(document["points"])
    verdict = "一致 matches" if document["matches"] else "[red]不一致 DIFFERS[/red]"
    console.print(
        f"存证 stored {document['stored_mg']:,} mg  重算 recomputed "
        f"{document['recomputed_mg']:,} mg  {verdict}\n"
        f"计入 credited {record['mg']:,} mg  积分 points {record['points']:,}"
    )
    for one in document["differences"]:
        console.print(
            f"不同 differs: {one['of']}  存证 stored {one['stored']}  "
            f"重算 recomputed {one['recomputed']}",
            style="red",
            markup=False,
        )


def _show_caps(caps: list[dict[str, Any]]) -> None:
    """Each cap with its limit and period, what was used before, what was left and what it cut."""
    for cap in caps:
        unit = "mg" if cap["max_events"] is None else "次 events"
        most = cap["max_mg"] if cap["max_events"] is None else cap["max_events"]
        marked = "  ← 由此上限决定 this cap decided" if cap["decided"] else ""
        console.print(
            f"上限 cap {most:,} {unit}  {'、'.join(cap['scenes'])}  "
            f"{cap['first_day']} – {cap['last_day']}  [{cap['evidence']}] {cap['source']}\n"
            f"    已用 used {cap['used']:,}  剩余 left {cap['left']:,} {unit}  "
            f"允许 allows {cap['allowed_mg']:,} mg  削减 cuts {cap['cut_mg']:,} mg{marked}",
            markup=False,
        )
        for one in cap["used_by"]:
            console.print(
                f"        {one['id']}  {one['day']}  {one['scene']}  {one['mg']:,} mg", markup=False
            )
        if len(cap["used_by"]) < cap["used_records"]:
            console.print(f"        共 {cap['used_records']:,} 条 records in all")


def _show_points(points: dict[str, Any] | None) -> None:
    if points is not None:
        console.print(
            f"积分 points: {points['credited_mg']:,} mg = {points['steps']:,} × "
            f"{points['per_mg']:,} mg + {points['left_over_mg']:,} mg → "
            f"{points['steps']:,} × {points['points_per_step']:,} = {points['points']:,}  "
            f"({points['valid_from']} 起 on)  [{points['evidence']}] {points['source']}",
            markup=False,
        )


@click.command("prove")
@json_option
def prove(*, as_json: bool) -> None:
    """Check that the books hold: every figure twice, and they must be equal. Exit 1 if not."""
    proofs = prove_everything(platform())
    ok = all(proof.ok for proof in proofs)
    if as_json:
        show_json({"ok": ok, "proofs": [vars(proof) for proof in proofs]})
    else:
        table(
            "证明 proofs",
            ["成立 ok", "证明", "proof", "左 left", "右 right", "差异 detail"],
            [["✓" if p.ok else "✗", p.name_zh, p.name_en, *_figures(p)] for p in proofs],
        )
    if not ok:
        sys.exit(1)


def _figures(proof: Proof) -> tuple[int, int, str]:
    return proof.figure_left, proof.figure_right, proof.detail


COMMANDS = [account, explain, prove]
