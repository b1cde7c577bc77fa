"""What a verifier leaves uncorrected is held to materiality, and the verifier to its scopes."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from tests.flows.registry.crediting import (
    PLACE,
    Cast,
    a_cast,
    a_verifier,
    body_of,
    handed_in,
    pv_data,
    registered,
    reported,
)
from tests.flows.registry.holders import ruled, unchanged
from tests.flows.registry.offices import MOMENT

from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations import services
from tanhui.flows.registry.callers import Caller

pytestmark = pytest.mark.django_db


def questioned(cast: Cast, *findings: tuple[str, str]) -> tuple[Matter, Caller, dict[str, Any]]:
    """A period whose verifier raised findings (kind, per cent), answered with the same data."""
    project = registered(cast)
    cast.office.wait(260)
    period = reported(cast, project, pv_data(project, {2024: "100"}), 2024, 2024)
    verifier, office = a_verifier(), cast.office
    office.step(cast.first, period, "engage", data={"verifier": body_of(verifier)})
    office.step(verifier, period, "plan_sampling", data={"method": "查验电表", "size": 2})
    rows = [
        {"number": number, "kind": kind, "text": "电量", "misstatement_percent": percent}
        for number, (kind, percent) in enumerate(findings, start=1)
    ]
    office.step(verifier, period, "raise_findings", data={"findings": rows})
    answers = [{"number": row["number"], "text": "见附件"} for row in rows]
    office.step(cast.owner, period, "respond", data={"answers": answers})
    statement = handed_in(cast, verifier, period, b"we agree", kind="verification_statement")
    period.refresh_from_db()
    said = {"statement_sha256": statement, "result_hash": period.data["result_hash"]}
    return period, verifier, said


def signed(cast: Cast, period: Matter, verifier: Caller, said: dict[str, Any]) -> Any:
    return cast.office.step(verifier, period, "opine", data=said).result["uncorrected_percent"]


@pytest.mark.parametrize(
    ("findings", "left"),
    [
        ([("correction", "5")], "5"),
        ([("correction", "-2.5"), ("correction", "2.5")], "5"),
        ([("clarification", "90")], "0"),
    ],
)
def test_an_opinion_leaves_no_more_than_is_material(
    findings: list[tuple[str, str]], left: str
) -> None:
    cast = a_cast()
    ruled(cast.office, PLACE, verification__materiality=Fraction(5, 100) - Fraction(1, 10**9))
    period, verifier, said = questioned(cast, *findings)
    if left != "0":
        unchanged(Conflict, "verification.material", lambda: signed(cast, period, verifier, said))
    ruled(cast.office, PLACE, verification__materiality=Fraction(5, 100))
    assert signed(cast, period, verifier, said) == left


def test_corrected_data_answer_a_finding_and_what_the_verifier_leaves_counts() -> None:
    cast = a_cast()
    ruled(cast.office, PLACE, verification__materiality=Fraction(1, 100))
    period, verifier, said = questioned(cast, ("correction", "30"))
    unchanged(Conflict, "verification.material", lambda: signed(cast, period, verifier, said))
    rows = [{"number": 1, "kind": "correction", "text": "电量", "misstatement_percent": "30"}]
    cast.office.step(verifier, period, "raise_findings", data={"findings": rows})
    assert period.parent is not None
    better = handed_in(cast, cast.owner, period, pv_data(period.parent, {2024: "70"}))
    answers = [{"number": 1, "text": "已更正"}]
    given = {"answers": answers, "data_sha256": better}
    cast.office.step(cast.owner, period, "respond", data=given)
    period.refresh_from_db()
    said["result_hash"] = period.data["result_hash"]
    for percent, number in (("1.01", 1), ("1", 2)):
        left = {"uncorrected": [{"number": number, "misstatement_percent": percent}]}
        code = "verification.material" if number == 1 else "verification.finding_unknown"
        kind = Conflict if number == 1 else InputRefused
        unchanged(kind, code, lambda more=left: signed(cast, period, verifier, said | more))
    left = {"uncorrected": [{"number": 1, "misstatement_percent": "1"}]}
    assert signed(cast, period, verifier, said | left) == "1"


def test_where_nobody_knows_what_is_material_nothing_may_be_left() -> None:
    cast = a_cast()
    period, verifier, said = questioned(cast, ("correction", "0.01"))
    unchanged(Conflict, "ruleset.value_unknown", lambda: signed(cast, period, verifier, said))


def test_a_verifier_holds_every_scope_that_the_region_asks_for() -> None:
    cast = a_cast()
    ruled(cast.office, PLACE, verification__accreditations=("project",))
    project = registered(cast)
    cast.office.wait(260)
    period = reported(cast, project, pv_data(project, {2024: "100"}), 2024, 2024)
    other = a_verifier(field=project.data["shape"])  # the sector, and not the kind
    named = {"verifier": body_of(other)}
    unchanged(
        Conflict,
        "verifier.not_accredited",
        lambda: cast.office.step(cast.first, period, "engage", data=named),
    )
    unchanged(Conflict, "verifier.none", lambda: cast.office.step(cast.first, period, "engage"))
    fit = a_verifier(field=project.data["shape"])
    accredit_also(fit, "project")
    drawn = cast.office.step(cast.first, period, "engage").result
    assert drawn["candidates"] == [str(body_of(fit))]
    assert drawn["left_out"] == {str(body_of(other)): "not_accredited"}


def accredit_also(verifier: Caller, field: str) -> None:
    """A second accreditation of a verifier's body."""
    body = organisations.get(body_of(verifier))
    services.accredit(
        body,
        number=f"CNAS-{field}-{body.pk}",
        issuer="CNAS",
        field=field,
        valid_from=date(2020, 1, 1),
        valid_to=date(2030, 1, 1),
        at=MOMENT,
    )
