"""A partner's shop redeems a person's points for an item; the mall with its prices comes later.

The partner names a person by its own reference, the item and the price in points. Only items whose
stock the operator took in for that partner can be redeemed, so an operator decides who runs a shop.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from psycopg.types.json import Jsonb

from tanhui.books import redemptions
from tanhui.books.acts import Act, Recorded
from tanhui.books.assets import item_code, points_code
from tanhui.books.one_row import one_row
from tanhui.books.refusals import in_words
from tanhui.core.canonical import canonical_json
from tanhui.core.errors import NotFound
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.partners import queries as partners
from tanhui.domain.partners.models import PartnerKey

from .platform import Platform

SHANGHAI = ZoneInfo("Asia/Shanghai")
Json = dict[str, Any]

# The person is known to the row alone: `sealed` xor the pad. What the function is given comes out
# of both rows, so without either of them it is not called. The hash is that of the request's
# canonical form with the person's number in it.
_REDEEM = """
SELECT r.journal, r.is_new FROM partners_partnerkey k, citizens_identity i, LATERAL books_redeem(
    %s, 'key:' || k.key_id, %s,
    sha256(%s || convert_to((i.sealed # %s)::text, 'UTF8') || %s), %s, '',
    i.sealed # %s, %s, %s, k.partner_id, %s, %s, %s) r
WHERE k.key_id = %s AND k.partner_id = %s AND k.public_key = %s AND k.revoked_at IS NULL
    AND i.scheme = %s AND i.digest = %s AND i.sealed <> 0
"""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`pieces` of an item for `points` of the person a partner calls `person`."""

    person: str
    item: str
    pieces: int
    points: int


def stock_item(
    platform: Platform, *, partner: int, item: str, pieces: int, key: str, actor: str
) -> Recorded:
    """Take pieces of an item into a partner's stock; the same key adds once."""
    detail = {"partner": partner, "item": item, "pieces": str(pieces)}
    act = _act(
        platform, redemptions.VERB_STOCKED, detail, key=f"stock/{partner}/{key}", actor=actor
    )
    with transaction.atomic():
        return redemptions.stock(
            act,
            partner=partner,
            item=item,
            pieces=pieces,
            programme=platform.programme,
            day=_today(platform),
        )


def redeem_item(
    platform: Platform, order: Wanted, *, partner: int, signed_with: PartnerKey, key: str
) -> Json:
    """Redeem for the person who goes by `order.person`; the same key is one order.

    One statement that looks for itself whether the key may sign and whose the reference is, and
    redeems only then. Raises Denied for a revoked key, NotFound `person.unknown`, and what
    `redemptions.redeem` raises.
    """
    redemptions.check_amounts(order.pieces, order.points)
    link = citizens.link_of(order.person, key=platform.identity_key)
    if link is None:
        raise _person_unknown()
    at = platform.clock()
    request = {"item": order.item, "person": "?"}
    request |= {"pieces": str(order.pieces), "points": str(order.points)}
    before, after = canonical_json(request).split(b"?")
    values: list[object] = [f"redeem/{partner}/{key}", at, before, link.pad, after]
    values += [Jsonb({"partner": partner, "item": order.item}), link.pad]
    values += [points_code(platform.programme), order.points, item_code(order.item), order.pieces]
    values += [_day(at), signed_with.key_id, partner, signed_with.public_key]
    values += [link.scheme, link.digest]
    with in_words():
        row = one_row(_REDEEM, values)
    if row is None:
        partners.seen_anew(signed_with)
        raise _person_unknown()
    return {"redemption": row[0], "repeated": not row[1]}


def _person_unknown() -> NotFound:
    return NotFound(
        "person.unknown",
        zh="没有以这个编号参加的人；请核对编号（形如 szt:卡号）。",
        en="Nobody takes part under this reference; check it (such as szt:card).",
    )


def deliver_item(platform: Platform, order: int, *, partner: int, key: str, actor: str) -> Json:
    """The item was handed over; raises Conflict `hold.not_open` when cancelled or delivered."""
    act = _closing(platform, redemptions.VERB_DELIVERED, order, partner, key=key, actor=actor)
    with transaction.atomic():
        done = redemptions.deliver(act, order, partner=partner, day=_today(platform))
    return {"redemption": order, "repeated": not done.is_new}


def cancel_item(platform: Platform, order: int, *, partner: int, key: str, actor: str) -> Json:
    """Points come back as they were and the stock is free; raises Conflict when delivered."""
    act = _closing(platform, redemptions.VERB_CANCELLED, order, partner, key=key, actor=actor)
    with transaction.atomic():
        done = redemptions.cancel(act, order, partner=partner, day=_today(platform))
    return {"redemption": order, "repeated": not done.is_new}


def _closing(
    platform: Platform, verb: str, order: int, partner: int, *, key: str, actor: str
) -> Act:
    detail = {"partner": partner, "redemption": str(order)}
    return _act(platform, verb, detail, key=f"{verb}/{partner}/{key}", actor=actor)


def _act(platform: Platform, verb: str, detail: Json, *, key: str, actor: str) -> Act:
    at = platform.clock()
    return Act(verb=verb, actor=actor, at=at, key=key, request=detail, detail=detail)


def _today(platform: Platform) -> date:
    return _day(platform.clock())


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
