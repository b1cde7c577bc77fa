"""A refused claim opens its case; what is decided there moves the claims, once it is final."""

from __future__ import annotations

import json
import threading

import pytest
from django.db import connection
from tests.flows.registry.crediting import (
    METER,
    Cast,
    a_cast,
    a_period,
    applied,
    handed_in,
    pv_data,
    registered,
)
from tests.flows.registry.doubling import doubled
from tests.flows.registry.offices import a_caller, a_key
from tests.flows.registry.test_matters import refused
from tests.flows.registry.test_project_claims import claimed_by_another

from tanhui.core.errors import Conflict, Denied
from tanhui.domain.claims import digests
from tanhui.domain.claims.models import Asked, Claim
from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.partners import services as partners
from tanhui.domain.partners.models import Partner
from tanhui.flows.registry import claims, reading
from tanhui.flows.registry.claim_cases import EVIDENCE, KIND
from tanhui.flows.registry.claim_digests import salt_of
from tanhui.flows.registry.claims import PeerClaim
from tanhui.flows.registry.kept import content_of

pytestmark = pytest.mark.django_db
JULY = digests.meter(METER["identifier"], "2024-07")
DECIDED = {"reasons": "登记在先"}


def a_report(cast: Cast, project: Matter) -> tuple[Matter, dict[str, str]]:
    """A period about to be reported, and what its report says."""
    period = a_period(cast, project, 2024, 2024)
    digest = handed_in(cast, cast.owner, period, pv_data(project, {2024: "100"}))
    return period, {"data_sha256": digest}


def disputed(cast: Cast) -> tuple[Matter, Matter, dict[str, str]]:
    """A month of a meter that another register claimed: the period, the case, the report."""
    project = registered(cast)
    cast.office.wait(260)
    period, said = a_report(cast, project)
    claimed_by_another(cast.office.platform, "meter", JULY)
    _, case = doubled(
        "claim.taken", lambda: cast.office.step(cast.owner, period, "report", data=said)
    )
    return period, case, said


def decided(cast: Cast, case: Matter, kept_by: str) -> None:
    """Answered with evidence, and decided by two."""
    office = cast.office
    office.paper(cast.first, case, "evidence")
    office.step(cast.first, case, "answer", data={"answer": "我方已计入"})
    for official in (cast.first, cast.second):
        office.step(official, case, "decide", data=DECIDED | {"kept_by": kept_by})


def test_a_refused_claim_opens_one_case_about_nobody() -> None:
    cast = a_cast()
    period, case, said = disputed(cast)
    assert (case.state, case.region, case.organisation) == (
        "opened",
        cast.office.region,
        cast.body.pk,
    )
    again = doubled(
        "claim.taken", lambda: cast.office.step(cast.owner, period, "report", data=said)
    )
    assert (again[1], Matter.objects.filter(kind=KIND).count()) == (case, 1)
    step = Step.objects.get(matter=case)
    assert (step.role, step.user, step.organisation) == ("register", 0, None)
    card = case.documents.get(kind=EVIDENCE)
    assert not card.is_public
    evidence = json.loads(content_of(cast.office.platform, card))
    theirs = Claim.objects.get(scheme="ccer")
    assert evidence["digests"] == [bytes(theirs.digest).hex()]
    assert evidence["asking"]["matter"] == period.number
    assert evidence["holding"]["acts"] == [theirs.journal_id]
    assert "CCER-1" not in json.dumps(evidence) + json.dumps(case.data), "a peer's own number"
    shown = reading.whole(cast.office.platform, cast.owner, case.number)
    assert shown["steps"][0]["role_name"]["zh"] == "登记簿"


def test_what_is_decided_for_who_asks_frees_the_claim_when_it_is_final() -> None:
    cast = a_cast()
    period, case, said = disputed(cast)
    decided(cast, case, "asking")
    doubled("claim.taken", lambda: cast.office.step(cast.owner, period, "report", data=said))
    cast.office.step(cast.first, case, "conclude")
    assert cast.office.step(cast.owner, period, "report", data=said).state_after == "reported"
    assert Claim.objects.filter(scheme="ccer", withdrawn_by__isnull=True).count() == 0


