"""Routes of a partner's shop: redeem an item for points, hand it over, or cancel. Signed.

Kept small on purpose: the mall, with catalogue and prices, is a later part of the platform.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from tanhui.books import redemptions
from tanhui.domain.partners import queries as partners
from tanhui.flows.redeem_item import Wanted, cancel_item, deliver_item, redeem_item

from ..platform import installed
from .access import idempotency_key
from .intake import check_digest
from .partners import partner_of_route
from .schemas import REFUSALS, WRITE_REFUSALS
from .security import KEY_ACTOR, PartnerSession, PartnerSignature
from .signing import content_sha256

router = Router(tags=["redemptions"], auth=PartnerSignature())
AMOUNT_MAX = 2**53 - 1
NUMBER_MAX = 2**31 - 1


class Redemption(Schema):
    """What is redeemed."""

    person: str = Field(max_length=200, description="the partner's reference, such as szt:card")
    item: str = Field(max_length=60, pattern=r"^[a-z0-9-]+$")
    pieces: int = Field(ge=1, le=AMOUNT_MAX, strict=True)
    points: int = Field(ge=1, le=AMOUNT_MAX, strict=True, description="the price of all pieces")


class RedemptionDone(Schema):
    """The order's number; `repeated` when this key had come before."""

    redemption: int
    repeated: bool


class RedemptionState(Schema):
    """open, posted (delivered) or voided (cancelled)."""

    redemption: int
    state: str


@router.post(
    "/{partner}/redemptions",
    auth=PartnerSignature(partners.kept_key),
    response={200: RedemptionDone, 201: RedemptionDone, **WRITE_REFUSALS},
    summary="Redeem an item",
    openapi_extra={"x-summary-zh": "积分兑换"},
)
def redeem(request: HttpRequest, partner: str, order: Redemption) -> Status[dict[str, Any]]:
    """Take a person's points and hold the item; 201, or 200 with the first answer again."""
    owner, actor = partner_of_route(request, partner)
    _check_content(request)
    done = redeem_item(
        installed(),
        Wanted(person=order.person, item=order.item, pieces=order.pieces, points=order.points),
        partner=owner.pk,
        signed_with=partners.kept_key(actor.removeprefix(KEY_ACTOR)),
        key=idempotency_key(request),
    )
    return Status(200 if done["repeated"] else 201, done)


@router.post(
    "/{partner}/redemptions/{int:redemption}/delivery",
    response={200: RedemptionDone, 201: RedemptionDone, **WRITE_REFUSALS},
    summary="The item was handed over",
    openapi_extra={"x-summary-zh": "已交付"},
)
def deliver(request: HttpRequest, partner: str, redemption: int) -> Status[dict[str, Any]]:
    """End an order: the item leaves the stock."""
    return _ended(deliver_item, request, partner, redemption)


@router.post(
    "/{partner}/redemptions/{int:redemption}/cancellation",
    response={200: RedemptionDone, 201: RedemptionDone, **WRITE_REFUSALS},
    summary="Cancel an order",
    openapi_extra={"x-summary-zh": "取消兑换"},
)
def cancel(request: HttpRequest, partner: str, redemption: int) -> Status[dict[str, Any]]:
    """End an order: points come back with the days they had, the item is free again."""
    return _ended(cancel_item, request, partner, redemption)


@router.get(
    "/{partner}/redemptions/{int:redemption}",
    auth=[PartnerSignature(), PartnerSession()],
    response={200: RedemptionState, **REFUSALS},
    summary="An order",
    openapi_extra={"x-summary-zh": "兑换订单"},
)
def show(request: HttpRequest, partner: str, redemption: int) -> dict[str, Any]:
    """Where an order stands."""
    owner, _ = partner_of_route(request, partner)
    number = _number(redemption)
    return {"redemption": number, "state": redemptions.state(number, partner=owner.pk)}


def _ended(
    end: Callable[..., dict[str, Any]], request: HttpRequest, partner: str, redemption: int
) -> Status[dict[str, Any]]:
    """End the partner's order one way or the other; 201, or 200 with the first answer again."""
    owner, actor = partner_of_route(request, partner)
    _check_content(request)
    key = idempotency_key(request)
    done = end(installed(), _number(redemption), partner=owner.pk, key=key, actor=actor)
    return Status(200 if done["repeated"] else 201, done)


def _check_content(request: HttpRequest) -> None:
    """What was signed is what came; raises InputRefused."""
    announced = content_sha256(request.headers.get("Content-Digest", ""))
    check_digest(announced, hashlib.sha256(request.body).digest())


def _number(redemption: int) -> int:
    """A number the database can hold; any larger one is nobody's order."""
    return min(redemption, NUMBER_MAX)
