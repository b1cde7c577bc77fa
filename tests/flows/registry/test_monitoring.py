"""Monitoring periods: from data to serials, and every refusal on the way changes nothing."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.flows.registry.crediting import (
    CREDITING,
    Cast,
    a_cast,
    a_period,
    a_verifier,
    body_of,
    decided,
    handed_in,
    noticed,
    pv_data,
    registered,
    reported,
    verified,
)
from tests.flows.registry.offices import a_caller, a_key, an_organisation
from tests.flows.registry.test_matters import refused

from tanhui.books import serials
from tanhui.books.accounts import ensure_owner
from tanhui.books.assets import credit_code, ensure_assets
from tanhui.books.models import HELD, Issue, LogEntry
from tanhui.books.proofs import prove
from tanhui.core.canonical import read_json
from tanhui.core.draws import drawn, seed_of
from tanhui.core.errors import Conflict, Denied, InputRefused, NotFound
from tanhui.domain.matters.models import Assignment, Matter, Notice, Step
from tanhui.flows.registry.kept import place_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture
def project(cast: Cast) -> Matter:
    found = registered(cast)
    cast.office.wait(260)  # 2024 and 2025 are over
    return found


def entry(matter: Matter, verb: str) -> dict[str, Any]:
    step = Step.objects.filter(matter=matter, verb=verb, is_proposal=False).latest("pk")
    found: dict[str, Any] = read_json(bytes(LogEntry.objects.get(journal=step.journal_id).body))
    return found


def test_two_periods_are_issued_and_the_remainder_is_carried(cast: Cast, project: Matter) -> None:
    verifier = a_verifier()
    data = pv_data(project, {2024: "1000.7"})  # 420.294 t
    period = noticed(cast, reported(cast, project, data, 2024, 2024), verifier)
    done = decided(cast, period, "issue", {"units": 420})
    assert done["issued"] == [
        {"vintage": 2024, "units": 420, "account": "organisation", "serials": "1-420"}
    ]
    assert done["carried_mg"] == "294000000"
    again = pv_data(project, {2025: "1001.7"})  # 420.714 t, with what was carried 421.008
    period = noticed(cast, reported(cast, project, again, 2025, 2025), verifier)
    done = decided(cast, period, "issue", {"units": 421})
    assert (done["issued"][0]["serials"], done["carried_mg"]) == ("421-841", "8000000")
    issue = Issue.objects.latest("pk")
    assert (issue.source, issue.region) == (project.number, "310115")
    assert (issue.first_day, issue.last_day) == (date(2025, 1, 1), date(2025, 12, 31))
    assert all(proof.ok for proof in prove())
    said = entry(period, "opine")
    assert said["verifier"] == str(body_of(verifier))
    assert said["statement_sha256"] == hashlib.sha256(b"we agree").hexdigest()
    units = LogEntry.objects.filter(journal__verb="registry.units.issued").latest("pk")
    assert read_json(bytes(units.body))["result_hash"] == said["result_hash"]


def test_the_verifier_is_drawn_so_that_anybody_draws_the_same(cast: Cast, project: Matter) -> None:
    free = [a_verifier() for _ in range(3)]
    late = a_verifier(until=date(2026, 1, 1))
    period = reported(cast, project, pv_data(project, {2024: "100"}), 2024, 2024)
    cast.office.step(cast.first, period, "engage")
    said = entry(period, "engage")
    body = bytes(LogEntry.objects.get(journal=int(said["seed_act"])).body)
    seed = seed_of(body, f"verifier/{period.number}")
    names = [str(body_of(each)) for each in free]
    assert (said["seed"], said["candidates"]) == (seed, names)
    assert said["left_out"] == {str(body_of(late)): "not_accredited"}
    assert [said["verifier"]] == drawn(seed, names, 1)
    assert Assignment.objects.get().organisation == int(said["verifier"])


def test_without_a_free_verifier_nobody_is_drawn(cast: Cast, project: Matter) -> None:
    period = reported(cast, project, pv_data(project, {2024: "100"}), 2024, 2024)
    refused(Conflict, "verifier.none", lambda: cast.office.step(cast.first, period, "engage"))


def engaged(cast: Cast, project: Matter, verifier: Any) -> Any:
    period = reported(cast, project, pv_data(project, {2024: "100"}), 2024, 2024)
    return lambda: cast.office.step(
        cast.first, period, "engage", data={"verifier": body_of(verifier)}
    )


def test_an_expired_verifier_is_refused_when_named_and_when_it_signs(
    cast: Cast, project: Matter
) -> None:
    verifier = a_verifier(until=date(2026, 3, 1))
    expired = a_verifier(until=(cast.office.now + timedelta(hours=8)).date())
    error = refused(Conflict, "verifier.not_accredited", engaged(cast, project, expired))
    assert "CNAS" not in error.en
    period = Matter.objects.get(kind="monitoring")
    cast.office.step(cast.first, period, "engage", data={"verifier": body_of(verifier)})
    plan = {"method": "查验电表", "size": 1}
    cast.office.wait(90)
    refused(
        Conflict,
        "verifier.not_accredited",
        lambda: cast.office.step(verifier, period, "plan_sampling", data=plan),
    )


def test_a_verifier_of_another_field_is_refused(cast: Cast, project: Matter) -> None:
    forester = a_verifier(field="S4")
    refused(Conflict, "verifier.not_accredited", engaged(cast, project, forester))


def test_a_verifier_of_the_owners_group_is_refused(cast: Cast, project: Matter) -> None:
    cousin = a_verifier(parent=cast.body.pk)
    error = refused(Conflict, "verifier.conflict", engaged(cast, project, cousin))
    assert error.values == {"why": "same_group"}


def test_a_verifier_that_consulted_is_refused(cast: Cast) -> None:
    consultant = a_verifier()
    project = registered(cast, disclosed={"consultant": body_of(consultant)})
    cast.office.wait(260)
    error = refused(Conflict, "verifier.conflict", engaged(cast, project, consultant))
    assert error.values == {"why": "consulted"}


def test_a_verifier_that_holds_units_is_refused(cast: Cast, project: Matter) -> None:
    verifier, holder = a_verifier(), a_verifier()
    data = pv_data(project, {2024: "100"})
    period = noticed(cast, reported(cast, project, data, 2024, 2024), verifier)
    decided(cast, period, "issue", {"units": 42})
    asset = ensure_assets([code := credit_code(cast.office.platform.programme)])[code]
    journal = Step.objects.latest("pk").journal_id
    serials.take(
        journal=journal,
        owner=ensure_owner("organisation", cast.body.pk, asset),
        units=1,
        state=HELD,
        to=ensure_owner("organisation", body_of(holder), asset),
    )
    period = reported(cast, project, pv_data(project, {2025: "100"}), 2025, 2025)
    error = refused(
        Conflict,
        "verifier.conflict",
        lambda: cast.office.step(cast.first, period, "engage", data={"verifier": body_of(holder)}),
    )
    assert error.values == {"why": "holds_units"}


def test_only_the_engaged_verifier_acts(cast: Cast, project: Matter) -> None:
    verifier, stranger = a_verifier(), a_verifier()
    engaged(cast, project, verifier)()
    period = Matter.objects.get(kind="monitoring")
    refused(
        Denied,
        "matter.step.not_yours",
        lambda: cast.office.step(
            stranger, period, "plan_sampling", data={"method": "x", "size": 1}
        ),
    )


@pytest.mark.parametrize(
    ("code", "kind", "years"),
    [
        ("monitoring.period_gap", Conflict, (2025, 2025)),
        ("monitoring.period_outside", InputRefused, (2023, 2024)),
        ("monitoring.period_outside", InputRefused, (2024, 2026)),
        ("monitoring.period_outside", InputRefused, (2025, 2024)),
    ],
)
def test_periods_lie_in_the_crediting_without_a_gap(
    cast: Cast, project: Matter, code: str, kind: Any, years: tuple[int, int]
) -> None:
    refused(kind, code, lambda: a_period(cast, project, *years))


def test_periods_never_overlap(cast: Cast, project: Matter) -> None:
    first = a_period(cast, project, 2024, 2025)
    for years in ((2024, 2024), (2025, 2025), (2024, 2025)):
        refused(
            Conflict,
            "monitoring.period_overlaps",
            lambda given=years: a_period(cast, project, *given),
        )
    cast.office.step(cast.owner, first, "withdraw")
    assert a_period(cast, project, 2024, 2024).state == "collecting"


def test_data_that_are_not_those_handed_in_are_refused(cast: Cast, project: Matter) -> None:
    period = a_period(cast, project, 2024, 2024)
    digest = handed_in(cast, cast.owner, period, pv_data(project, {2024: "100"}))
    other = hashlib.sha256(pv_data(project, {2024: "900"})).hexdigest()
    step = cast.office.step
    refused(
        InputRefused,
        "monitoring.data_unknown",
        lambda: step(cast.owner, period, "report", data={"data_sha256": other}),
    )
    place = place_of(cast.office.platform, digest)
    place.write_bytes(pv_data(project, {2024: "900"}))
    try:
        refused(
            NotFound,
            "matter.document.lost",
            lambda: step(cast.owner, period, "report", data={"data_sha256": digest}),
        )
    finally:
        place.unlink()


def test_data_about_something_else_are_refused(cast: Cast, project: Matter) -> None:
    period = a_period(cast, project, 2024, 2024)
    for content, fields in (
        (pv_data(project, {2025: "100"}), ["period.first_year", "period.last_year"]),
        (pv_data(project, {2024: "100"}, mode="illustration"), ["mode"]),
        (pv_data(project, {2024: "100"}, version="2023"), ["version"]),
    ):
        digest = handed_in(cast, cast.owner, period, content)
        error = refused(
            InputRefused,
            "monitoring.heading_differs",
            lambda given=digest: cast.office.step(
                cast.owner, period, "report", data={"data_sha256": given}
            ),
        )
        assert error.values == {"fields": fields}


def test_findings_go_back_and_forth_until_all_are_answered(cast: Cast, project: Matter) -> None:
    verifier, office = a_verifier(), cast.office
    engaged(cast, project, verifier)()
    period = Matter.objects.get(kind="monitoring")
    rows = [{"number": 1, "kind": "correction", "text": "七月读数与电费单不符"}]
    office.step(verifier, period, "raise_findings", data={"findings": rows})
    refused(
        InputRefused,
        "monitoring.findings_open",
        lambda: office.step(
            cast.owner, period, "respond", data={"answers": [{"number": 2, "text": "已改"}]}
        ),
    )
    digest = handed_in(cast, cast.owner, period, pv_data(project, {2024: "90"}))
    answers = {"answers": [{"number": 1, "text": "已更正"}], "data_sha256": digest}
    office.step(cast.owner, period, "respond", data=answers)
    period.refresh_from_db()
    assert (period.state, period.data["totals"]["issuable_t"]) == ("verifying", 37)


def test_an_opinion_rests_on_a_sample_a_statement_and_the_same_result(
    cast: Cast, project: Matter
) -> None:
    verifier, office = a_verifier(), cast.office
    engaged(cast, project, verifier)()
    period = Matter.objects.get(kind="monitoring")
    digest = hashlib.sha256(b"we agree").hexdigest()
    said = {"statement_sha256": digest, "result_hash": "0" * 64}

    def opine(data: dict[str, str]) -> Step:
        return office.step(verifier, period, "opine", data=data)

    refused(InputRefused, "matter.documents_missing", lambda: opine(said))
    handed_in(cast, cast.first, period, b"we agree", kind="verification_statement")
    refused(Conflict, "monitoring.sampling_missing", lambda: opine(said))
    office.step(verifier, period, "plan_sampling", data={"method": "查验电表", "size": 2})
    assert len(entry(period, "plan_sampling")["sample"]) == 2
    wrong = said | {"statement_sha256": "f" * 64}
    refused(InputRefused, "monitoring.statement_unknown", lambda: opine(wrong))
    refused(Conflict, "monitoring.result_differs", lambda: opine(said))
    period.refresh_from_db()
    right = said | {"result_hash": period.data["result_hash"]}
    place = place_of(office.platform, period.data["data_sha256"])
    true = place.read_bytes()
    place.write_bytes(true.replace(b"2024: 100", b"2024: 999"))
    refused(NotFound, "matter.document.lost", lambda: opine(right))
    place.write_bytes(true)
    assert opine(right).state_after == "verified"


def test_issuing_is_exactly_the_net_by_two_people_after_the_notice(
    cast: Cast, project: Matter
) -> None:
    office = cast.office
    data = pv_data(project, {2024: "100"})
    period = verified(cast, reported(cast, project, data, 2024, 2024), a_verifier())
    office.step(cast.first, period, "give_notice")

    def issue(caller: Any, units: int, **changes: Any) -> Step:
        return office.step(caller, period, "issue", data={"units": units}, **changes)

    refused(Conflict, "matter.notice.open", lambda: issue(cast.first, 42))
    office.wait(30)
    refused(Conflict, "monitoring.units_above_net", lambda: issue(cast.first, 43))
    refused(Conflict, "monitoring.units_differ", lambda: issue(cast.first, 41))
    refused(Denied, "matter.step.not_yours", lambda: issue(cast.owner, 42))
    key = a_key()
    issue(cast.first, 42, key=key)
    assert issue(cast.first, 42, key=key).is_proposal
    refused(Conflict, "matter.approval.same_person", lambda: issue(cast.first, 42))
    assert not Issue.objects.exists()
    office.step(cast.first, project, "suspend")
    refused(Conflict, "monitoring.project_not_registered", lambda: issue(cast.second, 42))
    for caller in (cast.first, cast.second):
        office.step(caller, project, "resume")
    key = a_key()
    done = issue(cast.second, 42, key=key)
    assert issue(cast.second, 42, key=key) == done
    refused(Conflict, "matter.step.forbidden", lambda: issue(cast.second, 42))
    assert Issue.objects.count() == 1


def test_a_period_of_a_project_not_registered_is_refused(cast: Cast) -> None:
    stranger = a_caller("owner", organisation=an_organisation(region="310115"))
    project = registered(cast)
    cast.office.wait(260)
    refused(
        InputRefused,
        "monitoring.owner_differs",
        lambda: cast.office.open(
            stranger,
            "monitoring",
            organisation=body_of(stranger),
            parent=project.number,
            data={"first_year": 2024, "last_year": 2024},
        ),
    )
    cast.office.step(cast.first, project, "suspend")
    refused(
        Conflict,
        "monitoring.project_not_registered",
        lambda: a_period(cast, project, 2024, 2024),
    )


def test_a_notice_lasts_as_long_as_the_rules_of_the_product_say(cast: Cast) -> None:
    """CCER asks for 20 working days where others have 7."""
    days = {}
    for product in ("CCER", "SHCERCIR1"):
        meter = {"kind": "meter", "identifier": product}
        crediting = {**CREDITING, "product": product}
        project = registered(cast, crediting=crediting, assets=[meter])
        cast.office.now = datetime(2026, 1, 12, 2, 0, tzinfo=UTC)
        data = pv_data(project, {2024: "100"})
        period = verified(cast, reported(cast, project, data, 2024, 2024), a_verifier())
        cast.office.step(cast.first, period, "give_notice")
        days[product] = Notice.objects.get(matter=period).workdays
        cast.office.now = datetime(2025, 4, 7, 2, 0, tzinfo=UTC)
    assert days == {"CCER": 20, "SHCERCIR1": 7}
