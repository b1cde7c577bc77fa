"""Verbs of viewings: note a look, in its own transaction, before anything is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .models import OPERATOR, PARTNER, Viewing

WHY_CHARS_MAX = 200
_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who looks: a partner's member (with the partner) or the operator, as who, and why."""

    actor: str
    partner_id: int | None = None
    why: str = ""


def note(people: Iterable[int], what: str, *, viewer: Viewer, at: datetime) -> int:
    """Write that `viewer` is shown `what` of these people; returns how many that were."""
    kind = OPERATOR if viewer.partner_id is None else PARTNER
    made = Viewing.objects.bulk_create(
        (
            Viewing(
                person=person,
                at=at,
                viewer=kind,
                partner_id=viewer.partner_id,
                actor=viewer.actor,
                what=what,
                why=viewer.why[:WHY_CHARS_MAX],
            )
            for person in sorted(set(people))
        ),
        batch_size=_AT_ONCE,
    )
    return len(made)
