"""Mutual recognition: locked at home, issued here, and back again, never in two places at once."""

from __future__ import annotations

from typing import Any

import pytest
from tests.flows.registry.holders import (
    an_office,
    check_books,
    owner_of,
    standing,
    unchanged,
    units_by_state,
    units_for,
)
from tests.flows.registry.offices import Office, a_caller, an_organisation

from tanhui.books.models import Issue, LogEntry
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, Denied
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry.callers import Caller

pytestmark = pytest.mark.django_db

TERMS = {
    "other_region": "230100",
    "product": "HRCER",
    "recognised_product": "WHCER-R",
    "factor": "0.95",
    "cap_units": 100,
    "valid_from": "2025-01-01",
    "valid_to": "2025-12-31",
}
HOME = {"region": "230100", "product": "HRCER"}


@pytest.fixture
def here() -> list[Caller]:
    return [a_caller("authority") for _ in range(2)]


@pytest.fixture
def there() -> Caller:
    return a_caller("authority", region="230000")


def agreed(office: Office, here: list[Caller], there: Caller, **terms: Any) -> Matter:
    agreement = office.open(here[0], "agreement", data=TERMS | terms)
    office.paper(here[0], agreement, "bilateral_agreement")
    office.step(there, agreement, "consent")
    return agreement


def requested(office: Office, agreement: Matter, firm: Organisation, **data: Any) -> Matter:
    return office.open(
        owner_of(firm),
        "recognition",
        organisation=firm.pk,
        parent=agreement.number,
        data=data,
    )


def recognised(
    office: Office, agreement: Matter, firm: Organisation, here: list[Caller], units: int
) -> Matter:
    matter = requested(office, agreement, firm, units=units)
    for caller in here:
        office.step(caller, matter, "recognise")
    return Matter.objects.get(pk=matter.pk)


def test_recognised_units_stand_here_and_their_origin_is_locked(
    here: list[Caller], there: Caller
) -> None:
    office, firm = an_office(), an_organisation()
    first = units_for(office, firm, 100, **HOME)
    agreement = agreed(office, here, there)
    matter = recognised(office, agreement, firm, here, 50)
    assert matter.data["recognised_units"] == 47, "50 x 0.95, whole units only"
    assert units_by_state(office, firm) == {"held": 97, "locked": 50}
    issue = Issue.objects.get(batch=matter.number)
    assert (issue.region, issue.product, issue.source) == ("420100", "WHCER-R", matter.number)
    said = read_json(bytes(LogEntry.objects.latest("pk").body))
    assert said["origin"] == [f"{first.first + 50}-{first.last}"]
    assert said["serials"] == [matter.data["recognised"]]
    use = office.open(
        owner_of(firm),
        "use",
        organisation=firm.pk,
        data={"purpose": "donation", "beneficiary": "亚冬会"},
    )
    unchanged(
        Conflict,
        "serials.move.forbidden",
        lambda: office.step(owner_of(firm), use, "retire", data={"serials": matter.data["parts"]}),
    )
    asked = {"serials": matter.data["recognised"]}
    assert office.step(owner_of(firm), use, "retire", data=asked).result["units"] == 47
    unchanged(
        Conflict,
        "serials.move.forbidden",
        lambda: office.step(owner_of(firm), matter, "give_back"),
    )
    check_books()


def test_what_comes_back_frees_its_origin(here: list[Caller], there: Caller) -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 100, **HOME)
    agreement = agreed(office, here, there)
    matter = recognised(office, agreement, firm, here, 100)
    assert units_by_state(office, firm) == {"held": 95, "locked": 100}
    office.step(owner_of(firm), matter, "give_back")
    assert units_by_state(office, firm) == {"held": 100, "cancelled": 95}
    again = recognised(office, agreement, firm, here, 100)
    assert again.data["recognised_units"] == 95, "what came back no longer counts to the cap"
    check_books()


def test_at_expiry_only_what_was_used_stays_locked(here: list[Caller], there: Caller) -> None:
    office, firm, buyer = an_office(), an_organisation(), an_organisation()
    units_for(office, firm, 100, **HOME)
    agreement = agreed(office, here, there)
    matter = recognised(office, agreement, firm, here, 100)
    offer = office.open(
        owner_of(firm),
        "transfer",
        organisation=firm.pk,
        data={
            "receiver": buyer.pk,
            "reason": "donation",
            "serials": f"{matter.data['recognised'].partition('-')[0]}",
        },
    )
    office.step(owner_of(buyer), offer, "accept")
    unchanged(Conflict, "recognition.still_valid", lambda: office.step(here[0], matter, "expire"))
    office.wait(320)
    office.step(here[0], matter, "expire")
    assert units_by_state(office, buyer) == {"held": 1}
    # 1 unit is in use: ceil(1 / 0.95) = 2 of the origin stay locked
    assert units_by_state(office, firm) == {"held": 98, "locked": 2, "cancelled": 94}
    check_books()


