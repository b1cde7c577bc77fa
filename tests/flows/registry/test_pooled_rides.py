"""Two platforms compare their rides: each asks with digests alone, and only one counts a ride."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.flows.registry.doubling import doubled
from tests.flows.registry.offices import a_key
from tests.flows.registry.pooling import RIDE_MG, PoolOffice, rides
from tests.flows.registry.test_matters import refused

from tanhui.core.errors import Conflict
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.claims import digests
from tanhui.domain.matters.models import Matter
from tanhui.domain.partners import services as partners
from tanhui.domain.partners.models import Partner
from tanhui.domain.pools.models import PoolIssue, RideFile
from tanhui.flows.erasure import erase
from tanhui.flows.platform import Platform
from tanhui.flows.registry import claims
from tanhui.flows.registry.claim_digests import salt_of
from tanhui.flows.registry.claims import PeerClaim
from tanhui.flows.registry.pool_proofs import explain, prove_pools
from tanhui.flows.registry.pooled_rides import Noted, note_rides, questions
from tanhui.interfaces.platform import feed_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(tmp_path: Path) -> PoolOffice:
    return PoolOffice(tmp_path)


@pytest.fixture
def peer() -> Partner:
    return partners.register("other", name_zh="另一平台（测试）", name_en="Another platform (test)")


def another(office: PoolOffice) -> Platform:
    """A second register with keys of its own."""
    return replace(office.office.platform, identity_key=b"k" * 32, programme="other")


def theirs(office: PoolOffice, *, first: int, count: int, minute: int = 0) -> list[bytes]:
    """What the second register asks of the first about its own rides, made with our salt."""
    salt = salt_of(office.office.platform)
    start = int(datetime(2024, 10, 8, 0, minute, tzinfo=UTC).timestamp())
    return [
        digests.public_digest(text, salt=salt)
        for number in range(first, first + count)
        for text in digests.ride(f"card:{number}", "metro", start)
    ]


def answers(office: PoolOffice, peer: Partner, asked: list[bytes]) -> int:
    """How many of the rides are pooled here: a ride has two digests, of which one is enough."""
    found = claims.ask(office.office.platform, peer, asked)
    assert set(found) <= {None, office.office.platform.programme}
    return sum(bool(one or other) for one, other in zip(found[::2], found[1::2], strict=True))


def noted(office: PoolOffice, pool: Matter) -> Noted:
    return note_rides(office.office.platform, pool.number, feed_of, actor="test")


@pytest.mark.parametrize(("minute", "found"), [(0, 3), (14, 3), (45, 0)])
def test_a_peer_finds_its_rides_in_our_pool(
    office: PoolOffice, peer: Partner, minute: int, found: int
) -> None:
    asked = theirs(office, first=3, count=6, minute=minute)
    office.deliver(rides(1, 5))
    pool = office.issued()
    assert answers(office, peer, asked) == 0, "nothing is answered before it is noted"
    assert noted(office, pool) == noted(office, pool) == Noted(5, 0, 0)
    assert RideFile.objects.count() == 1, "the same rides noted again change nothing"
    assert answers(office, peer, asked) == found
    assert answers(office, peer, [bytes(32)] * 2) == 0


def test_neither_learns_who(office: PoolOffice, peer: Partner) -> None:
    asked = theirs(office, first=1, count=2)
    office.deliver(rides(1, 2))
    pool = office.issued()
    noted(office, pool)
    file = office.office.platform.home / RideFile.objects.get().file
    kept = file.read_bytes()
    assert b"card:" not in kept
    assert not any(digest[:8] in kept or digest[:8][::-1] in kept for digest in asked)
    back = list(
        questions(office.office.platform, pool.number, feed_of, salt=salt_of(another(office)))
    )
    assert not set(back) & set(asked), "digests made with another salt have nothing in common"


def test_what_we_ask_is_what_the_other_would_make_of_the_same_rides(office: PoolOffice) -> None:
    asked = theirs(office, first=1, count=3)
    office.deliver(rides(1, 3))
    pool = office.gather()
    salt = salt_of(office.office.platform)
    again = list(questions(another(office), pool.number, feed_of, salt=salt))
    assert sorted(again) == sorted(asked)


def a_claim(office: PoolOffice, peer: Partner, asked: list[bytes]) -> tuple[int, bool]:
    said = PeerClaim(scheme="other", reference="O-1", kind="ride", digests=asked)
    return claims.peer_claim(office.office.platform, peer, said, actor="test", key=a_key())


def test_a_pooled_ride_cannot_be_claimed_by_a_peer(office: PoolOffice, peer: Partner) -> None:
    asked = theirs(office, first=3, count=1)
    office.deliver(rides(1, 3))
    pool = office.gather()
    noted(office, pool)
    _, case = doubled("claim.taken", lambda: a_claim(office, peer, asked))
    assert (case.data["thing"], case.data["about"]) == ("ride", pool.number)
    office.office.step(office.operator, pool, "cancel")
    assert a_claim(office, peer, asked) == (2, True)


def test_a_ride_that_a_peer_claimed_is_left_out_of_the_units(
    office: PoolOffice, peer: Partner
) -> None:
    asked = theirs(office, first=5, count=1)
    office.deliver(rides(1, 5))
    a_claim(office, peer, asked)
    pool = office.ready()
    refused(Conflict, "pool.rides_not_noted", lambda: office.propose(pool))
    assert noted(office, pool) == Noted(5, 0, 1)
    office.propose(pool)
    office.approve(pool)
    issue = PoolIssue.objects.get()
    assert (issue.gathered, issue.claimed) == (4 * RIDE_MG, RIDE_MG)
    assert [
        proof.name_en for proof in explain(office.office.platform, issue.pool) if not proof.ok
    ] == []
    assert noted(office, pool) == Noted(4, 0, 0), "once issued, what its line holds"


def test_who_was_erased_is_told_apart_and_the_rest_still_read(office: PoolOffice) -> None:
    office.deliver(rides(1, 3))
    pool = office.issued()
    key = office.office.platform.identity_key
    person = citizens.find("card:2", key=key)
    assert person is not None
    erase(office.office.platform, person, actor="test")
    assert noted(office, pool) == Noted(2, 1, 0)


def test_a_changed_file_of_rides_is_found(office: PoolOffice) -> None:
    office.deliver(rides(1, 2))
    pool = office.gather()
    noted(office, pool)
    platform = office.office.platform

    def intact() -> list[bool]:
        name = "every file of ride digests is as it was written"
        return [proof.ok for proof in prove_pools(platform) if proof.name_en == name]

    assert intact() == [True]
    file = platform.home / RideFile.objects.get().file
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert intact() == [False]
    file.write_bytes(kept)
