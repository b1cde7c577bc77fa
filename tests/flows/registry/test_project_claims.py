"""What a project claims stands in the register of claims; what others claimed first is found."""

from __future__ import annotations

import pytest
from tests.flows.registry.crediting import (
    CREDITING,
    METER,
    a_cast,
    a_period,
    applied,
    handed_in,
    pv_data,
    registered,
)
from tests.flows.registry.doubling import doubled

from tanhui.domain.claims import digests
from tanhui.domain.claims.models import Claim
from tanhui.domain.partners import services as partners
from tanhui.flows.platform import Platform
from tanhui.flows.registry.claim_digests import salt_of
from tanhui.flows.registry.claims import PeerClaim, peer_claim

pytestmark = pytest.mark.django_db

PLANT = {"kind": "plant", "identifier": "并网 SH-77"}


def claimed_by_another(platform: Platform, kind: str, texts: list[str]) -> None:
    """CCER's register claims the things first."""
    peer = partners.register("ccer", name_zh="另一登记簿", name_en="Another register")
    salt = salt_of(platform)
    said = PeerClaim(
        scheme="ccer",
        reference="CCER-1",
        kind=kind,
        digests=[digests.public_digest(text, salt=salt) for text in texts],
    )
    peer_claim(platform, peer, said, actor="test", key="first-claim")


def claims() -> int:
    return Claim.objects.filter(withdrawn_by__isnull=True).count()


def test_a_plant_that_another_register_claimed_is_not_registered() -> None:
    cast = a_cast()
    office = cast.office
    project = applied(cast, assets=[PLANT])
    office.paper(cast.first, project, "assessment_opinion")
    office.step(cast.first, project, "assess")
    office.step(cast.first, project, "give_notice")
    office.wait(30)
    claimed_by_another(office.platform, "asset", digests.asset("并网SH77"))
    office.step(cast.first, project, "register", data=CREDITING)
    doubled(
        "claim.taken",
        lambda: office.step(cast.second, project, "register", data=CREDITING),
    )
    project.refresh_from_db()
    assert (project.state, claims()) == ("noticed", 1)


def test_a_month_of_a_meter_that_another_register_claimed_is_not_reported() -> None:
    cast = a_cast()
    project = registered(cast)
    cast.office.wait(260)
    period = a_period(cast, project, 2024, 2024)
    digest = handed_in(cast, cast.owner, period, pv_data(project, {2024: "100"}))
    claimed_by_another(cast.office.platform, "meter", digests.meter(METER["identifier"], "2024-07"))
    doubled(
        "claim.taken",
        lambda: cast.office.step(cast.owner, period, "report", data={"data_sha256": digest}),
    )


def test_what_a_period_claims_is_free_when_it_ends_without_units() -> None:
    cast = a_cast()
    project = registered(cast, assets=[PLANT, METER])
    assert claims() == 1
    cast.office.wait(260)
    period = a_period(cast, project, 2024, 2024)
    digest = handed_in(cast, cast.owner, period, pv_data(project, {2024: "100"}))
    cast.office.step(cast.owner, period, "report", data={"data_sha256": digest})
    assert claims() == 1 + 12
    cast.office.step(cast.first, period, "reject")
    assert claims() == 1
