"""Points for an item: the person's points go, the partner's stock is held until it is handed over.

The four verbs of an order's life: stock comes in, an item is redeemed, then delivered (the hold
is posted) or cancelled (the act is taken back, points with the days they had, and the hold freed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from tanhui.core.errors import InputRefused, NotFound

from . import holds
from .accounts import ensure_system, open_account
from .acts import Act, Recorded
from .assets import ensure_assets, item_code, points_code
from .models import HOLDER_ROLE, PARTNER, Hold, Journal
from .one_row import one_row
from .refusals import in_words
from .reversals import reverse
from .transfers import AMOUNT_MAX, PLACE_BITS, Leg, transfer

REDEEMED = "redeemed"  # system account of points
DELIVERED = "delivered"  # system account of an item
RECEIVED = "received"  # system account an item's stock comes from

VERB = "books.item.redeemed"
VERB_STOCKED = "books.item.stocked"
VERB_DELIVERED = "books.item.delivered"
VERB_CANCELLED = "books.item.cancelled"

_REDEEM = """
SELECT journal, is_new FROM books_redeem(
    %s, %s, %s, %s, %s, %s,  %s, %s, %s,  %s, %s, %s, %s)
"""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is redeemed: `pieces` of a partner's item for `points` of a person."""

    person: int
    partner: int
    item: str
    pieces: int
    points: int


def stock(act: Act, *, partner: int, item: str, pieces: int, programme: str, day: date) -> Recorded:
    """Take pieces of an item into a partner's stock; redeeming it for the programme's points
    is possible from then on."""
    codes = item_code(item), points_code(programme)
    assets = ensure_assets(codes)
    goods, points = (assets[code] for code in codes)
    ensure_system([(points, REDEEMED), (goods, DELIVERED)])
    source = ensure_system([(goods, RECEIVED)])[goods, RECEIVED]
    account = open_account(
        connection, asset=goods, owner_kind=PARTNER, owner_id=partner, role=HOLDER_ROLE
    )
    return transfer(act, [Leg(source, account, pieces)], day=day)


def redeem(order: Order, act: Act, *, programme: str, day: date) -> Recorded:
    """Redeem in one round trip; `act.journal` is the order's number. The same key is one order.

    Raises Conflict `balance.short` (points or stock), `points.lapsed`, NotFound `item.unknown`.
    """
    assert (act.verb, act.public) == (VERB, None), "one person's act is never public"
    check_amounts(order.pieces, order.points)
    values: list[Any] = [act.key, act.actor, act.at, act.request_hash, Jsonb(dict(act.detail))]
    values += [act.rules, order.person, points_code(programme), order.points]
    values += [order.partner, item_code(order.item), order.pieces, day]
    with in_words():
        journal, is_new = one_row(_REDEEM, values) or (0, False)
    return Recorded(journal, is_new)


def check_amounts(pieces: int, points: int) -> None:
    """Raises InputRefused `redemption.amount`."""
    if not (0 < points <= AMOUNT_MAX and 0 < pieces <= AMOUNT_MAX):
        raise InputRefused(
            "redemption.amount",
            zh="兑换的数量和积分都应为正整数。",
            en="Give a positive whole number of pieces and of points.",
        )


def deliver(act: Act, order: int, *, partner: int, day: date) -> Recorded:
    """The item was handed over: what is held leaves the stock. Raises as `holds.post`."""
    detail = _order(order, partner)
    goods = ensure_assets([item_code(detail["item"])])[item_code(detail["item"])]
    sink = ensure_system([(goods, DELIVERED)])[goods, DELIVERED]
    return holds.post(act, order << PLACE_BITS, sink, day=day)


def cancel(act: Act, order: int, *, partner: int, day: date) -> Recorded:
    """Take the order back: points as they were, stock free again. Raises as `reverse`."""
    _order(order, partner)
    return reverse(act, order, day=day)


def state(order: int, *, partner: int) -> str:
    """Where an order stands: open, posted (delivered), voided (cancelled) or expired."""
    _order(order, partner)
    return Hold.objects.values_list("state", flat=True).get(id=order << PLACE_BITS)


def _order(order: int, partner: int) -> Mapping[str, Any]:
    """What the journal keeps of an order of this partner; raises NotFound, for another's too."""
    found = Journal.objects.filter(pk=order, verb=VERB).first()
    if found is None or found.detail.get("partner") != partner:
        raise NotFound(
            "redemption.unknown",
            zh=f"没有兑换订单 {order}，或不属于您。",
            en=f"There is no redemption {order}, or it is not yours.",
        )
    detail: dict[str, Any] = found.detail
    return detail
