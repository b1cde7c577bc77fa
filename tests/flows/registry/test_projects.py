"""Projects up to registration: the methodology, the split, the promise, the assets."""

from __future__ import annotations

from typing import Any

import pytest
from tests.flows.registry.crediting import (
    ANSWERS,
    BASICS,
    CREDITING,
    FOREST,
    METER,
    Cast,
    a_cast,
    applied,
    registered,
)
from tests.flows.registry.doubling import doubled
from tests.flows.registry.offices import an_organisation
from tests.flows.registry.test_matters import refused

from tanhui.books.models import LogEntry
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, InputRefused, NotFound
from tanhui.domain.matters.models import Matter
from tanhui.flows.registry.matters import today
from tanhui.flows.registry.project_law import fitting, frozen_law

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def test_a_project_is_registered_under_a_frozen_methodology(cast: Cast) -> None:
    project = registered(cast)
    assert (project.state, project.data["registered_on"]) == ("registered", "2025-05-02")
    law = frozen_law(cast.office.platform, project)
    assert (law.code, law.version) == ("shanghai-pv", "2024")
    entry = read_json(bytes(LogEntry.objects.latest("pk").body))
    assert entry["methodology_digest"] == law.digest
    assert entry["kind"] == "registry.project.register"


def test_what_fits_a_place_is_listed_with_its_questions(cast: Cast) -> None:
    platform = cast.office.platform
    found = {one["code"]: one for one in fitting(platform, region="310115", on=today(platform))}
    assert found["shanghai-pv"]["standing"] == "creditable"
    assert [one["id"] for one in found["shanghai-pv"]["questions"]] == ["no_ets_site", "once"]
    assert found["template-s4-stock-change"]["standing"] == "waiting"
    assert "shenzhen-pv" not in found
    forests = fitting(platform, region="310115", shape="S4", on=today(platform))
    assert {one["shape"] for one in forests} == {"S4"}


@pytest.mark.parametrize(
    ("code", "methodology", "kind"),
    [
        ("project.methodology.elsewhere", "shenzhen-pv", InputRefused),
        ("project.methodology.no_project", "acef-metro", InputRefused),
        ("project.methodology.not_creditable", FOREST["methodology"], Conflict),
        ("methodology.unknown", "no-such-law", NotFound),
    ],
)
def test_a_methodology_that_cannot_be_used_is_refused(
    cast: Cast, code: str, methodology: str, kind: Any
) -> None:
    data = BASICS | {"methodology": methodology}
    refused(
        kind,
        code,
        lambda: cast.office.open(cast.owner, "project", organisation=cast.body.pk, data=data),
    )


def test_a_methodology_not_yet_in_force_is_refused(cast: Cast) -> None:
    cast.office.now = cast.office.now.replace(year=2023)
    refused(
        Conflict,
        "project.methodology.not_in_force",
        lambda: cast.office.open(cast.owner, "project", organisation=cast.body.pk, data=BASICS),
    )


@pytest.mark.parametrize(
    "percents", [("60", "39.99"), ("60", "40.01"), ("110", "-10"), ("100",) * 2]
)
def test_a_split_is_whole(cast: Cast, percents: tuple[str, ...]) -> None:
    project = cast.office.open(cast.owner, "project", organisation=cast.body.pk, data=BASICS)
    cast.office.paper(cast.owner, project, "owner_authority")
    parties = [cast.body.pk, an_organisation("village").pk]
    shares = [
        {"party": party, "percent": percent}
        for party, percent in zip(parties, percents, strict=True)
    ]
    refused(
        InputRefused,
        "project.shares.not_whole",
        lambda: cast.office.step(cast.owner, project, "disclose", data={"shares": shares}),
    )


@pytest.mark.parametrize(
    ("code", "kind", "changes"),
    [
        ("project.promise_missing", InputRefused, {"no_double_claim": False}),
        ("project.answers_incomplete", InputRefused, {"answers": ANSWERS[:1]}),
        (
            "project.not_applicable",
            Conflict,
            {"answers": [ANSWERS[0], {"question": "once", "answer": False}]},
        ),
        ("project.asset_twice", InputRefused, {"assets": [METER, METER]}),
    ],
)
def test_an_application_is_complete(
    cast: Cast, code: str, kind: Any, changes: dict[str, Any]
) -> None:
    project = cast.office.open(cast.owner, "project", organisation=cast.body.pk, data=BASICS)
    office, owner = cast.office, cast.owner
    office.paper(owner, project, "owner_authority", "application_form", "design_document")
    split = {"shares": [{"party": cast.body.pk, "percent": "100"}]}
    office.step(owner, project, "disclose", data=split)
    office.wait(30)
    given = {"no_double_claim": True, "answers": ANSWERS, "assets": [METER]} | changes
    refused(kind, code, lambda: office.step(owner, project, "apply", data=given))


def test_what_another_project_claims_is_refused_until_it_is_given_up(cast: Cast) -> None:
    first = applied(cast)
    other = a_cast()
    with pytest.raises(Conflict) as error:
        applied(other)
    assert error.value.code == "project.claimed_elsewhere"
    assert error.value.values["matter"] == first.number
    waiting = Matter.objects.filter(kind="project").latest("pk")
    given = {"no_double_claim": True, "answers": ANSWERS, "assets": [METER]}
    doubled(
        "project.claimed_elsewhere",
        lambda: other.office.step(other.owner, waiting, "apply", data=given),
    )
    cast.office.step(cast.owner, first, "withdraw")
    assert other.office.step(other.owner, waiting, "apply", data=given).state_after == "applied"


def test_crediting_begins_with_the_plant(cast: Cast) -> None:
    project = applied(cast)
    office = cast.office
    office.paper(cast.first, project, "assessment_opinion")
    office.step(cast.first, project, "assess")
    office.step(cast.first, project, "give_notice")
    data = CREDITING | {"credited_from": "2023-12-31"}
    refused(
        Conflict,
        "matter.notice.open",
        lambda: office.step(cast.first, project, "register", data=CREDITING),
    )
    office.wait(30)
    refused(
        InputRefused,
        "project.crediting_period",
        lambda: office.step(cast.first, project, "register", data=data),
    )


def test_a_demo_project_may_use_a_template_and_says_so() -> None:
    cast = a_cast(is_demo=True)
    data = FOREST | {"methodology": "template-s1-displacement"}
    project = cast.office.open(cast.owner, "project", organisation=cast.body.pk, data=data)
    assert project.is_demo


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("project.place_half", {"latitude": "30.5"}),
        ("project.place_half", {"longitude": "114.3"}),
        ("matter.data_refused", {"latitude": "90.01", "longitude": "114.3"}),
        ("matter.data_refused", {"latitude": "30.5", "longitude": "-180.5"}),
    ],
)
def test_a_place_is_whole_and_on_the_globe(cast: Cast, code: str, place: dict[str, str]) -> None:
    data = BASICS | place
    refused(
        InputRefused,
        code,
        lambda: cast.office.open(cast.owner, "project", organisation=cast.body.pk, data=data),
    )


def test_a_place_keeps_its_digits(cast: Cast) -> None:
    data = BASICS | {"latitude": "-90", "longitude": "114.3430"}
    project = cast.office.open(cast.owner, "project", organisation=cast.body.pk, data=data)
    assert (project.data["latitude"], project.data["longitude"]) == ("-90", "114.3430")
