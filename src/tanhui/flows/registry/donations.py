"""Citizens give grams to a use: a donation drive, filled from what reductions were credited.

A reduction stays where it was credited; beside it stands how much of it was given away, so nobody
gives the same gram twice. Colleagues may name their organisation, for a ranking of a
group's companies.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Sum

from tanhui.books.accounts import ensure_system, open_account
from tanhui.books.acts import Act, record
from tanhui.books.assets import donated_code, ensure_assets
from tanhui.books.models import HOLDER_ROLE, MG, PERSON, Balance, Journal, Transfer
from tanhui.books.transfers import Leg, lock_balances, transfer_under
from tanhui.books.using import used_mg
from tanhui.core.clock import utc_seconds
from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.matters import services
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations import queries as organisations
from tanhui.flows.platform import Platform

from .drives import DONATED, TAKES, Json, check_takes, drive_matter, role_of, takes_gifts
from .matters import lifecycle_of, today

KEY_PREFIX = "donation/"


@dataclass(frozen=True)
class Figures:
    """What was credited to a person in every city, what of it stands in units, what was given.

    What is given becomes units through a pool like everything else, so the two overlap.
    """

    credited_mg: int
    used_mg: int
    given_mg: int

    @property
    def free_mg(self) -> int:
        """What can still be given; nothing when a correction took back more than was left."""
        return max(self.credited_mg - self.given_mg, 0)


def figures(platform: Platform, person: int) -> Figures:
    """The person's figures as the books have them now."""
    return Figures(
        credited_mg=_balance_mg(person, unit=MG),
        used_mg=used_mg(person),
        given_mg=_balance_mg(person, code=donated_code(platform.programme)),
    )


def gifts_of(platform: Platform, person: int, *, receipt: str = "") -> list[Json]:
    """What a person gave, newest first: when, how much, to which use, what became of it.

    `receipt` asks for one alone; none of the person's, and the list is empty.
    """
    rows = Transfer.objects.filter(
        credit_account__owner_kind=PERSON,
        credit_account__owner_id=person,
        credit_account__asset__code=donated_code(platform.programme),
        journal__verb=DONATED,
    )
    if receipt:
        rows = rows.filter(journal__idempotency_key=KEY_PREFIX + receipt)
    found = list(rows.select_related("journal").order_by("-id"))
    uses = {row.journal.detail["use"] for row in found}
    matters = {one.number: one for one in Matter.objects.filter(number__in=uses)}
    return [
        _gift(platform, row.journal, row.amount, matters[row.journal.detail["use"]])
        for row in found
    ]


def gift_under(platform: Platform, person: int, key: str) -> Json | None:
    """What a person gave under a key, None when nothing came of it yet."""
    found = gifts_of(platform, person, receipt=_receipt(person, key))
    return found[0] if found else None


def _receipt(person: int, key: str) -> str:
    """What names a gift: nobody reads the person or the key from it."""
    return hashlib.sha256(f"{person}/{key}".encode()).hexdigest()


def _gift(platform: Platform, journal: Journal, mg: int, use: Matter) -> Json:
    state = lifecycle_of(platform, use.kind).states[use.state]
    named = journal.detail["organisation"]
    return {
        "receipt": (journal.idempotency_key or "").removeprefix(KEY_PREFIX),
        "at": utc_seconds(journal.at),
        "mg": mg,
        "use": use.number,
        "title": use.title,
        "beneficiary": use.data.get("beneficiary", ""),
        "is_public": takes_gifts(use),
        "is_open": use.state in TAKES,
        "state": use.state,
        "state_name": {"zh": state.zh, "en": state.en},
        "certificate": use.data.get("certificate", ""),
        "organisation": organisations.get(named).name_zh if named is not None else "",
    }


def donate_grams(
    platform: Platform,
    person: int,
    *,
    use: str,
    mg: int,
    organisation: int | None = None,
    key: str,
) -> Json:
    """Give mg of a person's reductions to a use that is not retired yet; the same key once.

    `organisation` is the donor's own, inside the tree of the use's. Raises NotFound, InputRefused,
    Conflict `donation.more_than_free`.
    """
    drive_matter(use)
    if mg <= 0:
        raise InputRefused(
            "donation.nothing",
            zh="请捐出大于 0 的减排量。",
            en="Give more than nothing.",
        )
    said = {"use": use, "mg": str(mg), "organisation": organisation}
    whose = _receipt(person, key)
    act = Act(
        verb=DONATED,
        actor="citizen",
        at=platform.clock(),
        key=KEY_PREFIX + whose,
        request=said,
        detail=said,
    )
    with transaction.atomic():
        matter = services.lock(use)  # nobody retires it meanwhile
        done = record(act)
        if done.is_new:
            check_takes(matter, is_demo=citizens.is_demo(person))
            _check_colleague(matter, organisation)
            _move(platform, person, mg, use=use, journal=done.journal)
        free = figures(platform, person).free_mg
        return {"use": use, "mg": str(mg), "free_mg": str(free), "receipt": whose}


def _move(platform: Platform, person: int, mg: int, *, use: str, journal: int) -> None:
    """Book the gift, if so much is free; whoever gives twice at once gives one after another."""
    asset, account = _account(platform, person)
    lock_balances([account])
    free = figures(platform, person).free_mg
    if mg > free:
        raise Conflict(
            "donation.more_than_free",
            zh=f"您还可以捐出 {free} 毫克，少于 {mg} 毫克。",
            en=f"You can still give {free} mg, less than {mg} mg.",
            free_mg=str(free),
        )
    source = ensure_system([(asset, role_of(use))])[asset, role_of(use)]
    transfer_under(journal, [Leg(source, account, mg)], day=today(platform))


def _check_colleague(matter: Matter, organisation: int | None) -> None:
    if organisation is None:
        return
    assert matter.organisation is not None, "a use has its organisation"
    tree = {one.pk for one in organisations.tree(matter.organisation)}
    if organisation not in tree:
        raise InputRefused(
            "donation.other_organisation",
            zh="所写机构不属于该事项的机构；请改正或留空。",
            en="The organisation named is not part of the use's; correct it or leave it out.",
        )


def _account(platform: Platform, person: int) -> tuple[int, int]:
    code = donated_code(platform.programme)
    asset = ensure_assets([code])[code]
    account = open_account(
        connection, asset=asset, owner_kind=PERSON, owner_id=person, role=HOLDER_ROLE
    )
    return asset, account


def _balance_mg(person: int, **asset: str) -> int:
    """Credits less debits of a person's accounts of some assets."""
    rows = Balance.objects.filter(
        account__owner_kind=PERSON,
        account__owner_id=person,
        account__role=HOLDER_ROLE,
        **{f"account__asset__{name}": value for name, value in asset.items()},
    )
    sums = rows.aggregate(credits=Sum("credits"), debits=Sum("debits"))
    return int(sums["credits"] or 0) - int(sums["debits"] or 0)
