"""The claim register: claimed once by whoever, asked without a name, limited, withdrawn."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.db import connection, transaction
from tests.flows.registry.doubling import doubled
from tests.flows.registry.offices import Office, a_key
from tests.flows.registry.test_matters import refused

from tanhui.books.models import Journal
from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.claims import digests
from tanhui.domain.claims.models import Asked, Claim
from tanhui.domain.partners import services as partners
from tanhui.domain.partners.models import Partner
from tanhui.flows.registry import claims
from tanhui.flows.registry.claim_digests import salt_of
from tanhui.flows.registry.claims import PeerClaim

pytestmark = pytest.mark.django_db
METER = digests.meter("3100-1234", "2024-10")


@pytest.fixture
def office() -> Office:
    return Office()


def a_peer(code: str = "ccer") -> Partner:
    return partners.register(code, name_zh=f"{code}（测试）", name_en=f"{code} (test)")


def public(office: Office, texts: list[str]) -> list[bytes]:
    salt = salt_of(office.platform)
    return [digests.public_digest(text, salt=salt) for text in texts]


def peer_claims(
    office: Office, peer: Partner, texts: list[str], **changes: str
) -> tuple[int, bool]:
    given = {"scheme": "ccer", "reference": "P-1", "kind": "meter"} | changes
    key = given.pop("key", a_key())
    said = PeerClaim(digests=public(office, texts), **given)
    return claims.peer_claim(office.platform, peer, said, actor="key:test", key=key)


def own(office: Office, texts: list[str], journal: int = 1) -> int:
    return claims.own_claim(
        office.platform, reference="P-420100-2025-0001", kind="meter", texts=texts, journal=journal
    )


def test_what_a_peer_claimed_we_cannot(office: Office) -> None:
    peer = a_peer()
    assert peer_claims(office, peer, METER, key="same-key") == (1, True)
    assert peer_claims(office, peer, METER, key="same-key") == (1, False)
    itself = refused(Conflict, "claim.repeated", lambda: peer_claims(office, peer, METER))
    assert "case" not in itself.values, "nobody is in conflict with itself"
    error = refused(Conflict, "claim.taken", lambda: own(office, METER))
    assert error.values == {"schemes": ["ccer"], "places": [0]}
    assert own(office, digests.meter("3100-1234", "2024-11")) == 1


def test_all_or_none_are_claimed(office: Office) -> None:
    own(office, METER)
    peer = a_peer()
    two = [*digests.meter("9", "2024-10"), *METER]
    doubled("claim.taken", lambda: peer_claims(office, peer, two))
    assert Claim.objects.count() == 1


def test_a_question_tells_the_scheme_and_nothing_else(office: Office) -> None:
    own(office, METER)
    peer = a_peer()
    asked = public(office, [*METER, *digests.meter("9", "2024-10")])
    assert claims.ask(office.platform, peer, asked) == [office.platform.programme, None]
    assert Asked.objects.get().digests == 2
    stored = bytes(Claim.objects.get().digest)
    assert stored not in asked, "who knows the salt cannot read the table"


def test_a_peer_withdraws_its_own(office: Office) -> None:
    first, second = a_peer(), a_peer("gec")
    peer_claims(office, first, METER)

    def given_up(peer: Partner) -> int:
        return claims.peer_withdrawal(office.platform, peer, "P-1", actor="key:test", key=a_key())

    assert given_up(second) == 0
    doubled("claim.taken", lambda: peer_claims(office, second, METER))
    assert given_up(first) == 1
    assert peer_claims(office, second, METER) == (1, True)


def test_questions_have_a_daily_limit(office: Office) -> None:
    office.platform = replace(office.platform, claims_asked_per_day=3)
    peer = a_peer()
    asked = public(office, METER) * 2
    claims.ask(office.platform, peer, asked)
    refused(Conflict, "claim.asked_too_often", lambda: claims.ask(office.platform, peer, asked))
    office.wait(1)
    assert claims.ask(office.platform, peer, asked) == [None, None]


@pytest.mark.parametrize(
    "changes", [{"kind": "moon"}, {"scheme": ""}, {"reference": "x" * 81}, {"scheme": "a\nb"}]
)
def test_a_malformed_claim_is_refused(office: Office, changes: dict[str, str]) -> None:
    peer = a_peer()
    refused(InputRefused, "claim.malformed", lambda: peer_claims(office, peer, METER, **changes))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_claim_it_once(office: Office) -> None:
    peers = [a_peer(f"peer-{number}") for number in range(6)]
    ends: list[str] = []

    def claim(peer: Partner) -> None:
        try:
            with transaction.atomic():
                peer_claims(office, peer, METER)
            ends.append("claimed")
        except Conflict as error:
            ends.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(peer,)) for peer in peers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["claim.taken"] * 5 + ["claimed"]
    assert Claim.objects.count() == 1
    assert Journal.objects.filter(verb="registry.claim.claimed").count() == 1
