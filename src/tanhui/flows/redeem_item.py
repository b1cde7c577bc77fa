"""A partner's shop redeems a person's points for an item; the mall with its prices comes later.

The partner names a person by its own reference, the item and the price in points. Only items whose
stock the operator took in for that partner can be redeemed, so an operator decides who runs a shop.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from tanhui.books import redemptions
from tanhui.books.acts import Act, Recorded
from tanhui.books.redemptions import Order
from tanhui.core.errors import NotFound
from tanhui.domain.citizens import queries as citizens

from .platform import Platform

SHANGHAI = ZoneInfo("Asia/Shanghai")
Json = dict[str, Any]


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
    platform: Platform,
    *,
    partner: int,
    person: str,
    item: str,
    pieces: int,
    points: int,
    key: str,
    actor: str,
) -> Json:
    """Redeem for the person who goes by `person`; the same key is one order.

    Raises NotFound `person.unknown`, and what `redemptions.redeem` raises.
    """
    number = citizens.find(person, key=platform.identity_key)
    if number is None:
        raise NotFound(
            "person.unknown",
            zh="没有以这个编号参加的人；请核对编号（形如 szt:卡号）。",
            en="Nobody takes part under this reference; check it (such as szt:card).",
        )
    request = {"person": str(number), "item": item, "pieces": str(pieces), "points": str(points)}
    act = _act(
        platform,
        redemptions.VERB,
        {"partner": partner, "item": item},
        key=f"redeem/{partner}/{key}",
        actor=actor,
        request=request,
    )
    order = Order(person=number, partner=partner, item=item, pieces=pieces, points=points)
    done = redemptions.redeem(
        order, act, programme=platform.programme, day=_today(platform)
    )  # one statement: a transaction by itself
    return {"redemption": done.journal, "repeated": not done.is_new}


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


def _act(
    platform: Platform,
    verb: str,
    detail: Json,
    *,
    key: str,
    actor: str,
    request: Json | None = None,
) -> Act:
    return Act(
        verb=verb,
        actor=actor,
        at=platform.clock(),
        key=key,
        request=detail if request is None else request,
        detail=detail,
    )


def _today(platform: Platform) -> date:
    return platform.clock().astimezone(SHANGHAI).date()
