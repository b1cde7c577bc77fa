"""Accounts of units as their holders see them: enterprises, villages, governments, funds.

Who acts for an organisation sees its account and those below it in the tree; an authority or an
operator those of its region. Nobody else does: the public register never says who holds a unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from tanhui.books.models import HELD, Certificate, CreditBlock
from tanhui.books.unit_accounts import (
    Movement,
    accounts_of,
    blocks_of,
    movements_of,
    totals_of,
)
from tanhui.core.clock import utc_seconds
from tanhui.core.errors import Denied
from tanhui.core.region import Region
from tanhui.core.serials import SerialRange
from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.organisations import errors
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import AUTHORITY, OPERATOR, OWNER, Organisation
from tanhui.flows.platform import Platform
from tanhui.flows.retirement import ORGANISATION, asset_of

from .callers import Caller, may_see, to_open

Json = dict[str, Any]
SUPERVISORS = (AUTHORITY, OPERATOR)
NOBODYS: Json = {"matter": "", "may_open": False, "certificate": ""}


def seen_by(
    caller: Caller, *, q: str = "", kind: str = "", region: str = ""
) -> QuerySet[Organisation]:
    """The organisations whose accounts are for the caller, filtered as `organisations.search`."""
    own = [
        one.pk
        for appointment in caller.appointments
        if appointment.role == OWNER and appointment.organisation_id is not None
        for one in organisations.tree(appointment.organisation_id)
    ]
    places = [
        Q(region__startswith=Region(appointment.region).prefix)
        for appointment in caller.appointments
        if appointment.role in SUPERVISORS
    ]
    found = organisations.search(q=q, kind=kind, region=region)
    return found.filter(reduce(or_, places, Q(pk__in=own)))


def rows(platform: Platform, found: Iterable[Organisation]) -> list[Json]:
    """The organisations with their units by state; {} for one that never had any."""
    shown = list(found)
    accounts = accounts_of(asset_of(platform), ORGANISATION, [one.pk for one in shown])
    totals = totals_of(accounts.values())
    return [
        organisation_row(one) | {"states": totals.get(accounts.get(one.pk, 0), {})} for one in shown
    ]


def organisation_row(one: Organisation) -> Json:
    """What is shown of an organisation."""
    return {
        "organisation": one.pk,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "kind": one.kind,
        "region": one.region,
        "is_demo": one.is_demo,
    }


def of_organisation(caller: Caller, number: int) -> Organisation:
    """The organisation, if its account is for the caller; raises NotFound, as for no such one."""
    found = organisations.get(number)
    try:
        to_open(caller, (OWNER, *SUPERVISORS), region=found.region, organisation=number)
    except Denied as denied:
        raise errors.organisation_unknown(number) from denied
    return found


def blocks(
    platform: Platform, organisation: int, *, state: str = "", serial: int | None = None
) -> QuerySet[CreditBlock]:
    """The organisation's open blocks by serial, retired and cancelled ones too."""
    account = accounts_of(asset_of(platform), ORGANISATION, [organisation]).get(organisation)
    if account is None:
        return CreditBlock.objects.none()
    return blocks_of(account, state=state, serial=serial)


def block_rows(caller: Caller, found: Sequence[CreditBlock]) -> list[Json]:
    """The blocks with what their units are, and which matter set them aside or used them up."""
    told = _told(caller, [one.opened_by_id for one in found if one.state != HELD])
    return [_block(one) | told.get(one.opened_by_id, NOBODYS) for one in found]


def movements(
    platform: Platform, caller: Caller, organisation: int, *, limit: int, offset: int = 0
) -> tuple[list[Json], int]:
    """The account's statement, the last line first, and how many lines it has in all."""
    account = accounts_of(asset_of(platform), ORGANISATION, [organisation]).get(organisation)
    if account is None:
        return [], 0
    lines, count = movements_of(account, limit=limit, offset=offset)
    told = _told(caller, [line.act for line in lines])
    return [_line(platform, line) | told[line.act] for line in lines], count


def _block(one: CreditBlock) -> Json:
    serials = SerialRange(one.serials.lower, one.serials.upper - 1)
    issue = one.issue
    return {
        "serials": str(serials),
        "first": serials.first,
        "units": serials.units,
        "state": one.state,
        "batch": issue.batch,
        "product": issue.product,
        "region": issue.region,
        "first_day": issue.first_day.isoformat() if issue.first_day else None,
        "last_day": issue.last_day.isoformat() if issue.last_day else None,
        "is_demo": issue.is_demo,
    }


def _line(platform: Platform, line: Movement) -> Json:
    return {
        "act": line.act,
        "at": utc_seconds(line.at),
        "verb": line.verb,
        **_name(platform, line.verb),
        "free": line.free,
        "aside": line.aside,
        "retired": line.retired,
        "cancelled": line.cancelled,
        "balance": line.balance,
    }


def _told(caller: Caller, acts: Sequence[int]) -> dict[int, Json]:
    """Of each act its matter, whether the caller may open it, and its certificate; '' for none."""
    matters: dict[int, Matter] = {
        one.journal_id: one.matter
        for one in Step.objects.filter(journal_id__in=acts).select_related("matter")
    }
    tokens = dict(Certificate.objects.filter(journal__in=acts).values_list("journal_id", "token"))
    known = {one.pk: may_see(caller, one) for one in matters.values()}
    return {
        act: {
            "matter": matters[act].number if act in matters else "",
            "may_open": act in matters and known[matters[act].pk],
            "certificate": tokens.get(act, ""),
        }
        for act in acts
    }


def _name(platform: Platform, verb: str) -> Json:
    """The step in words, where a matter's step it was: {name_zh, name_en}, or nothing."""
    _room, kind, step, *_rest = [*verb.split("."), "", ""]
    lifecycle = platform.lifecycles.get(kind)
    if lifecycle is None or (step != "open" and step not in lifecycle.steps):
        return {}
    name = lifecycle.opens.name if step == "open" else lifecycle.steps[step].name
    title = lifecycle.title
    return {"name_zh": f"{title.zh}：{name.zh}", "name_en": f"{title.en}: {name.en}"}
