"""Caps replayed step by step for one settled record: what was used before, what was left, what
was cut.

Works from the person's earlier records alone and adds up what they list, on another path than the
running sums that settled the record; `explain_result` compares the two.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, replace

from ..terms import Cap
from .laws import Limit, limit_of
from .periods import days_of, period_of
from .sequential import Event
from .status import OCCUPYING


@dataclass(frozen=True)
class CapStep:
    """One cap in the period of the record's day; amounts in mg, or in events for such a cap."""

    cap: Cap
    limit: Limit
    days: tuple[int, int]
    """First and last day of the period; both belong."""
    users: tuple[Event, ...]
    """Earlier records that count against the cap, in order of arrival."""
    used: int
    left: int
    allowed_mg: int
    """What this cap alone lets through of the record, in mg."""
    decided: bool = False
    """Whether it is the cap that cut: the one that leaves least, of equal ones the widest."""


def cap_steps(
    caps: Sequence[Cap],
    event: Event,
    earlier: Sequence[Event],
    scenes: MutableMapping[str, int],
) -> list[CapStep]:
    """The steps from the narrowest cap to the widest; none for a record that met no caps.

    `earlier` are the person's records that arrived before, as they stood then; `scenes` numbers
    the scenes as the events do.
    """
    if event.status not in OCCUPYING:
        return []
    pairs = sorted(((cap, limit_of(cap, scenes)) for cap in caps), key=lambda pair: pair[1].breadth)
    steps = [_step(cap, limit, event, earlier) for cap, limit in pairs]
    least = min((step.allowed_mg for step in steps), default=event.quantified)
    if least < event.quantified:
        at = max(n for n, step in enumerate(steps) if step.allowed_mg == least)
        steps[at] = replace(steps[at], decided=True)
    return steps


def _step(cap: Cap, limit: Limit, event: Event, earlier: Sequence[Event]) -> CapStep:
    number = period_of(event.day, limit.per)
    users = tuple(
        each
        for each in earlier
        if each.occupies
        and each.mg
        and each.scene in limit.scenes
        and period_of(each.day, limit.per) == number
    )
    used = len(users) if limit.of_events else sum(each.mg for each in users)
    left = max(limit.most - used, 0)
    most = event.quantified if limit.of_events and left else left
    allowed = min(event.quantified, most)
    return CapStep(cap, limit, days_of(number, limit.per), users, used, left, allowed)


def credited_by(steps: Sequence[CapStep], quantified: int) -> int:
    """What all caps together leave of an amount, in mg."""
    return min((step.allowed_mg for step in steps), default=quantified)
