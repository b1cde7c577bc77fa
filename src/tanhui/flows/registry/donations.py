"""Citizens give grams to a use: a donation drive, filled from what reductions were credited.

A reduction stays where it was credited; beside it stands how much of it was given away, so nobody
gives the same gram twice. Colleagues may name their organisation, for a ranking of a
group's companies.
"""

from __future__ import annotations

import hashlib

from django.db import connection, transaction
from django.db.models import Sum

from tanhui.books.accounts import ensure_system, open_account
from tanhui.books.acts import Act, record
from tanhui.books.assets import donated_code, ensure_assets
from tanhui.books.models import HOLDER_ROLE, MG, PERSON, Balance
from tanhui.books.transfers import Leg, lock_balances, transfer_under
from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations import queries as organisations
from tanhui.flows.platform import Platform

from .drives import DONATED, Json, drive_matter, role_of
from .matters import today


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
    matter = drive_matter(use)
    _check_colleague(matter, organisation)
    if mg <= 0:
        raise InputRefused(
            "donation.nothing",
            zh="请捐出大于 0 的减排量。",
            en="Give more than nothing.",
        )
    said = {"use": use, "mg": str(mg), "organisation": organisation}
    whose = hashlib.sha256(f"{person}/{key}".encode()).hexdigest()
    with transaction.atomic():
        at = platform.clock()
        act = Act(
            verb=DONATED,
            actor="citizen",
            at=at,
            key=f"donation/{whose}",
            request=said,
            detail=said,
        )
        done = record(act)
        asset, account = _account(platform, person)
        if done.is_new:
            lock_balances([account])
            free = _free_mg(person, account)
            if mg > free:
                raise Conflict(
                    "donation.more_than_free",
                    zh=f"您还可以捐出 {free} 毫克，少于 {mg} 毫克。",
                    en=f"You can still give {free} mg, less than {mg} mg.",
                    free_mg=str(free),
                )
            source = ensure_system([(asset, role_of(use))])[asset, role_of(use)]
            transfer_under(done.journal, [Leg(source, account, mg)], day=today(platform))
        return {"use": use, "mg": str(mg), "free_mg": str(_free_mg(person, account))}


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


def _free_mg(person: int, account: int) -> int:
    """What was credited to a person in every city, less what was given before."""
    rows = Balance.objects.filter(
        account__owner_kind=PERSON,
        account__owner_id=person,
        account__role=HOLDER_ROLE,
        account__asset__unit=MG,
    )
    sums = rows.aggregate(credits=Sum("credits"), debits=Sum("debits"))
    given = Balance.objects.get(account_id=account)
    return int(sums["credits"] or 0) - int(sums["debits"] or 0) - given.credits + given.debits
