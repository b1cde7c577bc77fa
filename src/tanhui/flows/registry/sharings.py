"""Benefit sharing: proceeds to the fen and units whole, by agreed weights, nothing lost.

What a party is due becomes a debt in the books (`money:CNY`, in fen), and a payment takes it off,
so nobody is paid more than was shared. A group without an organisation, such as households, is
one party here; its statement says what each member gets and how many get one fen more. Where a
project disclosed its split, the weights must be the disclosed ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.db import connection

from tanhui.books import serials
from tanhui.books.accounts import ensure_system, open_account
from tanhui.books.assets import YUAN, ensure_assets
from tanhui.books.models import HELD, HOLDER_ROLE, Balance
from tanhui.books.transfers import Leg, transfer_under
from tanhui.core.apportion import apportion, each_of
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.money import read_yuan, yuan_text
from tanhui.domain.matters import queries
from tanhui.domain.matters.models import Step
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import OWNER
from tanhui.flows.retirement import ORGANISATION, account_of

from .callers import Caller, to_open
from .effects import Done, Effect, Effects, Moment
from .holdings import holder, refuse_lapsed

GROUP = "sharing"
PROCEEDS, PAID = "proceeds", "paid"
Row = Mapping[str, Any]


def check_opening(moment: Moment) -> None:
    """Something to share, weights that are not all zero, an account for whoever gets units."""
    rows = weighed(moment)
    fen = read_yuan(moment.data.get("proceeds_yuan", "0"))
    units = moment.data.get("units", 0)
    weights = [Fraction(row["weight"]) for row in rows]
    if not (fen or units) or min(weights) < 0 or not sum(weights):
        raise InputRefused(
            "sharing.nothing_to_share",
            zh="请写明收入或单位，份额不得为负，且不能全为 0。",
            en="Give proceeds or units, and weights that are not negative and not all 0.",
        )
    for number, row in enumerate(rows, start=1):
        if units and row.get("organisation") is None:
            raise InputRefused(
                "sharing.units_need_an_organisation",
                zh=f"第 {number} 方没有机构账户，不能分得单位；请写明机构。",
                en=f"Party {number} names no organisation and cannot hold units; name one.",
                party=number,
            )
    _check_disclosed(moment, rows)


def weighed(moment: Moment) -> list[Row]:
    """The parties with their weights; where none is given, those that the region's rule shares by
    default, divided among the parties of a kind. Raises Conflict where there is no such rule.
    """
    rows: list[Row] = moment.data["parties"]
    if any("weight" in row for row in rows):
        if not all("weight" in row for row in rows):
            raise _unweighed()
        return rows
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    shares = {share.party: share.ratio for share in rules.sharing()}
    kinds = Counter(row["kind"] for row in rows)
    if not shares or shares.keys() != kinds.keys():
        raise _unweighed(sorted(shares))
    return [{**row, "weight": str(shares[row["kind"]] / kinds[row["kind"]])} for row in rows]


def _unweighed(kinds: Sequence[str] = ()) -> InputRefused:
    named = ", ".join(kinds) or "-"
    return InputRefused(
        "sharing.weights_missing",
        zh=f"请给每一方写明份额；都不写时按规则默认比例分配，此时各方类型应恰为：{named}。",
        en="Give every party its weight; without any the region's default shares count, and the "
        f"parties must then be of just these kinds: {named}.",
        kinds=list(kinds),
    )


def run_open(moment: Moment) -> Done:
    """Keep the weights that the rule gave."""
    return Done(keep={"parties": weighed(moment)})


def run_settle(moment: Moment) -> Done:
    """Write what each party is due into the books and give each its units."""
    rows: Sequence[Row] = moment.matter.data["parties"]
    weights = [Fraction(row["weight"]) for row in rows]
    fen = read_yuan(moment.matter.data.get("proceeds_yuan", "0"))
    money, units = apportion(fen, weights), [0] * len(rows)
    if whole := moment.matter.data.get("units", 0):
        _check_owner_agreed(moment)
        units = apportion(whole, weights)
        _give_units(moment, rows, units)
    _owe(moment, money)
    statements = [
        _statement(number, row, fen=money[number - 1], units=units[number - 1])
        for number, row in enumerate(rows, start=1)
    ]
    said = {"proceeds_fen": str(fen), "units": whole, "parties": len(rows)}
    return Done(result={"statements": statements}, keep={"statements": statements}, public=said)


def run_pay(moment: Moment) -> Done:
    """Take a payment off what a party is due; raises Conflict when it is more."""
    rows: Sequence[Row] = moment.matter.data["parties"]
    number, fen = moment.data["party_number"], read_yuan(moment.data["paid_yuan"])
    if not 1 <= number <= len(rows):
        raise InputRefused(
            "sharing.no_such_party",
            zh=f"没有第 {number} 方；共有 {len(rows)} 方。",
            en=f"There is no party {number}; there are {len(rows)}.",
        )
    due = moment.matter.data["statements"][number - 1]["fen"]
    paid = moment.matter.data.get("payments", [])
    left = due - sum(one["fen"] for one in paid if one["party"] == number)
    if not 0 < fen <= left:
        raise Conflict(
            "sharing.more_than_due",
            zh=f"第 {number} 方还应付 {yuan_text(left)} 元；支付额应大于 0 且不超过此数。",
            en=f"Party {number} is still due {yuan_text(left)} yuan; pay more than 0 and no more.",
            left_fen=left,
        )
    asset = ensure_assets([YUAN])[YUAN]
    outside = ensure_system([(asset, PAID)])[asset, PAID]
    leg = Leg(_party_account(moment, number, asset), outside, fen)
    transfer_under(moment.journal, [leg], day=moment.today)
    payments = [*paid, {"party": number, "fen": fen, "day": moment.today.isoformat()}]
    return Done(result={"left_fen": left - fen}, keep={"payments": payments})


def owed_to(organisation: int) -> int:
    """Fen that all sharings together still owe an organisation."""
    asset = ensure_assets([YUAN])[YUAN]
    found = Balance.objects.filter(
        account__asset_id=asset, account__owner_kind=ORGANISATION, account__owner_id=organisation
    )
    return sum(one.credits - one.debits for one in found)


def shares_of(caller: Caller, organisation: int) -> dict[str, Any]:
    """An organisation's statements and what it is still owed; raises Denied for others' people."""
    found = organisations.get(organisation)
    to_open(caller, (OWNER,), region=found.region, organisation=organisation)
    rows = queries.search(kind="sharing", state="settled")
    rows = rows.filter(data__statements__contains=[{"organisation": organisation}])
    statements = [
        {"matter": row.number, "title": row.title} | statement
        for row in rows.order_by("pk")
        for statement in row.data["statements"]
        if statement["organisation"] == organisation
    ]
    owed = owed_to(organisation)
    return {"organisation": organisation, "owed_fen": owed, "statements": statements}


def _statement(number: int, row: Row, *, fen: int, units: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "number": number,
        "party": row["party"],
        "kind": row["kind"],
        "organisation": row.get("organisation"),
        "weight": row["weight"],
        "fen": fen,
        "yuan": yuan_text(fen),
        "units": units,
    }
    if members := row.get("members"):
        each, more = each_of(fen, members)
        said |= {"members": members, "each_fen": each, "one_fen_more": more}
    return said


def _owe(moment: Moment, money: Sequence[int]) -> None:
    asset = ensure_assets([YUAN])[YUAN]
    source = ensure_system([(asset, PROCEEDS)])[asset, PROCEEDS]
    legs = [
        Leg(source, _party_account(moment, number, asset), fen)
        for number, fen in enumerate(money, start=1)
        if fen
    ]
    if legs:
        transfer_under(moment.journal, legs, day=moment.today)


def _party_account(moment: Moment, number: int, asset: int) -> int:
    """Where a party's debt stands: the organisation's account, or one of this sharing alone."""
    organisation = moment.matter.data["parties"][number - 1].get("organisation")
    if organisation is not None:
        return open_account(
            connection,
            asset=asset,
            owner_kind=ORGANISATION,
            owner_id=organisation,
            role=HOLDER_ROLE,
        )
    return open_account(
        connection,
        asset=asset,
        owner_kind=GROUP,
        owner_id=moment.matter.pk,
        role=f"party:{number}",
    )


def _give_units(moment: Moment, rows: Sequence[Row], units: Sequence[int]) -> None:
    own = holder(moment)
    account = account_of(moment.platform, own)
    refuse_lapsed(moment, own, serials.plan(account, sum(units)))  # and too few, before any moves
    for row, count in zip(rows, units, strict=True):
        if count and row["organisation"] != own:
            serials.take(
                journal=moment.journal,
                owner=account,
                units=count,
                state=HELD,
                to=account_of(moment.platform, row["organisation"]),
            )


def _check_owner_agreed(moment: Moment) -> None:
    """Nobody's units are shared out without somebody who acts for their holder."""
    steps = Step.objects.filter(matter=moment.matter, verb="settle")
    if OWNER not in steps.values_list("role", flat=True):
        raise Conflict(
            "sharing.owner_must_agree",
            zh="分配单位须由持有机构的人员参与确认；请由其提出或同意。",
            en="Units are shared out with the word of somebody who acts for their holder; let them "
            "propose it or agree.",
        )


def _check_disclosed(moment: Moment, rows: Sequence[Row]) -> None:
    """The weights are those of the project's public notice, where there was one."""
    number = moment.data.get("source_matter")
    if number is None:
        return
    disclosed = {
        row["party"]: Fraction(row["percent"])
        for row in queries.get(number).data.get("shares", [])
        if "party" in row
    }
    total = sum(Fraction(row["weight"]) for row in rows)
    said: dict[int, Fraction] = {}
    for row in rows:
        if (named := row.get("organisation")) is not None:
            said[named] = said.get(named, Fraction(0)) + Fraction(row["weight"]) / total * 100
    if any(said.get(party) != percent for party, percent in disclosed.items()):
        raise Conflict(
            "sharing.differs_from_disclosed",
            zh=f"份额与项目 {number} 公示的利益分配不同；请按公示分配，或重新公示。",
            en=f"The weights differ from the split that {number} disclosed; share by that split, "
            "or disclose anew.",
        )


EFFECTS: Effects = {
    ("sharing", "open"): Effect(check=check_opening, run=run_open),
    ("sharing", "settle"): Effect(run=run_settle),
    ("sharing", "pay"): Effect(run=run_pay),
}
