"""Partners sign with their own valid key, or are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.auth.models import User

from tanhui.books.models import LogEntry
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, Denied, InputRefused, NotFound
from tanhui.domain.partners import queries, services
from tanhui.domain.partners.models import Partner, PartnerKey

pytestmark = pytest.mark.django_db

NAMES = {"name_zh": "武汉地铁", "name_en": "Wuhan Metro"}
SECRET = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
PUBLIC = SECRET.public_key().public_bytes_raw()


def a_partner(code: str = "wuhan-metro", **changes: Any) -> Partner:
    return services.register(code, **(NAMES | changes))


def test_registering_twice_is_one_partner() -> None:
    at = datetime(2024, 10, 1, tzinfo=UTC)
    first = a_partner(clock=lambda: at)
    assert a_partner() == first
    assert (queries.get("wuhan-metro").created_at, Partner.objects.count()) == (at, 1)
    assert queries.by_id(first.pk) == first
    assert list(queries.everyone()) == [first]


def test_the_same_code_with_other_names_is_a_conflict() -> None:
    a_partner()
    with pytest.raises(Conflict):
        a_partner(name_en="Somebody Else")
    assert queries.get("wuhan-metro").name_en == "Wuhan Metro"


@pytest.mark.parametrize("code", ["", "a", "Wuhan", "wu han", "-x", "a" * 41, "../x", "武汉"])
def test_a_code_must_fit_in_a_url(code: str) -> None:
    with pytest.raises(InputRefused):
        a_partner(code)
    assert Partner.objects.count() == 0


def test_an_unknown_partner_is_not_found() -> None:
    with pytest.raises(NotFound):
        queries.get("nobody")
    with pytest.raises(NotFound):
        queries.by_id(1)


def test_a_signature_of_a_valid_key_names_the_partner() -> None:
    partner = a_partner()
    services.add_key(partner, key_id="wm-1", public_key=PUBLIC)
    assert services.verify("wm-1", signature=SECRET.sign(b"bytes"), message=b"bytes") == partner


@pytest.mark.parametrize(
    ("key_id", "signature", "message"),
    [
        ("wm-1", SECRET.sign(b"bytes"), b"bytez"),
        ("wm-1", Ed25519PrivateKey.generate().sign(b"bytes"), b"bytes"),
        ("wm-1", b"", b"bytes"),
        ("wm-1", b"\0" * 64, b"bytes"),
        ("wm-2", SECRET.sign(b"bytes"), b"bytes"),
    ],
    ids=["other bytes", "other key", "empty", "zeros", "unknown key"],
)
def test_anything_else_is_denied(key_id: str, signature: bytes, message: bytes) -> None:
    services.add_key(a_partner(), key_id="wm-1", public_key=PUBLIC)
    with pytest.raises(Denied):
        services.verify(key_id, signature=signature, message=message)


def test_a_revoked_key_is_denied_like_an_unknown_one_and_keeps_its_moment() -> None:
    first, second = datetime(2024, 10, 1, tzinfo=UTC), datetime(2024, 11, 1, tzinfo=UTC)
    services.add_key(a_partner(), key_id="wm-1", public_key=PUBLIC)
    services.revoke_key("wm-1", clock=lambda: first)
    services.revoke_key("wm-1", clock=lambda: second)
    assert PartnerKey.objects.get().revoked_at == first
    with pytest.raises(Denied) as revoked:
        services.verify("wm-1", signature=SECRET.sign(b"x"), message=b"x")
    assert revoked.value.code == "partner.key.unknown"
    with pytest.raises(Denied):
        services.revoke_key("wm-2")


def test_adding_the_same_key_again_is_harmless_any_other_is_refused() -> None:
    partner = a_partner()
    key = services.add_key(partner, key_id="wm-1", public_key=PUBLIC)
    assert services.add_key(partner, key_id="wm-1", public_key=PUBLIC) == key
    other = a_partner("other-metro")
    with pytest.raises(Conflict):
        services.add_key(other, key_id="wm-1", public_key=PUBLIC)
    with pytest.raises(Conflict):
        services.add_key(partner, key_id="wm-1", public_key=b"x" * 32)
    services.revoke_key("wm-1")
    with pytest.raises(Conflict):
        services.add_key(partner, key_id="wm-1", public_key=PUBLIC)
    with pytest.raises(InputRefused):
        services.add_key(partner, key_id="wm-3", public_key=b"short")
    assert PartnerKey.objects.count() == 1


def test_a_member_sees_one_partner() -> None:
    user = User.objects.create(username="a")
    assert queries.partner_of_user(user.pk) is None
    services.join(user.pk, a_partner())
    services.join(user.pk, a_partner("other-metro"))
    found = queries.partner_of_user(user.pk)
    assert found is not None
    assert found.code == "other-metro"


def test_every_verb_leaves_one_public_fact() -> None:
    partner = a_partner()
    a_partner()
    for _ in range(2):
        services.add_key(partner, key_id="wm-1", public_key=PUBLIC)
    services.revoke_key("wm-1")
    services.revoke_key("wm-1")
    facts = [read_json(bytes(entry.body)) for entry in LogEntry.objects.order_by("id")]
    assert [fact["kind"] for fact in facts] == [
        "partners.partner.registered",
        "partners.partner.key_added",
        "partners.partner.key_revoked",
    ]
    assert {fact["partner"] for fact in facts} == {partner.code}
