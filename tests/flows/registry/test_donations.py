"""Donated grams: never twice, never more than was credited, units only for what stands in pools."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.books.postings import a_total, post
from tests.flows.registry.holders import (
    an_office,
    check_books,
    owner_of,
    unchanged,
    units_by_state,
    units_for,
)
from tests.flows.registry.offices import Office, a_key, an_organisation

from tanhui.books.acts import Act, record
from tanhui.books.proofs import prove
from tanhui.books.using import mark_used
from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters import services
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry.donations import donate_grams, figures, gifts_of
from tanhui.flows.registry.drives import drive_of, open_drives
from tanhui.flows.registry.public_matters import public_matters, whole

pytestmark = pytest.mark.django_db
TONNE = 10**9


def a_drive(office: Office, organiser: Organisation, **data: Any) -> Matter:
    data = {
        "purpose": "event",
        "beneficiary": "武汉马拉松",
        "object": "武汉马拉松",
        "period_from": "2025-03-23",
        "period_to": "2025-03-23",
        "takes_gifts": True,
    } | data
    return office.open(owner_of(organiser), "use", organisation=organiser.pk, data=data)


def gives(office: Office, use: Matter, person: int, mg: int, **changes: Any) -> dict[str, Any]:
    given = {"use": use.number, "mg": mg, "key": a_key()} | changes
    return donate_grams(office.platform, person, **given)


def pooled(office: Office, owner: Organisation, people: dict[int, int], units: int) -> None:
    """Units of a pool, and the marks of the people whose grams stand in them."""
    beginning = services.Beginning(
        kind="pool",
        letter="G",
        region="420100",
        title="汇集",
        state="issued",
        organisation=owner.pk,
        parent=None,
        data={},
        is_demo=False,
    )
    with transaction.atomic():
        pool = services.begin(beginning, at=office.now)
        act = Act(verb="test.pooled", actor="test", at=office.now, key=a_key(), request={})
        frame = pl.DataFrame({"person": list(people), "mg": list(people.values())})
        mark_used(
            connection,
            record(act).journal,
            region=420100,
            scene="metro",
            day=date(2025, 3, 1),
            people=frame,
        )
        units_for(office, owner, units, source=pool.number)


def test_grams_are_given_once_and_become_units_through_a_pool() -> None:
    office, organiser, operator = an_office(), an_organisation(), an_organisation("platform")
    post([a_total(person=7, mg=2 * TONNE), a_total(person=8, mg=TONNE)])
    use = a_drive(office, organiser)
    key = a_key()
    done = gives(office, use, 7, 1_600_000_000, key=key)
    assert done["free_mg"] == "400000000"
    assert gives(office, use, 7, 1_600_000_000, key=key) == done, "the same key gives once"
    unchanged(Conflict, "donation.more_than_free", lambda: gives(office, use, 7, 400_000_001))
    gives(office, use, 8, 900_000_000)
    told = drive_of(office.platform, use.number, is_public=False)
    assert told["formable_units"] == 0, "nothing is pooled yet"
    pooled(office, operator, {7: 1_500_000_000, 8: TONNE}, 2)
    drive = drive_of(office.platform, use.number, is_public=False)
    assert (drive["mg"], drive["donors"], drive["formable_units"]) == ("2500000000", 2, 2)
    public = drive_of(office.platform, use.number)
    assert (public["mg"], public["donors"]) == (None, None), "two are too few to be told of"
    owner_of(operator)
    data = {"receiver": organiser.pk, "reason": "grams", "for_use": use.number}
    offer = office.open(
        owner_of(operator), "transfer", organisation=operator.pk, data=data | {"units": 2}
    )
    office.step(owner_of(organiser), offer, "accept")
    assert units_by_state(office, organiser) == {"held": 2}
    pooled(office, operator, {7: 1, 8: 1}, 1)
    unchanged(
        Conflict,
        "donation.not_covered",
        lambda: office.open(
            owner_of(operator), "transfer", organisation=operator.pk, data=data | {"units": 1}
        ),
    )
    assert drive_of(office.platform, use.number)["formed_units"] == 2
    assert all(proof.ok for proof in prove())
    check_books()


def test_only_pooled_units_stand_for_grams() -> None:
    office, organiser, operator = an_office(), an_organisation(), an_organisation("platform")
    post([a_total(person=7, mg=TONNE)])
    use = a_drive(office, organiser)
    gives(office, use, 7, TONNE)
    units_for(office, operator, 5)
    pooled(office, organiser, {7: TONNE}, 1)
    owner_of(operator)
    data = {"receiver": organiser.pk, "reason": "grams", "for_use": use.number, "units": 1}
    unchanged(
        InputRefused,
        "transfer.not_pooled",
        lambda: office.open(owner_of(operator), "transfer", organisation=operator.pk, data=data),
    )


def test_a_group_is_ranked_by_company_and_few_people_stay_unseen() -> None:
    few = 4
    office, group = an_office(privacy__people_min=few), an_organisation()
    companies = [an_organisation(parent=group.pk) for _ in range(3)]
    use = a_drive(office, group)
    people = iter(range(100, 100 + 3 * few))

    def from_company(number: int, how_many: int) -> None:
        for person in [next(people) for _ in range(how_many)]:
            post([a_total(person=person, mg=TONNE)])
            gives(office, use, person, 1_000, organisation=companies[number].pk)

    from_company(0, few - 1)
    silent = drive_of(office.platform, use.number)
    assert (silent["mg"], silent["donors"], silent["formable_units"]) == (None, None, None)
    told = drive_of(office.platform, use.number, is_public=False)
    assert (told["mg"], told["donors"], told["ranking"]) == (str((few - 1) * 1_000), few - 1, [])
    from_company(0, 2)
    from_company(1, few)
    drive = drive_of(office.platform, use.number)
    assert (drive["mg"], drive["donors"]) == (str((2 * few + 1) * 1_000), 2 * few + 1)
    assert [(one["organisation"], one["mg"]) for one in drive["ranking"]] == [
        (companies[0].pk, str((few + 1) * 1_000)),
        (companies[1].pk, str(few * 1_000)),
    ]
    from_company(2, 1)
    ranking = drive_of(office.platform, use.number)["ranking"]
    assert [(one["organisation"], one["mg"]) for one in ranking] == [
        (companies[0].pk, str((few + 1) * 1_000)),
        (None, str((few + 1) * 1_000)),
    ], "the one would be the total less the others, so the next smallest stands with it"
    stranger = an_organisation().pk
    unchanged(
        InputRefused,
        "donation.other_organisation",
        lambda: gives(office, use, 100, 1, organisation=stranger),
    )


def test_a_use_takes_gifts_when_it_asks_for_them_and_is_public_then() -> None:
    office, organiser = an_office(), an_organisation()
    post([a_total(person=7, mg=TONNE)])
    silent = a_drive(office, organiser, takes_gifts=False)
    unchanged(Conflict, "donation.not_asked", lambda: gives(office, silent, 7, 1))
    asking = a_drive(office, organiser)
    assert silent not in open_drives(is_demo=False)
    assert list(open_drives("武汉马拉松", is_demo=False)) == [asking]
    assert list(public_matters().filter(organisation=organiser.pk)) == [asking]
    shown = whole(office.platform, asking)
    assert {one["key"] for one in shown["facts"]} >= {"purpose", "beneficiary", "object"}
    unchanged(
        InputRefused,
        "use.offset_takes_no_gifts",
        lambda: a_drive(office, organiser, purpose="offset"),
    )


def test_many_donors_cost_a_drives_page_no_more_questions() -> None:
    office, organiser = an_office(privacy__people_min=1), an_organisation()
    use = a_drive(office, organiser)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            drive_of(office.platform, use.number)
        return len(asked)

    post([a_total(person=person, mg=TONNE) for person in range(7, 12)])
    gives(office, use, 7, 1)
    drive_of(office.platform, use.number)
    of_one = questions()
    for person in range(8, 12):
        gives(office, use, person, 1)
    assert questions() == of_one
    assert drive_of(office.platform, use.number)["donors"] == 5


def test_the_demo_gives_to_the_demo_alone() -> None:
    office, organiser = an_office(), an_organisation(is_demo=True)
    post([a_total(person=7, mg=TONNE)])
    use = a_drive(office, organiser)
    unchanged(Conflict, "donation.demo", lambda: gives(office, use, 7, 1))
    assert use in open_drives(is_demo=True)
    assert use not in open_drives(is_demo=False)


def test_the_same_key_gives_the_first_answer_after_the_use_is_over() -> None:
    office, organiser = an_office(), an_organisation()
    post([a_total(person=7, mg=TONNE)])
    use, key = a_drive(office, organiser), a_key()
    done = gives(office, use, 7, 5, key=key)
    office.step(owner_of(organiser), use, "withdraw")
    assert gives(office, use, 7, 5, key=key) == done
    unchanged(Conflict, "act.key.reused", lambda: gives(office, use, 7, 6, key=key))


def test_a_person_finds_their_gifts_and_nobody_elses() -> None:
    office, organiser = an_office(), an_organisation()
    post([a_total(person=7, mg=TONNE), a_total(person=8, mg=TONNE)])
    use = a_drive(office, organiser)
    first = gives(office, use, 7, 1_500)
    second = gives(office, use, 7, 2)
    other = gives(office, use, 8, 3)
    mine = gifts_of(office.platform, 7)
    assert [(one["mg"], one["receipt"]) for one in mine] == [
        (2, second["receipt"]),
        (1_500, first["receipt"]),
    ]
    assert [one["mg"] for one in gifts_of(office.platform, 7, receipt=first["receipt"])] == [1_500]
    assert gifts_of(office.platform, 7, receipt=other["receipt"]) == []
    assert mine[0]["certificate"] == ""
    assert (figures(office.platform, 7).given_mg, figures(office.platform, 7).free_mg) == (
        1_502,
        TONNE - 1_502,
    )


def test_a_drive_that_is_over_takes_nothing() -> None:
    office, organiser = an_office(), an_organisation()
    post([a_total(person=7, mg=TONNE)])
    use = a_drive(office, organiser)
    office.step(owner_of(organiser), use, "withdraw")
    unchanged(Conflict, "donation.drive_closed", lambda: gives(office, use, 7, 1))
