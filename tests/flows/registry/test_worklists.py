"""The lists of the desk ask the database for a caller's matters: none is missing, none too many."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.flows.registry.crediting import (
    PLACE,
    Cast,
    a_cast,
    a_forest,
    a_verifier,
    body_of,
    forest_data,
    reported,
)
from tests.flows.registry.holders import an_office, owner_of, units_for
from tests.flows.registry.offices import MOMENT, Office, a_caller, an_organisation

from tanhui.domain.matters.models import Matter
from tanhui.domain.matters.services import Beginning, begin
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry.callers import Caller, may_see
from tanhui.flows.registry.reading import own_steps, page_of, to_do

pytestmark = pytest.mark.django_db


def a_few_matters() -> tuple[Office, list[Caller]]:
    """Matters of many kinds in two regions, and callers of every role."""
    office = an_office()
    firm, other = an_organisation(), an_organisation()
    branch = an_organisation(parent=other.pk)
    units_for(office, firm, 9)
    owner = owner_of(firm)
    gift = {"receiver": branch.pk, "reason": "donation", "units": 2}
    transfer = office.open(owner, "transfer", organisation=firm.pk, data=gift)
    office.step(owner_of(branch), transfer, "accept")
    office.open(owner, "transfer", organisation=firm.pk, data=gift)
    use = {"purpose": "voluntary", "beneficiary": "某公司"}
    office.open(owner_of(other), "use", organisation=other.pk, data=use)
    here, there = a_caller("authority"), a_caller("authority", region="230100")
    terms = {"other_region": "230100", "product": "A", "recognised_product": "B"}
    days = {"factor": "1", "valid_from": "2025-01-01", "valid_to": "2026-01-01"}
    office.open(here, "agreement", data=terms | days)
    cast, verifier = a_project(), a_verifier()
    period = Matter.objects.get(kind="monitoring")
    cast.office.step(cast.first, period, "engage", data={"verifier": body_of(verifier)})
    return office, [
        *(owner, owner_of(other), owner_of(branch), here, there, verifier, a_verifier()),
        *(a_caller("authority", region="100000"), a_caller("operator"), a_caller("expert")),
        *(cast.owner, cast.first, owner_of(a_branch_of(cast.body)), two_roles(firm)),
    ]


def a_project() -> Cast:
    """A demo's forest with a period that is reported."""
    cast = a_cast(is_demo=True)
    project = a_forest(cast)
    data = forest_data(project, {2018: "50", 2019: "60"})
    reported(cast, project, data, 2019, 2019)
    return cast


def a_branch_of(body: Organisation) -> Organisation:
    return an_organisation(region=PLACE, parent=body.pk, is_demo=True)


def two_roles(firm: Organisation) -> Caller:
    """Somebody who owns here and supervises there."""
    owner, official = owner_of(firm), a_caller("authority", region="310000")
    return Caller(owner.user, (*owner.appointments, *official.appointments))


def test_a_list_shows_what_is_the_callers_and_nothing_else() -> None:
    office, callers = a_few_matters()
    platform, matters = office.platform, list(Matter.objects.order_by("-pk"))
    seen = 0
    for caller in callers:
        own = [one for one in matters if may_see(caller, one)]
        page = page_of(platform, caller, wanted={}, after=None, limit=100)
        assert [one["number"] for one in page["items"]] == [one.number for one in own]
        waiting = [one.number for one in own if own_steps(platform, caller, one)]
        found = to_do(platform, caller, limit=100)
        assert sorted(one["number"] for one in found) == sorted(waiting)
        seen += len(own)
    assert seen > len(callers), "the callers have matters"


def test_what_is_others_is_not_even_read() -> None:
    office, caller = an_office(), a_caller("authority", region="230100")
    for _ in range(30):
        numbered()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert to_do(office.platform, caller, limit=10) == []
        page = page_of(office.platform, caller, wanted={}, after=None, limit=10)
    assert page == {"items": [], "next": None}
    assert len(asked) <= 4


def numbered() -> str:
    """The number of a new project of the place in 2025."""
    given = Beginning(
        kind="project",
        letter="P",
        region=PLACE,
        title="项目",
        state="registered",
        organisation=None,
        parent=None,
        data={},
        is_demo=False,
    )
    return begin(given, at=MOMENT).number


def test_numbers_go_on_past_four_digits() -> None:
    assert numbered() == f"P-{PLACE}-2025-0001"
    Matter.objects.update(number=f"P-{PLACE}-2025-9999")
    assert [numbered(), numbered()] == [f"P-{PLACE}-2025-10000", f"P-{PLACE}-2025-10001"]
