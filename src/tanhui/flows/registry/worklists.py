"""Which matters may be a caller's, as a condition of the database: no list reads all of them.

The condition lets through every matter that `callers.may_see` and `reading.own_steps` would, and
few others; those two still decide on each that is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q

from tanhui.core.region import Region
from tanhui.domain.matters import queries
from tanhui.domain.matters.lifecycle import Lifecycle
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import REGIONAL_ROLES, Appointment

from .callers import ASSIGNED_ROLES, Caller, is_of_demo

OTHER_REGION = "other_region"  # the field of a matter that a second region must agree to
NOBODY = Q(pk__in=())

Lifecycles = Mapping[str, Lifecycle]


def seen_by(caller: Caller, lifecycles: Lifecycles) -> Q:
    """Matters whose papers are for the caller."""
    return _any(_reached(caller, one, lifecycles) for one in caller.appointments)


def waiting_for(caller: Caller, lifecycles: Lifecycles) -> Q:
    """Those of them in whose state a role of the caller takes a step."""
    return _any(
        _reached(caller, one, lifecycles) & _steps_of(one.role, lifecycles)
        for one in caller.appointments
    )


def _reached(caller: Caller, one: Appointment, lifecycles: Lifecycles) -> Q:
    """The matters that an appointment covers: by region, by organisation, or by assignment."""
    found = NOBODY
    if one.role in REGIONAL_ROLES:
        prefix = Region(one.region).prefix
        double = [kind for kind, each in lifecycles.items() if _names_another(each)]
        other = Q(kind__in=double, **{f"data__{OTHER_REGION}__startswith": prefix})
        found = Q(region__startswith=prefix) | other
    elif one.role not in ASSIGNED_ROLES and one.organisation_id is not None:
        below = [body.pk for body in organisations.tree(one.organisation_id)]
        found = Q(organisation__in=below)
    if one.role in ASSIGNED_ROLES or one.organisation_id is not None:
        matters = queries.assigned(one.role, user=caller.user, organisation=one.organisation_id)
        found |= Q(pk__in=matters) | Q(parent__in=matters)
    return found & Q(is_demo=True) if is_of_demo(one) else found


def _steps_of(role: str, lifecycles: Lifecycles) -> Q:
    """Kinds and states in which a role takes some step."""
    sources = {
        kind: {state for rule in each.steps.values() if role in rule.by for state in rule.sources}
        for kind, each in lifecycles.items()
    }
    return _any(
        Q(kind=kind, state__in=sorted(states)) for kind, states in sources.items() if states
    )


def _names_another(lifecycle: Lifecycle) -> bool:
    rules = (lifecycle.opens, *lifecycle.steps.values())
    return any(field.key == OTHER_REGION for rule in rules for field in rule.fields)


def _any(conditions: Iterable[Q]) -> Q:
    found = NOBODY
    for one in conditions:
        found |= one
    return found
