"""A partner's shop over the signed API: one order per key, and every refusal changes nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.test import Client
from tests.flows.deliveries import a_metro_ride, deliver

from tanhui.books import queries
from tanhui.books.models import Hold, Journal, Lot, Transfer
from tanhui.core.canonical import canonical_json
from tanhui.domain.partners import queries as queries_of_partners
from tanhui.domain.partners import services as partners
from tanhui.flows.erasure import erase
from tanhui.flows.redeem_item import stock_item
from tanhui.interfaces.api.client import sign
from tanhui.interfaces.platform import platform

SECRET = Ed25519PrivateKey.generate()
PATH = "/api/v1/partners/shop/redemptions"
ORDER = {"person": "card:1", "item": "bag", "pieces": 1, "points": 30}


@pytest.fixture(autouse=True)
def shop(db: None, tmp_path: Path) -> int:
    """A shop with three bags, and a person with 78 points; the shop's partner number."""
    queries_of_partners._kept.clear()  # a process has one database, the tests many
    deliver(tmp_path, [a_metro_ride()])
    partner = partners.register("shop", name_zh="商店", name_en="Shop")
    public = SECRET.public_key().public_bytes_raw()
    partners.add_key(partner, key_id="shop-1", public_key=public)
    stock_item(platform(), partner=partner.pk, item="bag", pieces=3, key="spring", actor="cli")
    Lot.objects.update(expires_on="2099-01-01")
    return int(partner.pk)


def ask(order: dict[str, Any] | None = None, *, key: str = "order-001", **headers: str) -> Any:
    """A signed redemption; `headers` change it after signing."""
    body = json.dumps(ORDER if order is None else order).encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    signed = sign(
        "POST",
        f"http://localhost{PATH}",
        key_id="shop-1",
        key=SECRET,
        content_digest=f"sha-256=:{digest}:",
        idempotency_key=key,
    )
    before = transaction.savepoint()
    answer = Client(headers={"host": "localhost"}).post(
        PATH, body, content_type="application/json", headers=signed | headers
    )
    if answer.status_code >= 400:  # the act is a statement by itself; here it is inside the test's
        transaction.savepoint_rollback(before)
    return answer


def points() -> int:
    return queries.balance(Lot.objects.get().account.owner_id).points


def test_an_order_is_made_once(shop: int) -> None:
    first, again = ask(), ask()
    order = first.json()["redemption"]
    assert (first.status_code, first.json()) == (201, {"redemption": order, "repeated": False})
    assert (again.status_code, again.json()) == (200, {"redemption": order, "repeated": True})
    assert points() == 48
    act = Journal.objects.get(pk=order)
    assert (act.actor, act.verb) == ("key:shop-1", "books.item.redeemed")
    assert act.detail == {"partner": shop, "item": "bag"}
    assert Hold.objects.get(journal=order).amount == 1
    person = Transfer.objects.get(journal=order).debit_account.owner_id
    request = {"person": str(person), "item": "bag", "pieces": "1", "points": "30"}
    assert bytes(act.request_hash) == hashlib.sha256(canonical_json(request)).digest()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"person": "card:nobody"}, 404, "person.unknown"),
        ({"person": "nobody"}, 422, "person.reference.malformed"),
        ({"item": "hat"}, 404, "item.unknown"),
        ({"points": 79}, 409, "balance.short"),
        ({"pieces": 4}, 409, "balance.short"),
        ({"points": 0}, 422, "request.refused"),
        ({"points": "30"}, 422, "request.refused"),
        ({"item": "BAG"}, 422, "request.refused"),
    ],
)
def test_a_refused_order_changes_nothing(change: dict[str, Any], status: int, code: str) -> None:
    acts = Journal.objects.count()
    answer = ask(ORDER | change)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert "" not in (problem["zh"], problem["en"])
    assert (points(), Journal.objects.count()) == (78, acts)


def test_a_key_for_another_order_is_refused() -> None:
    assert ask().status_code == 201
    answer = ask(ORDER | {"points": 31})
    assert (answer.status_code, answer.json()["code"]) == (409, "act.key.reused")
    assert points() == 48


def test_a_revoked_key_redeems_nothing_from_then_on() -> None:
    assert ask().status_code == 201
    partners.revoke_key("shop-1")
    answer = ask(key="order-002")
    assert (answer.status_code, answer.json()["code"]) == (401, "partner.key.unknown")
    assert "Accept-Signature" in answer.headers
    assert points() == 48


def test_a_person_who_left_is_nobody() -> None:
    assert ask().status_code == 201
    person = Lot.objects.get().account.owner_id
    erase(platform(), person, actor="cli")
    answer = ask(key="order-002")
    assert (answer.status_code, answer.json()["code"]) == (404, "person.unknown")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Digest": "sha-256=:" + "A" * 43 + "=:"}, "signature.wrong"),
        ({"Idempotency-Key": "order-002"}, "signature.wrong"),
        ({"Signature": "sig=:" + "A" * 86 + "==:"}, "signature.wrong"),
        ({"Signature-Input": "sig=()"}, "signature.malformed"),
    ],
)
def test_a_wrong_signature_is_told_what_to_sign(headers: dict[str, str], code: str) -> None:
    answer = ask(**headers)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert "Accept-Signature" in answer.headers
    assert points() == 78


@pytest.mark.parametrize("language", ["zh-hans", "en", "fr"])
@pytest.mark.parametrize("order", [ORDER, ORDER | {"item": "hat"}])
def test_the_short_way_answers_as_the_long_one(order: dict[str, Any], language: str) -> None:
    asked = {"Accept-Language": language, "X-Request-ID": "request-1"}
    ask(order, **asked)
    short = ask(order, **asked)
    name = "tanhui.interfaces.api.signed_calls.SignedCallMiddleware"
    whole = [each for each in settings.MIDDLEWARE if each != name]
    assert len(whole) == len(settings.MIDDLEWARE) - 1
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(settings, "MIDDLEWARE", whole)
        long = ask(order, **asked)
    assert (short.status_code, short.content) == (long.status_code, long.content)
    assert dict(short.headers) == dict(long.headers)


@pytest.mark.parametrize("host", ["elsewhere.example"])
def test_another_host_is_refused(host: str) -> None:
    answer = ask(host=host)
    assert answer.status_code == 400
