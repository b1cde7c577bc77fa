"""Incidents: a proof that does not hold is opened as one, and only a named person closes it.

Nothing is repaired here. One incident is open per proof, so a difference that stays is told once;
after it was closed while the difference is still there, the next proof opens another. Opening and
closing are acts and entries of the public log: which proof, by how much, never whose account.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tanhui.core.errors import Conflict, InputRefused, NotFound

from .acts import Act, record
from .incident_models import Incident
from .proofs import Proof

OPENED, CLOSED = "books.incident.opened", "books.incident.closed"
REASON_CHARS_MIN = 10
DETAIL_CHARS_MAX = 2_000


def open_for(proofs: Iterable[Proof], *, at: datetime, actor: str, run: str) -> list[Incident]:
    """Open an incident for each proof that does not hold and has none open; returns the new.

    `run` names the run that proved, so that a repeated run opens nothing twice.
    """
    with transaction.atomic():
        known = set(now_open().values_list("proof", flat=True))
        failed = [proof for proof in proofs if not proof.ok and proof.name_en not in known]
        return [_open(proof, at=at, actor=actor, run=run) for proof in failed]


def _open(proof: Proof, *, at: datetime, actor: str, run: str) -> Incident:
    figures = {"left": str(proof.figure_left), "right": str(proof.figure_right)}
    act = Act(
        verb=OPENED,
        actor=actor,
        at=at,
        key=f"incident/{run}/{proof.name_en}",
        request={"proof": proof.name_en, **figures},
        detail={"proof": proof.name_en, **figures},
        public={"proof": proof.name_en, **figures},
    )
    return Incident.objects.create(
        proof=proof.name_en,
        proof_zh=proof.name_zh,
        figure_left=proof.figure_left,
        figure_right=proof.figure_right,
        detail=proof.detail[:DETAIL_CHARS_MAX],
        opened_at=at,
        opened_by_id=record(act).journal,
    )


def close(number: int, *, person: str, reason: str, at: datetime, actor: str) -> Incident:
    """Close an incident under a person's name, with what was found and done.

    Raises NotFound; Conflict `incident.closed`; InputRefused without a name or a reason.
    """
    person, reason = person.strip(), reason.strip()
    if not person or len(reason) < REASON_CHARS_MIN:
        raise InputRefused(
            "incident.reason",
            zh=f"关闭事件须写明责任人和原因（至少 {REASON_CHARS_MIN} 字）。",
            en="Closing an incident needs a person's name and a reason of at least "
            f"{REASON_CHARS_MIN} characters.",
        )
    with transaction.atomic():
        found = Incident.objects.select_for_update(no_key=True).filter(pk=number).first()
        if found is None:
            raise NotFound(
                "incident.unknown",
                zh=f"没有编号为 {number} 的事件。",
                en=f"There is no incident {number}.",
            )
        if found.closed_by_id is not None:
            raise Conflict(
                "incident.closed",
                zh=f"事件 {number} 已由 {found.person} 关闭。",
                en=f"Incident {number} was closed before, by {found.person}.",
            )
        act = Act(
            verb=CLOSED,
            actor=actor,
            at=at,
            key=f"incident/{number}/closed",
            request={"person": person, "reason": reason},
            detail={"incident": number, "person": person, "reason": reason},
            public={"proof": found.proof, "opened": str(found.opened_by_id)},
        )
        found.closed_by_id, found.closed_at = record(act).journal, at
        found.person, found.reason = person, reason
        found.save(update_fields=["closed_by", "closed_at", "person", "reason"])
    return found


def now_open() -> QuerySet[Incident]:
    """Incidents that nobody has closed, oldest first."""
    return Incident.objects.filter(closed_by=None).order_by("id")


def everything() -> QuerySet[Incident]:
    """All incidents, newest first; slice it."""
    return Incident.objects.order_by("-id")
