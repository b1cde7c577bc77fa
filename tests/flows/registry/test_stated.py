"""What a project states of itself stands beside what its methodology gives."""

from __future__ import annotations

from typing import Any

import pytest
from tests.flows.registry.crediting import (
    ANSWERS,
    BASICS,
    CREDITING,
    METER,
    Cast,
    a_cast,
    a_period,
    handed_in,
    pv_data,
    registered,
)
from tests.flows.registry.test_matters import refused

from tanhui.books.models import LogEntry
from tanhui.core.canonical import read_json
from tanhui.core.errors import InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.flows.registry import public_matters

pytestmark = pytest.mark.django_db


def stated(**by_year: str) -> list[dict[str, Any]]:
    """Rows of a table of stated figures: y2024='42'."""
    return [
        {"year": int(year[1:]), "claimed_t": claimed, "source": "可研报告"}
        for year, claimed in by_year.items()
    ]


def disclosed(cast: Cast) -> Matter:
    """A project about to apply."""
    office, owner = cast.office, cast.owner
    project = office.open(owner, "project", organisation=cast.body.pk, data=BASICS)
    office.paper(owner, project, "owner_authority", "application_form", "design_document")
    split = {"shares": [{"party": cast.body.pk, "percent": "100"}]}
    office.step(owner, project, "disclose", data=split)
    office.wait(30)
    return Matter.objects.get(pk=project.pk)


def estimated(cast: Cast, project: Matter, **changes: str) -> str:
    """Estimated data of two years, 100 and 90 MWh, handed in; their SHA-256."""
    soon = Matter(
        number=project.number,
        region=project.region,
        data=project.data | {"registered_on": "2025-06-01"},
    )
    data = pv_data(soon, {2024: "100", 2025: "90"}, **changes)
    return handed_in(cast, cast.owner, project, data, kind="estimate_data", name="estimate.yaml")


def apply(cast: Cast, project: Matter, **said: Any) -> dict[str, Any]:
    given = {"no_double_claim": True, "answers": ANSWERS, "assets": [METER]} | said
    result: dict[str, Any] = cast.office.step(cast.owner, project, "apply", data=given).result
    return result


def test_an_estimate_stands_beside_what_the_methodology_gives() -> None:
    cast = a_cast()
    project = disclosed(cast)
    rows = stated(y2024="42.0", y2025="120", y2026="40")
    held = apply(cast, project, estimates=rows, estimate_sha256=estimated(cast, project))["held"]
    assert [(row["year"], row["claimed_t"], row["given_t"], row["fits"]) for row in held] == [
        (2024, "42.0", "42", True),
        (2025, "120", "37.8", False),
        (2026, "40", "", None),
    ]
    office = cast.office
    office.paper(cast.first, project, "assessment_opinion")
    office.step(cast.first, project, "assess")
    office.step(cast.first, project, "give_notice")
    office.wait(30)
    for official in (cast.first, cast.second):
        office.step(official, project, "register", data=CREDITING)
    assert read_json(bytes(LogEntry.objects.latest("pk").body))["held"] == held
    shown = public_matters.whole(office.platform, public_matters.find(project.number))
    assert shown["kept"] == {"held": held}


def test_without_estimated_data_what_is_stated_stays_open() -> None:
    cast = a_cast()
    held = apply(cast, disclosed(cast), estimates=stated(y2024="42"))["held"]
    assert [(row["given_t"], row["fits"]) for row in held] == [("", None)]
    other = a_cast(region="310120")
    result = apply(other, disclosed(other), assets=[{"kind": "plant", "identifier": "SH-9"}])
    assert "held" not in result, "nothing stated, nothing beside it"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"estimate_sha256": "0" * 64}, "project.estimate_unknown"),
        ({"estimates": [*stated(y2024="1"), *stated(y2024="2")]}, "project.stated_year_twice"),
    ],
)
def test_what_cannot_be_compared_is_refused(said: dict[str, Any], code: str) -> None:
    cast = a_cast()
    project = disclosed(cast)
    refused(InputRefused, code, lambda: apply(cast, project, **said))


def test_estimated_data_of_another_place_are_refused() -> None:
    cast = a_cast()
    project = disclosed(cast)
    other = Matter(
        number=project.number,
        region="310000",
        data=project.data | {"registered_on": "2025-06-01"},
    )
    digest = handed_in(cast, cast.owner, project, pv_data(other, {2024: "1"}), kind="estimate_data")
    refused(
        InputRefused,
        "project.estimate_differs",
        lambda: apply(cast, project, estimate_sha256=digest),
    )


def test_a_report_shows_what_was_expected_and_stated_and_what_the_years_gave() -> None:
    cast = a_cast()
    project = registered(cast, estimates=stated(y2024="50"))
    cast.office.wait(260)
    period = a_period(cast, project, 2024, 2024)
    digest = handed_in(cast, cast.owner, period, pv_data(project, {2024: "100"}))

    def report(**said: Any) -> Any:
        given = {"data_sha256": digest} | said
        return cast.office.step(cast.owner, period, "report", data=given).result["held"]

    outside = stated(y2025="42")
    refused(InputRefused, "project.stated_year_outside", lambda: report(stated=outside))
    held = report(stated=stated(y2024="42.1"))
    row = {"year": 2024, "estimated_t": "50", "claimed_t": "42.1", "given_t": "42", "fits": False}
    assert held == [row]
    shown = public_matters.whole(cast.office.platform, public_matters.find(period.number))
    assert shown["kept"] == {"held": held}