def test_what_the_requester_has_left_at_the_end_is_used_no_more(
    here: list[Caller], there: Caller
) -> None:
    """Also before the authority settles it; other units and a freeze go on."""
    office, firm, buyer = an_office(), an_organisation(), an_organisation()
    units_for(office, firm, 110, **HOME)
    agreement = agreed(office, here, there)
    matter = recognised(office, agreement, firm, here, 100)
    first = matter.data["recognised"].partition("-")[0]
    gift = {"receiver": buyer.pk, "reason": "donation", "serials": first}
    offer = office.open(owner_of(firm), "transfer", organisation=firm.pk, data=gift)
    office.step(owner_of(buyer), offer, "accept")
    office.wait(320)
    wish = {"purpose": "voluntary", "beneficiary": "某公司"}
    use = office.open(owner_of(firm), "use", organisation=firm.pk, data=wish)
    left = {"serials": str(int(first) + 1)}
    unchanged(
        Conflict,
        "recognition.lapsed",
        lambda: office.step(owner_of(firm), use, "retire", data=left),
    )
    office.step(owner_of(firm), use, "retire", data={"units": 10})
    theirs = office.open(owner_of(buyer), "use", organisation=buyer.pk, data=wish)
    office.step(owner_of(buyer), theirs, "retire", data={"serials": first})
    freeze = {
        "instrument_kind": "ruling",
        "instrument_number": "裁〔2025〕1号",
        "reason": "保全",
        **left,
    }
    recall = office.open(here[0], "recall", organisation=firm.pk, data=freeze)
    office.paper(here[0], recall, "instrument")
    for caller in here:
        office.step(caller, recall, "freeze")
    check_books()


def test_the_cap_and_the_days_of_an_agreement_bind(here: list[Caller], there: Caller) -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 300, **HOME)
    agreement = agreed(office, here, there)
    recognised(office, agreement, firm, here, 100)
    matter = requested(office, agreement, firm, units=7)
    office.step(here[0], matter, "recognise")
    unchanged(
        Conflict, "recognition.cap_exceeded", lambda: office.step(here[1], matter, "recognise")
    )
    office.step(here[0], matter, "reject")
    assert units_by_state(office, firm) == {"held": 295, "locked": 100}
    office.wait(320)
    unchanged(
        Conflict,
        "recognition.no_agreement",
        lambda: requested(office, agreement, firm, units=1),
    )


def test_where_an_agreement_states_no_cap_the_regions_holds(
    here: list[Caller], there: Caller
) -> None:
    office, firm = an_office(recognition__cap_t=40), an_organisation()
    units_for(office, firm, 100, **HOME)
    terms = {key: text for key, text in TERMS.items() if key != "cap_units"}
    agreement = office.open(here[0], "agreement", data=terms)
    office.paper(here[0], agreement, "bilateral_agreement")
    office.step(there, agreement, "consent")
    matter = requested(office, agreement, firm, units=50)
    office.step(here[0], matter, "recognise")
    error = unchanged(
        Conflict, "recognition.cap_exceeded", lambda: office.step(here[1], matter, "recognise")
    )
    assert error.values["cap"] == 40


def test_only_the_origin_of_the_agreement_is_recognised(here: list[Caller], there: Caller) -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 10)
    owner_of(firm)
    agreement = agreed(office, here, there)
    unchanged(
        Conflict,
        "recognition.not_of_the_origin",
        lambda: requested(office, agreement, firm, units=1),
    )


def test_an_agreement_takes_two_regions(here: list[Caller], there: Caller) -> None:
    office = an_office()
    agreement = office.open(here[0], "agreement", data=TERMS)
    office.paper(here[0], agreement, "bilateral_agreement")
    unchanged(
        Denied,
        "agreement.other_region_consents",
        lambda: office.step(here[1], agreement, "consent"),
    )
    both = a_caller("authority", region="100000")
    own = office.open(both, "agreement", data=TERMS)
    office.paper(both, own, "bilateral_agreement")
    unchanged(Conflict, "matter.approval.same_person", lambda: office.step(both, own, "consent"))


def test_a_court_and_a_recognition_do_not_free_each_other(
    here: list[Caller], there: Caller
) -> None:
    office, firm = an_office(), an_organisation()
    first = units_for(office, firm, 20, **HOME)
    agreement = agreed(office, here, there)
    recognised(office, agreement, firm, here, 10)
    freeze = {
        "instrument_kind": "ruling",
        "instrument_number": "裁〔2025〕1号",
        "reason": "保全",
        "serials": f"{first.first}-{first.last}",
    }
    recall = office.open(here[0], "recall", organisation=firm.pk, data=freeze)
    office.paper(here[0], recall, "instrument", "release_instrument")
    office.step(here[0], recall, "freeze")
    unchanged(Conflict, "serials.move.forbidden", lambda: office.step(here[1], recall, "freeze"))
    assert standing(office, firm)["locked"] == f"{first.first + 10}-{first.last}"
