"""`tanhui statement`, `stock`, `incidents`, `jobs`: the operator's ways into the ledger."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import click

from tanhui.books import incidents as all_incidents
from tanhui.books.exports import FORMS, document, export
from tanhui.books.statements import statement as statement_of
from tanhui.domain.partners import queries as partners
from tanhui.flows.nightly import nightly as run_night
from tanhui.flows.redeem_item import stock_item

from ..api.incidents import document as incident_document
from ..platform import platform
from .output import console, json_option, show_json, table

OPERATOR = "cli"
SHOWN_MAX = 200
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("statement")
@click.argument("account", type=int)
@click.option("--first", type=_DAY, help="First day; by default from the beginning.")
@click.option("--last", type=_DAY, help="Last day, included; by default to the end.")
@click.option("--format", "form", type=click.Choice(FORMS), help="Write a file of this format.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file; by default statement-ACCOUNT.FORMAT here.",
)
@json_option
def statement(
    *,
    account: int,
    first: datetime | None,
    last: datetime | None,
    form: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """The statement of the ledger's account number ACCOUNT: opening, movements, closing."""
    found = statement_of(
        account,
        first=first.date() if first else date.min,
        last=last.date() if last else date.max,
    )
    if form is not None:
        path = out or Path(f"statement-{account}.{form}")
        path.write_bytes(export(found, form))
        if as_json:
            show_json({"file": str(path), "lines": len(found.lines)})
        else:
            click.echo(str(path))
        return
    if as_json:
        show_json(document(found))
        return
    table(
        f"对账单 statement  {found.account}  {found.asset} ({found.unit})",
        [
            "日期 day",
            "事项 act",
            "类型 code",
            "对方 other",
            "借 debit",
            "贷 credit",
            "余额 balance",
        ],
        [
            ["", "", "opening", "", "", "", found.opening],
            *(
                [str(x.day), x.verb, x.code, x.other, x.debit, x.credit, x.balance]
                for x in found.lines
            ),
            ["", "", "closing", "", found.debits, found.credits, found.closing],
        ],
    )


@click.group("stock")
def stock() -> None:
    """Stock of the items that partners' shops give for points."""


@stock.command("add")
@click.argument("partner")
@click.argument("item")
@click.argument("pieces", type=click.IntRange(1, 2**53 - 1))
@click.option("--key", required=True, help="Idempotency key; the same key adds once.")
@json_option
def add(*, partner: str, item: str, pieces: int, key: str, as_json: bool) -> None:
    """Take PIECES of ITEM into the stock of PARTNER, who may redeem it from then on."""
    owner = partners.get(partner)
    done = stock_item(
        platform(), partner=owner.pk, item=item, pieces=pieces, key=key, actor=OPERATOR
    )
    if as_json:
        show_json({"act": done.journal, "repeated": not done.is_new})
    else:
        click.echo(f"{partner}: {item} +{pieces if done.is_new else 0}")


@click.group("incidents")
def incidents() -> None:
    """Proofs that did not hold, each acknowledged and closed by a named person with a reason."""


@incidents.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only those that nobody has closed.")
@json_option
def list_(*, only_open: bool, as_json: bool) -> None:
    """The incidents, at most 200."""
    found = all_incidents.now_open() if only_open else all_incidents.everything()
    rows = [incident_document(one) for one in found[:SHOWN_MAX]]
    if as_json:
        show_json({"items": rows})
        return
    table(
        "事件 incidents",
        [
            "编号 id",
            "证明 proof",
            "左 left",
            "右 right",
            "开启 opened",
            "确认 acknowledged",
            "关闭 closed",
            "责任人 by",
        ],
        [
            [
                row["incident"],
                f"{row['proof_zh']} {row['proof_en']}",
                row["left"],
                row["right"],
                row["opened_at"],
                row["acknowledged_at"] or "-",
                row["closed_at"] or "-",
                row["person"] or row["acknowledged_person"] or "-",
            ]
            for row in rows
        ],
    )


def _person(command: Callable[..., None]) -> Callable[..., None]:
    """INCIDENT, and the two options of whoever answers for it."""
    for add in (
        click.option("--reason", required=True, help="What is known, found or done."),
        click.option("--person", required=True, help="Who answers for it, by name."),
        click.argument("incident", type=click.IntRange(1, 2**62)),
    ):
        command = add(command)
    return command


@incidents.command("acknowledge")
@_person
@json_option
def acknowledge(*, incident: int, person: str, reason: str, as_json: bool) -> None:
    """Look after INCIDENT from now on; it stays open."""
    done = all_incidents.acknowledge(
        incident, person=person, reason=reason, at=datetime.now(UTC), actor=OPERATOR
    )
    if as_json:
        show_json(incident_document(done))
    else:
        click.echo(f"{done.pk}: {done.acknowledged_person}")


@incidents.command("close")
@_person
@json_option
def close(*, incident: int, person: str, reason: str, as_json: bool) -> None:
    """Close INCIDENT; nothing in the books is changed by it."""
    done = all_incidents.close(
        incident, person=person, reason=reason, at=datetime.now(UTC), actor=OPERATOR
    )
    if as_json:
        show_json(incident_document(done))
    else:
        click.echo(f"{done.pk}: {done.person}")


@click.group("jobs")
def jobs() -> None:
    """What an installation does by itself; called by cron or a timer."""


@jobs.command("nightly")
@json_option
def nightly(*, as_json: bool) -> None:
    """Months ahead, holds and points whose time came, all proofs. Exit 1 with an open incident."""
    night = run_night(platform())
    if as_json:
        show_json(
            {
                "holds_expired": night.holds_expired,
                "people_lapsed": night.people_lapsed,
                "points_lapsed": night.points_lapsed,
                "batch_keys": night.batch_keys,
                "overdue": night.overdue,
                "proofs": len(night.proofs),
                "failed": [proof.name_en for proof in night.proofs if not proof.ok],
                "incidents_opened": night.opened,
                "incidents_open": night.open,
            }
        )
    else:
        console.print(
            f"冻结到期 holds expired {night.holds_expired:,}   "
            f"积分失效 points lapsed {night.points_lapsed:,} / {night.people_lapsed:,}   "
            f"批次密钥销毁 batch keys destroyed {night.batch_keys:,}   "
            f"逾期赔偿案 overdue damage cases {night.overdue:,}   "
            f"证明 proofs {len(night.proofs)}   "
            f"事件 incidents {night.open} (+{night.opened})"
        )
    if night.open:
        sys.exit(1)


COMMANDS = [statement, stock, incidents, jobs]
