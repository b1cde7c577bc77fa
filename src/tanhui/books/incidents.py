"""Incidents: a proof that does not hold is opened as one, and only a named person closes it.

Nothing is repaired here. One incident is open per proof, so a difference that stays is told once;
after it was closed while the difference is still there, the next proof opens another. Opening,
acknowledging and closing are acts and entries of the public log: which proof, by how much, never
whose account.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet

from tanhui.core.errors import Conflict, InputRefused, NotFound

from .acts import Act, record
from .incident_models import Incident
from .proofs import Proof

OPENED, CLOSED = "books.incident.opened", "books.incident.closed"
ACKNOWLEDGED = "books.incident.acknowledged"
PERSON_CHARS_MAX = 120
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


def acknowledge(number: int, *, person: str, reason: str, at: datetime, actor: str) -> Incident:
    """Somebody looks after it, under a name, with what is known so far; it stays open.

    Raises NotFound; Conflict `incident.closed`, `incident.acknowledged`; InputRefused without a
    name or a reason.
    """
    person, reason = _named(person, reason)
    with transaction.atomic():
        found = _still_open(number)
        if found.acknowledged_by_id is not None:
            raise Conflict(
                "incident.acknowledged",
                zh=f"事件 {number} 已由 {found.acknowledged_person} 确认处理。",
                en=f"Incident {number} was acknowledged before, by {found.acknowledged_person}.",
            )
        act = _act(ACKNOWLEDGED, found, person, reason, at=at, actor=actor)
        found.acknowledged_by_id, found.acknowledged_at = record(act).journal, at
        found.acknowledged_person, found.acknowledged_reason = person, reason
        found.save()
    return found


def close(number: int, *, person: str, reason: str, at: datetime, actor: str) -> Incident:
    """Close an incident under a person's name, with what was found and done.

    Raises NotFound; Conflict `incident.closed`; InputRefused without a name or a reason.
    """
    person, reason = _named(person, reason)
    with transaction.atomic():
        found = _still_open(number)
        act = _act(CLOSED, found, person, reason, at=at, actor=actor)
        found.closed_by_id, found.closed_at = record(act).journal, at
        found.person, found.reason = person, reason
        found.save()
    return found


def _named(person: str, reason: str) -> tuple[str, str]:
    """Both without spaces around them; raises InputRefused when one is missing."""
    person, reason = person.strip(), reason.strip()
    if not 0 < len(person) <= PERSON_CHARS_MAX or len(reason) < REASON_CHARS_MIN:
        raise InputRefused(
            "incident.reason",
            zh=f"确认或关闭事件须写明责任人（至多 {PERSON_CHARS_MAX} 字）和原因"
            f"（至少 {REASON_CHARS_MIN} 字）。",
            en="Acknowledging or closing an incident needs a person's name of at most "
            f"{PERSON_CHARS_MAX} characters and a reason of at least {REASON_CHARS_MIN}.",
        )
    return person, reason


def _still_open(number: int) -> Incident:
    """The incident, locked; raises NotFound, or Conflict when it was closed."""
    found = Incident.objects.select_for_update(no_key=True).filter(pk=number).first()
    if found is None:
        raise _unknown(number)
    if found.closed_by_id is not None:
        raise Conflict(
            "incident.closed",
            zh=f"事件 {number} 已由 {found.person} 关闭。",
            en=f"Incident {number} was closed before, by {found.person}.",
        )
    return found


def _act(
    verb: str, incident: Incident, person: str, reason: str, *, at: datetime, actor: str
) -> Act:
    return Act(
        verb=verb,
        actor=actor,
        at=at,
        key=f"incident/{incident.pk}/{verb.rpartition('.')[2]}",
        request={"person": person, "reason": reason},
        detail={"incident": incident.pk, "person": person, "reason": reason},
        public={"proof": incident.proof, "opened": str(incident.opened_by_id)},
    )


def find(number: int) -> Incident:
    """The incident with its acts; raises NotFound."""
    found = Incident.objects.filter(pk=number).first()
    if found is None:
        raise _unknown(number)
    return found


def search(*, state: str = "", q: str = "") -> QuerySet[Incident]:
    """Incidents, newest first: `open` ones that nobody looks after yet, `acknowledged` or `closed`
    ones; `q` is part of the proof, of what it found, or of who answered for it."""
    rows = everything()
    if state == "closed":
        rows = rows.filter(closed_by__isnull=False)
    elif state:
        rows = rows.filter(closed_by=None, acknowledged_by__isnull=state == "open")
    if q:
        names = ("proof", "proof_zh", "detail", "person", "acknowledged_person")
        fits = [Q(**{f"{name}__icontains": q}) for name in names]
        rows = rows.filter(reduce(or_, fits))
    return rows


def _unknown(number: int) -> NotFound:
    return NotFound(
        "incident.unknown",
        zh=f"没有编号为 {number} 的事件。",
        en=f"There is no incident {number}.",
    )


def now_open() -> QuerySet[Incident]:
    """Incidents that nobody has closed, oldest first."""
    return Incident.objects.filter(closed_by=None).order_by("id")


def everything() -> QuerySet[Incident]:
    """All incidents, newest first; slice it."""
    return Incident.objects.order_by("-id")
