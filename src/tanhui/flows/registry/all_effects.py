"""Every effect there is, one module for each kind of matter."""

from __future__ import annotations

from . import (
    agreements,
    claim_cases,
    damages,
    methodologies,
    monitoring,
    pools,
    projects,
    recalls,
    recognitions,
    rule_changes,
    scenes,
    sharings,
    transfers,
    uses,
)
from .effects import Effect, Effects

EFFECTS: Effects = {
    **claim_cases.EFFECTS,
    **methodologies.EFFECTS,
    **monitoring.EFFECTS,
    **pools.EFFECTS,
    **projects.EFFECTS,
    **rule_changes.EFFECTS,
    **uses.EFFECTS,
    **damages.EFFECTS,
    **recalls.EFFECTS,
    **agreements.EFFECTS,
    **recognitions.EFFECTS,
    **transfers.EFFECTS,
    **sharings.EFFECTS,
    **scenes.EFFECTS,
}

NONE = Effect()


def effect_of(kind: str, verb: str) -> Effect:
    """The effect of a step; most only change the state."""
    return EFFECTS.get((kind, verb), NONE)
