"""Units over random histories of the registry's own steps: nothing is lost, nothing counts twice.

Issued = held + locked + pledged + listed + retired + cancelled, for each region and product, after
every step, whether it was taken or refused; and a refused step leaves every block as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flows.registry.holders import an_office, blocks, check_books, owner_of, units_for
from tests.flows.registry.offices import MOMENT, Office, a_caller, an_organisation

from tanhui.books.models import Certificate, CreditBlock
from tanhui.books.serial_choice import totals_by_product
from tanhui.core.errors import TanhuiError
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry.callers import Caller

pytestmark = pytest.mark.django_db

HOME = {"region": "230100", "product": "HRCER"}
ENDS = {
    "transfer": ("accept", "decline", "withdraw"),
    "recall": ("freeze", "release", "cancel"),
    "recognition": ("recognise", "reject", "withdraw", "give_back", "expire"),
    "use": ("retire", "withdraw"),
}


class World:
    """Three organisations in two regions, an agreement, and everybody who may act."""

    def __init__(self) -> None:
        self.office: Office = an_office()
        self.firms = [an_organisation() for _ in range(3)]
        self.people: list[Caller] = [
            *(owner_of(firm) for firm in self.firms),
            *(a_caller("authority") for _ in range(2)),
        ]
        there = a_caller("authority", region="230100")
        terms = {"other_region": "230100", "product": "HRCER", "recognised_product": "R"}
        days = {"factor": "0.9", "valid_from": "2025-01-01", "valid_to": "2025-06-01"}
        self.agreement = self.office.open(self.people[3], "agreement", data=terms | days)
        self.office.paper(self.people[3], self.agreement, "bilateral_agreement")
        self.office.step(there, self.agreement, "consent")
        self.matters: list[Matter] = []

    def act(self, data: st.DataObject) -> None:
        """One random thing that somebody tries."""
        verb = data.draw(st.sampled_from(["issue", "open", "step", "step", "step", "wait"]))
        firm = data.draw(st.sampled_from(self.firms))
        if verb == "issue":
            origin: dict[str, Any] = data.draw(st.sampled_from([HOME, {}]))
            units_for(self.office, firm, data.draw(st.integers(1, 9)), **origin)
        elif verb == "wait":
            self.office.now = MOMENT + timedelta(days=data.draw(st.sampled_from([0, 60, 120])))
        elif verb == "open" or not self.matters:
            self.refusable(lambda: self.opened(firm, data))
        else:
            matter = data.draw(st.sampled_from(self.matters))
            step = data.draw(st.sampled_from(ENDS[matter.kind]))
            caller = data.draw(st.sampled_from(self.people))
            said = self.said(matter, step, data)
            self.refusable(lambda: self.office.step(caller, matter, step, data=said))

    def opened(self, firm: Organisation, data: st.DataObject) -> None:
        """A new matter of a random kind over random serials or numbers."""
        kind = data.draw(st.sampled_from(sorted(ENDS)))
        caller = self.people[3] if kind == "recall" else owner_of(firm)
        given = self.opening(kind, data)
        parent = self.agreement.number if kind == "recognition" else ""
        matter = self.office.open(caller, kind, organisation=firm.pk, parent=parent, data=given)
        self.matters.append(matter)
        papers = ("instrument", "release_instrument", "cancel_instrument")
        self.office.paper(caller, matter, *(papers if kind == "recall" else ()))

    def opening(self, kind: str, data: st.DataObject) -> dict[str, Any]:
        """What a matter of a kind is opened with."""
        if kind == "use":
            return {"purpose": "voluntary", "beneficiary": "某公司"}
        if kind == "recall":
            number = {"instrument_kind": "ruling", "instrument_number": "1", "reason": "保全"}
            return number | {"serials": a_range(data)}
        how = {"serials": a_range(data)} if data.draw(st.booleans()) else {"units": a_few(data)}
        if kind == "recognition":
            return how
        receiver = data.draw(st.sampled_from(self.firms)).pk
        return {"receiver": receiver, "reason": "donation"} | how

    def said(self, matter: Matter, step: str, data: st.DataObject) -> dict[str, Any]:
        """What a step is told."""
        if step == "retire":
            return data.draw(st.sampled_from([{"units": a_few(data)}, {"serials": a_range(data)}]))
        if step == "cancel" and data.draw(st.booleans()):
            return {"replaced_by": self.firms[0].pk}
        return {}

    def refusable(self, act: Callable[[], object]) -> None:
        """Try; who is refused has moved no unit."""
        before = blocks()
        try:
            with transaction.atomic():
                act()
        except TanhuiError:
            assert blocks() == before


def a_few(data: st.DataObject) -> int:
    return data.draw(st.integers(1, 6))


def a_range(data: st.DataObject) -> str:
    """Serials near the newest, so that most name what exists."""
    newest = CreditBlock.objects.order_by("-serials").first()
    top = newest.serials.upper - 1 if newest is not None else 1
    last = max(top - data.draw(st.integers(0, 12)), 1)
    return f"{max(last - data.draw(st.integers(0, 5)), 1)}-{last}"


def conserved() -> None:
    """Every product's units add up, and every retired unit stands on one certificate."""
    for states in totals_by_product().values():
        issued = states.pop("issued")
        assert issued == sum(states.values())
    check_books()
    certified: list[int] = []
    for certificate in Certificate.objects.all():
        rows = CreditBlock.objects.filter(opened_by_id=certificate.journal_id, state="retired")
        certified += [
            serial for row in rows for serial in range(row.serials.lower, row.serials.upper)
        ]
    assert len(certified) == len(set(certified))
    retired = sum(states.get("retired", 0) for states in totals_by_product().values())
    assert retired == len(certified)


CHECKS = [*HealthCheck]


@settings(max_examples=12, deadline=None, suppress_health_check=CHECKS)
@given(st.data())
def test_random_histories_conserve_units(data: st.DataObject) -> None:
    one_history(data, acts=25)


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=CHECKS)
@given(st.data())
def test_thousands_of_random_steps_conserve_units(data: st.DataObject) -> None:
    one_history(data, acts=60)


def one_history(data: st.DataObject, *, acts: int) -> None:
    """A world of its own, up to so many acts in it, and every total; nothing is left behind."""
    try:
        with transaction.atomic():
            world = World()
            for _ in range(data.draw(st.integers(acts // 4, acts))):
                world.act(data)
            conserved()
            raise _Undo
    except _Undo:
        pass


class _Undo(Exception):
    """Takes the example's rows back."""
