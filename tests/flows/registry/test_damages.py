"""Damage compensation: ordered, bought and locked, retired, confirmed; overdue ones are told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.flows.registry.holders import (
    an_office,
    check_books,
    owner_of,
    unchanged,
    units_by_state,
    units_for,
)
from tests.flows.registry.offices import Office, a_caller, an_organisation

from tanhui.books.models import LogEntry
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry import overdue
from tanhui.flows.registry.callers import Caller

pytestmark = pytest.mark.django_db

CASE = {
    "case_number": "（2025）鄂01民初1号",
    "party_kind": "person",
    "party": "张三丰",
    "facts": "毁坏林地",
}
ORDER = {
    "basis": "agreement",
    "instrument_number": "磋商〔2025〕1号",
    "ordered_units": 80,
    "deadline": "2025-06-30",
    "price_basis": "day",
}
BOUGHT = {"bought_units": 80, "paid_yuan": "4604", "bought_on": "2025-03-01", "seller": "某业主"}


@pytest.fixture
def bureau() -> Caller:
    return a_caller("case_authority")


def ordered(office: Office, bureau: Caller, firm: Organisation, **data: Any) -> Matter:
    """A case whose order is out."""
    case = office.open(bureau, "damage", organisation=firm.pk, title="毁坏林地案", data=CASE)
    office.paper(bureau, case, "appraisal", "instrument", "confirmation")
    appraisal = {"appraiser": "某评估所", "appraised_t": "79.5"}
    office.step(bureau, case, "appraise", data=appraisal)
    office.step(bureau, case, "order", data=ORDER | data)
    office.paper(owner_of(firm), case, "purchase_receipt")
    return case


def test_a_case_from_order_to_confirmation(bureau: Caller) -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 100)
    case, owner = ordered(office, bureau, firm), owner_of(firm)
    office.step(owner, case, "purchase", data=BOUGHT | {"bought_units": 50, "paid_yuan": "3000"})
    unchanged(Conflict, "damage.bought_too_little", lambda: office.step(owner, case, "retire"))
    office.step(owner, case, "purchase", data=BOUGHT | {"bought_units": 30, "paid_yuan": "1604"})
    assert units_by_state(office, firm) == {"held": 20, "locked": 80}
    done = office.step(owner, case, "retire")
    assert (done.result["units"], done.result["is_late"]) == (80, False)
    matter = Matter.objects.get(pk=case.pk)
    assert matter.data["paid_fen"] == 460_400
    entry = LogEntry.objects.latest("pk")
    said = read_json(bytes(entry.body))
    assert (said["beneficiary"], said["purposes"]) == ("张某", ["damage"])
    assert CASE["party"].encode() not in bytes(entry.body)
    assert office.step(bureau, case, "confirm").state_after == "confirmed"
    for entry in LogEntry.objects.all():
        assert CASE["party"].encode() not in bytes(entry.body)
    check_books()


def test_one_retirement_serves_the_venue_too_and_counts_once(bureau: Caller) -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 250)
    case, owner = ordered(office, bureau, firm, ordered_units=250), owner_of(firm)
    office.step(owner, case, "purchase", data=BOUGHT | {"bought_units": 250})
    unchanged(
        Conflict,
        "use.two_purposes_not_allowed",
        lambda: office.step(owner, case, "retire", data={"second_purpose": "donation"}),
    )
    venue = {"second_purpose": "event", "second_object": "十五运汕尾赛区场馆"}
    office.step(owner, case, "retire", data=venue)
    said = read_json(bytes(LogEntry.objects.latest("pk").body))
    assert (said["units"], said["purposes"]) == (250, ["damage", "event"])
    assert said["second_object"] == "十五运汕尾赛区场馆"
    assert "生态环境损害赔偿" in said["purpose"]
    assert "大型活动碳中和" in said["purpose"]
    assert units_by_state(office, firm) == {"retired": 250}


def test_what_was_bought_for_a_case_is_not_sold_on(bureau: Caller) -> None:
    office, firm, other = an_office(), an_organisation(), an_organisation()
    first = units_for(office, firm, 80)
    case, owner = ordered(office, bureau, firm), owner_of(firm)
    office.step(owner, case, "purchase", data=BOUGHT)
    offer = {"receiver": other.pk, "reason": "sale", "price_yuan": "1", "serials": str(first)}
    unchanged(
        Conflict,
        "serials.move.forbidden",
        lambda: office.open(owner, "transfer", organisation=firm.pk, data=offer),
    )
    office.step(bureau, case, "dismiss")
    assert units_by_state(office, firm) == {"held": 80}


def test_an_order_covers_the_appraisal(bureau: Caller) -> None:
    office, firm = an_office(), an_organisation()
    case = office.open(bureau, "damage", organisation=firm.pk, title="毁坏林地案", data=CASE)
    office.paper(bureau, case, "appraisal", "instrument")
    unchanged(
        InputRefused,
        "damage.appraisal_empty",
        lambda: office.step(bureau, case, "appraise", data={"appraiser": "某"}),
    )
    appraisal = {"appraiser": "某评估所", "appraised_t": "79.5"}
    office.step(bureau, case, "appraise", data=appraisal)
    for change, code in (
        ({"ordered_units": 79}, "damage.order_below_appraisal"),
        ({"deadline": "2025-03-01"}, "damage.deadline_past"),
    ):
        unchanged(
            InputRefused,
            code,
            lambda c=change: office.step(bureau, case, "order", data=ORDER | c),
        )


def test_at_least_what_was_ordered_is_paid(bureau: Caller) -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 100)
    case, owner = ordered(office, bureau, firm, least_yuan="7993"), owner_of(firm)
    office.step(owner, case, "purchase", data=BOUGHT | {"paid_yuan": "7992.99"})
    unchanged(Conflict, "damage.paid_too_little", lambda: office.step(owner, case, "retire"))


def test_the_title_does_not_name_the_party(bureau: Caller) -> None:
    office, firm = an_office(), an_organisation()
    unchanged(
        InputRefused,
        "damage.title_names_party",
        lambda: office.open(
            bureau, "damage", organisation=firm.pk, title="张三丰毁林案", data=CASE
        ),
    )


def test_an_overdue_order_is_told_once_a_night(bureau: Caller) -> None:
    office, firm = an_office(), an_organisation()
    case = ordered(office, bureau, firm)
    assert overdue.due(office.platform) == []
    office.wait(115)  # 26 June
    (near,) = overdue.due(office.platform)
    assert (near["matter"], near["is_overdue"], near["party"]) == (case.number, False, "张某")
    assert overdue.due_for(office.platform, bureau) == [near]
    assert overdue.due_for(office.platform, a_caller("case_authority", region="440100")) == []
    assert overdue.tell_overdue(office.platform, actor="jobs:nightly") == []
    office.wait(5)
    assert overdue.tell_overdue(office.platform, actor="jobs:nightly") == [case.number]
    assert overdue.tell_overdue(office.platform, actor="jobs:nightly") == []
    said = read_json(bytes(LogEntry.objects.latest("pk").body))
    assert (said["kind"], said["matter"]) == ("registry.damage.overdue", case.number)
    assert Matter.objects.get(pk=case.pk).data["overdue_since"] == "2025-07-01"
