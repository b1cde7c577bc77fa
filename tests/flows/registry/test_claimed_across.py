"""One thing claimed by two, for each pair of kinds that claim: the second is refused, with a case.

What claims: a project (plants, plots, certificates), a monitoring period (meters, vehicles), a use
(green certificates of its inventory), and any peer. They write the thing differently each.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.flows.registry.crediting import (
    CREDITING,
    Cast,
    a_cast,
    a_period,
    applied,
    handed_in,
    pv_data,
    registered,
)
from tests.flows.registry.doubling import doubled
from tests.flows.registry.offices import a_key

from tanhui.domain.claims import digests
from tanhui.domain.claims.models import Claim
from tanhui.domain.matters.models import Matter
from tanhui.domain.partners import services as partners
from tanhui.flows.registry.claim_digests import salt_of
from tanhui.flows.registry.claims import PeerClaim, peer_claim

pytestmark = pytest.mark.django_db
Claiming = Callable[[], object]
"""The last act of somebody who claims, everything before it done."""


def by_project(kind: str, number: str) -> Claiming:
    cast = a_cast()
    project = applied(cast, assets=[{"kind": kind, "identifier": number}])
    office = cast.office
    office.paper(cast.first, project, "assessment_opinion")
    office.step(cast.first, project, "assess")
    office.step(cast.first, project, "give_notice")
    office.wait(30)
    office.step(cast.first, project, "register", data=CREDITING)
    return lambda: office.step(cast.second, project, "register", data=CREDITING)


def by_period(kind: str, number: str) -> Claiming:
    cast = a_cast()
    project = registered(cast, assets=[{"kind": kind, "identifier": number}])
    cast.office.wait(260)
    period = a_period(cast, project, 2024, 2024)
    digest = handed_in(cast, cast.owner, period, pv_data(project, {2024: "100"}))
    said = {"data_sha256": digest}
    return lambda: cast.office.step(cast.owner, period, "report", data=said)


def a_use(cast: Cast) -> Matter:
    given = {
        "purpose": "organisation",
        "beneficiary": "某公司",
        "object": "某网点",
        "period_from": "2024-01-01",
        "period_to": "2024-12-31",
    }
    use = cast.office.open(cast.owner, "use", organisation=cast.body.pk, data=given)
    cast.office.paper(cast.owner, use, "emissions_report")
    return use


def inventory(number: str) -> dict[str, object]:
    line = {
        "category": "venue_energy",
        "what": "绿电",
        "activity": "100",
        "unit": "MWh",
        "factor": "0",
        "factor_unit": "tCO2e/MWh",
        "source": "绿证",
        "certificate": number,
    }
    return {"inventory": [line]}


def by_use(_kind: str, number: str) -> Claiming:
    cast = a_cast()
    use = a_use(cast)
    return lambda: cast.office.step(cast.owner, use, "calculate", data=inventory(number))


def by_peer(kind: str, number: str) -> Claiming:
    cast, code = a_cast(), f"peer-{a_key()}"
    peer = partners.register(code, name_zh=f"{code}（测试）", name_en=code)
    texts = {
        "plant": digests.asset(number),
        "plot": digests.asset(number),
        "certificate": digests.certificate(number),
        "meter": digests.meter(number, "2024-07"),
    }
    salt = salt_of(cast.office.platform)
    said = PeerClaim(
        scheme="gec",
        reference="G-1",
        kind={"plant": "asset", "plot": "asset"}.get(kind, kind),
        digests=[digests.public_digest(text, salt=salt) for text in texts[kind]],
    )
    key = a_key()
    return lambda: peer_claim(cast.office.platform, peer, said, actor="test", key=key)


PAIRS = [
    *[
        ("certificate", first, second)
        for first in (by_project, by_use, by_peer)
        for second in (by_project, by_use, by_peer)
    ],
    ("plant", by_project, by_project),
    ("plant", by_project, by_peer),
    ("plant", by_peer, by_project),
    ("plot", by_project, by_project),
    ("meter", by_period, by_period),
    ("meter", by_period, by_peer),
    ("meter", by_peer, by_period),
]


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    PAIRS,
    ids=[f"{kind}-{first.__name__}-{second.__name__}" for kind, first, second in PAIRS],
)
def test_what_one_claimed_another_cannot(
    kind: str, first: Callable[..., Claiming], second: Callable[..., Claiming]
) -> None:
    one, other = first(kind, "GD-2024.0001"), second(kind, "gd 2024 0001")
    one()
    standing = Claim.objects.filter(withdrawn_by__isnull=True).count()
    doubled("claim.taken", other)
    assert Claim.objects.filter(withdrawn_by__isnull=True).count() == standing


def test_a_use_claims_what_its_last_inventory_names_until_it_is_given_up() -> None:
    cast = a_cast()
    use = a_use(cast)

    def claimed() -> int:
        return Claim.objects.filter(holder=use.number, withdrawn_by__isnull=True).count()

    for number, expected in (("GEC-1", 1), ("GEC-1", 1), ("GEC-2", 1)):
        cast.office.step(cast.owner, use, "calculate", data=inventory(number))
        assert claimed() == expected
    cast.office.step(cast.owner, use, "withdraw")
    assert claimed() == 0