@pytest.mark.parametrize("kept_by", ["holding", "nobody"])
def test_what_is_decided_against_who_asks_stays_refused(kept_by: str) -> None:
    cast = a_cast()
    period, case, said = disputed(cast)
    decided(cast, case, kept_by)
    cast.office.step(cast.first, case, "conclude")
    holder = Claim.objects.get(withdrawn_by__isnull=True).holder
    assert holder == {"holding": "CCER-1", "nobody": case.number}[kept_by]
    report = {"data": said}
    _, named = doubled(
        "claim.taken", lambda: cast.office.step(cast.owner, period, "report", **report)
    )
    assert named == case, "a settled case is not opened again"


def test_an_appeal_changes_what_was_decided() -> None:
    cast = a_cast()
    period, case, said = disputed(cast)
    decided(cast, case, "holding")
    office = cast.office
    office.paper(cast.owner, case, "appeal")
    office.step(cast.owner, case, "appeal")
    refused(Conflict, "matter.step.forbidden", lambda: office.step(cast.first, case, "conclude"))
    final = DECIDED | {"kept_by": "asking"}
    for official in (cast.first, cast.second):
        office.step(official, case, "settle", data=final)
    assert office.step(cast.owner, period, "report", data=said).state_after == "reported"


def test_two_projects_naming_one_plant_have_a_case() -> None:
    first, other = a_cast(), a_cast()
    holding = applied(first)
    before = Matter.objects.filter(kind=KIND).count()
    with pytest.raises(Conflict) as error:
        applied(other)
    assert error.value.code == "project.claimed_elsewhere"
    case = Matter.objects.get(number=error.value.values["case"])
    assert error.value.values["matter"] == holding.number
    assert (case.data["thing"], before) == ("meter", 0)
    assert case.organisation == other.body.pk


def a_peer(code: str) -> Partner:
    return partners.register(code, name_zh=f"{code}（测试）", name_en=f"{code} (test)")


def peer_claims(cast: Cast, peer: Partner) -> tuple[int, bool]:
    salt = salt_of(cast.office.platform)
    said = PeerClaim(
        scheme=peer.code,
        reference="X-1",
        kind="meter",
        digests=[digests.public_digest(text, salt=salt) for text in JULY],
    )
    return claims.peer_claim(cast.office.platform, peer, said, actor="key:test", key=a_key())


def test_a_peer_that_claims_what_we_hold_has_a_case_in_our_place() -> None:
    cast = a_cast()
    project = registered(cast)
    cast.office.wait(260)
    period, said = a_report(cast, project)
    cast.office.step(cast.owner, period, "report", data=said)
    peer = a_peer("gec")
    _, case = doubled("claim.taken", lambda: peer_claims(cast, peer))
    assert (case.region, case.data["about"]) == (cast.office.region, period.number)
    assert Asked.objects.get().digests == 1, "a refusal answers a question and counts as one"
    decided(cast, case, "asking")
    cast.office.step(cast.first, case, "conclude")
    assert Claim.objects.filter(holder=period.number, withdrawn_by__isnull=True).count() == 11


def test_two_peers_have_a_case_with_the_operator() -> None:
    cast = a_cast()
    first, second = a_peer("gec"), a_peer("ccer")
    peer_claims(cast, first)
    _, case = doubled("claim.taken", lambda: peer_claims(cast, second))
    assert (case.organisation, case.region) == (None, cast.office.platform.region)


def test_a_stranger_decides_nothing() -> None:
    cast = a_cast()
    _, case, _ = disputed(cast)
    cast.office.paper(cast.first, case, "evidence")
    stranger = a_caller("authority", region="510000")
    refused(
        Denied,
        "matter.step.not_yours",
        lambda: cast.office.step(stranger, case, "answer", data={"answer": "x"}),
    )


@pytest.mark.django_db(transaction=True)
def test_many_refusals_at_once_open_one_case() -> None:
    cast = a_cast()
    period, said = a_report_of_a_registered(cast)
    claimed_by_another(cast.office.platform, "meter", JULY)
    cases: list[str] = []

    def report() -> None:
        try:
            cast.office.step(cast.owner, period, "report", data=said)
        except Conflict as error:
            cases.append(error.values["case"])
        finally:
            connection.close()

    threads = [threading.Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(cases), len(set(cases))) == (4, 1)
    assert Matter.objects.filter(kind=KIND).count() == 1


def a_report_of_a_registered(cast: Cast) -> tuple[Matter, dict[str, str]]:
    project = registered(cast)
    cast.office.wait(260)
    return a_report(cast, project)
