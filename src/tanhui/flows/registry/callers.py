"""Who is calling: a log-in with its appointments, and which of them a step may be taken under.

An authority's appointment counts in its region and below, and where a matter names another region
that must agree; an owner's for its organisation and those below it in the tree, and where another
organisation's matter asks for it; a verifier or expert acts where it was assigned. Nobody judges
the organisation that they act for: its people take no step of its matters as authority or judge.
Whoever acts for an organisation of the demo acts in matters of the demo alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tanhui.core.region import Region
from tanhui.domain.matters import errors, queries
from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.matters.services import Who
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import (
    AUTHORITY,
    CASE_AUTHORITY,
    EXPERT,
    OPERATOR,
    OWNER,
    REGIONAL_ROLES,
    VERIFIER,
    Appointment,
)

ASSIGNED_ROLES = frozenset({EXPERT, VERIFIER})
DECIDES = frozenset({AUTHORITY, CASE_AUTHORITY, EXPERT, VERIFIER})


@dataclass(frozen=True)
class Caller:
    """A log-in and what it may act as now."""

    user: int
    appointments: tuple[Appointment, ...]

    @property
    def actor(self) -> str:
        """The name under which acts are written."""
        return f"user:{self.user}"

    def roles(self) -> set[str]:
        """Every role of the caller."""
        return {appointment.role for appointment in self.appointments}


def watches_books(caller: Caller, region: str) -> bool:
    """Whether the caller operates the whole programme of a region: its books are one, so who
    operates a part of it alone does not answer for them."""
    return any(
        appointment.role == OPERATOR and Region(appointment.region).holds(region)
        for appointment in caller.appointments
    )


def to_open(caller: Caller, by: Sequence[str], *, region: str, organisation: int | None) -> Who:
    """The appointment under which a matter may be opened there; raises Denied."""
    for appointment in caller.appointments:
        is_same_world = organisation is None or (
            organisations.get(organisation).is_demo or not is_of_demo(appointment)
        )
        if appointment.role in by and is_same_world and _covers(appointment, region, organisation):
            return _who(caller, appointment)
    raise errors.not_yours("open", by)


def to_step(caller: Caller, verb: str, by: Sequence[str], matter: Matter) -> Who:
    """The appointment under which a step may be taken; raises Denied."""
    fits = [one for one in caller.appointments if one.role in by and _may_act(caller, one, matter)]
    free = [one for one in fits if one.role not in DECIDES or not _is_own(caller, matter)]
    if not free:
        raise errors.own_matter(verb) if fits else errors.not_yours(verb, by)
    return _who(caller, free[0])


def may_still(proposal: Step, by: Sequence[str], *, at: datetime) -> bool:
    """Whether who proposed a step may take it at that moment."""
    held = organisations.appointments(proposal.user, at=at)
    try:
        to_step(Caller(proposal.user, tuple(held)), proposal.verb, by, proposal.matter)
    except errors.NotYours:
        return False
    return True


def may_see(caller: Caller, matter: Matter) -> bool:
    """Whether the matter's papers are for the caller."""
    return any(_may_act(caller, appointment, matter) for appointment in caller.appointments)


def _may_act(caller: Caller, appointment: Appointment, matter: Matter) -> bool:
    if is_of_demo(appointment) and not matter.is_demo:
        return False
    if appointment.role in ASSIGNED_ROLES:
        return queries.is_assigned(
            matter,
            appointment.role,
            user=caller.user,
            organisation=appointment.organisation_id,
        )
    regions = filter(None, (matter.region, matter.data.get("other_region")))
    if any(_covers(appointment, region, matter.organisation) for region in regions):
        return True
    invited = appointment.organisation_id
    return invited is not None and queries.is_assigned(
        matter, appointment.role, user=caller.user, organisation=invited
    )


def _is_own(caller: Caller, matter: Matter) -> bool:
    """Whether the caller acts for the matter's organisation."""
    return any(
        one.role == OWNER and _covers(one, matter.region, matter.organisation)
        for one in caller.appointments
    )


def is_of_demo(appointment: Appointment) -> bool:
    """Whether it is for an organisation that does not exist."""
    return appointment.organisation is not None and appointment.organisation.is_demo


def _covers(appointment: Appointment, region: str, organisation: int | None) -> bool:
    if appointment.role in REGIONAL_ROLES:
        return Region(appointment.region).holds(region)
    if organisation is None or appointment.organisation_id is None:
        return False
    own = organisations.get(organisation)
    return any(one.pk == appointment.organisation_id for one in organisations.above(own))


def _who(caller: Caller, appointment: Appointment) -> Who:
    return Who(user=caller.user, role=appointment.role, organisation=appointment.organisation_id)
