"""What no form sends, and what a clock says at night: refused in words, and the right day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict
from tests.flows.registry.crediting import a_cast, registered
from tests.flows.registry.offices import MOMENT, Office, a_caller, an_organisation
from tests.flows.registry.test_matters import BASICS, a_project, refused

from tanhui.core.errors import InputRefused, NotFound
from tanhui.domain.matters import services
from tanhui.domain.matters.fields import ROWS_MAX, Field, checked
from tanhui.domain.matters.models import Notice
from tanhui.engine.rulesets import Rulesets
from tanhui.engine.section import Text
from tanhui.flows.registry import papers
from tanhui.flows.registry.project_units import unit_mg
from tanhui.interfaces.public.desk_forms import FieldsForm

NEW_YEARS_NIGHT = datetime(2025, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in China
TABLE = Field(
    key="rows",
    type="table",
    name=Text("表", "table"),
    columns=(Field(key="what", type="text", name=Text("项", "item")),),
)


@pytest.mark.parametrize(
    ("type_", "text"),
    [("month", "0000-01"), ("month", "9999-12"), ("day", "0001-01-01"), ("day", "9999-12-31")],
)
def test_a_day_lies_in_a_year_that_can_be_counted_from(type_: str, text: str) -> None:
    field = Field(key="on", type=type_, name=Text("日", "day"))
    with pytest.raises(InputRefused):
        checked((field,), {"on": text})


@pytest.mark.parametrize("number", ["999999999", "²", "-1", ""])
def test_a_row_far_off_is_not_counted_up_to(number: str) -> None:
    given = MultiValueDict({f"rows-{number}-what": ["x"], "rows-1-what": ["y"]})
    assert FieldsForm((TABLE,), given).grids[0]["rows"][1][0]["value"] == "y"
    assert len(FieldsForm((TABLE,), given).grids[0]["rows"]) == 5
    many = MultiValueDict({f"rows-{row}-what": ["x"] for row in range(ROWS_MAX + 500)})
    assert len(FieldsForm((TABLE,), many).grids[0]["rows"]) == ROWS_MAX + 3


@pytest.mark.django_db
def test_a_period_is_of_years_that_there_are() -> None:
    cast = a_cast()
    project = registered(cast)
    for first, last in ((0, 0), (2024, 10**6), (10**6, 10**6)):
        refused(
            InputRefused,
            "monitoring.period_outside",
            lambda years={"first_year": first, "last_year": last}: cast.office.open(
                cast.owner,
                "monitoring",
                organisation=cast.body.pk,
                parent=project.number,
                data=years,
            ),
        )


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"kind": "k" * 41}, {"kind": "授权"}, {"name": ""}])
def test_a_document_has_a_kind_and_a_name(changes: dict[str, Any]) -> None:
    office, body = Office(), an_organisation(is_demo=True)
    owner = a_caller("owner", organisation=body)
    project = office.open(owner, "project", organisation=body.pk, data=BASICS)
    given: dict[str, Any] = {
        "kind": "owner_authority",
        "name": "授权.pdf",
        "media_type": "application/" + "x" * 200,
        "content": b"1",
        "is_public": False,
    }
    paper = papers.Paper(**given)
    papers.hand_in(office.platform, owner, project.number, paper, key="key-odd-1")
    wrong = replace(paper, **changes)
    refused(
        InputRefused,
        "matter.document.malformed",
        lambda: papers.hand_in(office.platform, owner, project.number, wrong, key="key-odd-2"),
    )


@pytest.mark.django_db
def test_a_contact_is_printable() -> None:
    office, body = Office(), an_organisation(is_demo=True)
    a_project(office, a_caller("owner", organisation=body))
    with pytest.raises(InputRefused):
        services.comment(
            Notice.objects.get(),
            author="村民",
            contact="1\x00",
            text="意见",
            is_objection=False,
            at=office.now,
            today=office.now.date(),
        )


@pytest.mark.django_db
def test_numbers_and_rules_are_of_the_day_in_china() -> None:
    office, body = Office(now=NEW_YEARS_NIGHT), an_organisation(is_demo=True)
    owner = a_caller("owner", organisation=body)
    project = office.open(owner, "project", organisation=body.pk, data=BASICS)
    assert project.number.startswith("P-420100-2026-")
    rules = dict(office.platform.rulesets.rules)
    key = "100000", "issue.unit_mg"
    (old,) = rules[key]
    new = replace(old, value=7, valid_from=date(2026, 1, 1))
    rules[key] = (replace(old, valid_to=date(2026, 1, 1)), new)
    platform = replace(office.platform, rulesets=Rulesets(rules))
    assert unit_mg(platform, project) == 7
    assert unit_mg(replace(platform, clock=lambda: MOMENT), project) == old.value


@pytest.mark.django_db
def test_every_organisation_that_is_named_is_registered() -> None:
    """One that is not would keep everybody from the matter's page."""
    office, body = Office(), an_organisation(is_demo=True)
    owner = a_caller("owner", organisation=body)
    project = office.open(owner, "project", organisation=body.pk, data=BASICS)
    office.paper(owner, project, "owner_authority")
    shares = [{"party": body.pk, "percent": "100"}]
    for data in (
        {"shares": shares, "consultant": 10**15},
        {"shares": [{"party": 10**15, "percent": "100"}]},
    ):
        refused(
            NotFound,
            "organisation.unknown",
            lambda said=data: office.step(owner, project, "disclose", data=said),
        )


@pytest.mark.django_db
@pytest.mark.parametrize("said", [0.5, 10**17, "\ud800", {"deep": [1.5]}])
def test_what_has_no_canonical_form_is_refused_in_words(said: Any) -> None:
    office, body = Office(), an_organisation(is_demo=True)
    owner = a_caller("owner", organisation=body)
    refused(
        InputRefused,
        "matter.data_unreadable",
        lambda: office.open(
            owner, "project", organisation=body.pk, data=BASICS | {"latitude": said}
        ),
    )


def test_a_whole_number_fits_into_the_log() -> None:
    field = Field(key="units", type="integer", name=Text("单位", "units"))
    assert checked((field,), {"units": str(2**53)}) == {"units": 2**53}
    with pytest.raises(InputRefused):
        checked((field,), {"units": str(2**53 + 1)})
