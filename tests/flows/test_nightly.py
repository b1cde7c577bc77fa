"""The night: points and holds whose time came, all proofs, and an incident for any difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from tests.books.ledger import an_act
from tests.flows.deliveries import a_metro_ride, deliver

from tanhui.books import holds, incidents, queries
from tanhui.books.models import PERSON, Lot
from tanhui.books.statements import account_of
from tanhui.domain.partners import services as partners
from tanhui.flows.nightly import Night, nightly
from tanhui.flows.redeem_item import Wanted, cancel_item, deliver_item, redeem_item, stock_item
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db
DAY = datetime(2024, 10, 9, tzinfo=UTC)


def night(at: datetime) -> Night:
    return nightly(replace(platform(), clock=lambda: at))


def test_points_lapse_and_holds_end_on_their_day(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    lot = Lot.objects.get()
    account = account_of(PERSON, lot.account.owner_id, lot.account.asset.code)
    assert account == lot.account_id
    with transaction.atomic():
        holds.reserve(
            an_act(), lot.account_id, 8, day=DAY.date(), expires_at=DAY + timedelta(days=3)
        )
    expiry = datetime.combine(lot.expires_on, datetime.min.time(), UTC) - timedelta(hours=8)
    early = night(DAY)
    assert (early.holds_expired, early.points_lapsed, early.open) == (0, 0, 0)
    late = night(expiry)  # midnight in Shanghai
    assert (late.holds_expired, late.people_lapsed, late.points_lapsed) == (1, 1, 78)
    assert queries.balance(lot.account.owner_id).points == 0
    again = night(expiry + timedelta(seconds=1))
    assert (again.holds_expired, again.points_lapsed, again.opened) == (0, 0, 0)
    assert all(proof.ok for proof in again.proofs)


def test_a_difference_is_an_incident_until_somebody_closes_it(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE books_balance SET held = 1 WHERE credits < 1000")
    first = night(DAY)
    assert (first.opened, first.open) == (1, 1)
    assert night(DAY + timedelta(days=1)).opened == 0
    incident = incidents.now_open().get()
    assert incident.proof == "held equals open holds"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE books_balance SET held = 0")
    assert night(DAY + timedelta(days=2)).open == 1, "nobody has looked yet"
    incidents.close(
        incident.pk, person="Li Ming", reason="the test set it by hand", at=DAY, actor="cli"
    )
    assert night(DAY + timedelta(days=3)).open == 0


def test_a_shop_redeems_delivers_and_cancels(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    shop = replace(platform(), clock=lambda: DAY)
    owner = partners.register("shop", name_zh="商店", name_en="Shop")
    signer = partners.add_key(owner, key_id="shop-1", public_key=bytes(32))
    stock_item(shop, partner=owner.pk, item="bag", pieces=3, key="spring", actor="cli")
    assert not stock_item(
        shop, partner=owner.pk, item="bag", pieces=3, key="spring", actor="cli"
    ).is_new
    orders = [
        redeem_item(
            shop,
            Wanted(person="card:1", item="bag", pieces=1, points=30),
            partner=signer.partner_id,
            signed_with=signer,
            key=f"order-{n}",
        )
        for n in (1, 2, 1)
    ]
    assert [order["repeated"] for order in orders] == [False, False, True]
    first, second, again = (order["redemption"] for order in orders)
    assert again == first
    for repeated in (False, True):
        done = deliver_item(shop, first, partner=owner.pk, key="d1", actor="key:shop")
        assert done["repeated"] is repeated
    cancel_item(shop, second, partner=owner.pk, key="c1", actor="key:shop")
    person = Lot.objects.filter(amount=78).get().account.owner_id
    assert queries.balance(person).points == 48
    assert all(proof.ok for proof in night(DAY).proofs)
