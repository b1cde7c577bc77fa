"""Reads of matters."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from tanhui.core.region import Region

from . import errors
from .models import Assignment, Comment, Matter, Notice, Step


def get(number: str) -> Matter:
    """The matter with this number; raises NotFound."""
    found = Matter.objects.filter(number=number).first()
    if found is None:
        raise errors.matter_unknown(number)
    return found


def step_of(journal: int) -> Step:
    """The step that an act wrote."""
    return Step.objects.select_related("matter").get(journal_id=journal)


def proposal(matter: Matter, verb: str) -> Step | None:
    """The proposal of a step that still waits: made since the matter last changed its state."""
    last = Step.objects.filter(matter=matter).order_by("-id").first()
    is_waiting = last is not None and last.is_proposal and last.verb == verb
    return last if is_waiting else None


def open_notice(matter: Matter, *, today: date) -> Notice | None:
    """A notice of the matter that has not ended."""
    return Notice.objects.filter(matter=matter, last_day__gte=today).order_by("-last_day").first()


def open_objections(matter: Matter) -> int:
    """Objections to the matter's notices that nobody answered."""
    return Comment.objects.filter(
        notice__matter=matter, is_objection=True, replied_at__isnull=True
    ).count()


def comment(number: int) -> Comment:
    """What somebody said to a notice; raises NotFound."""
    found = Comment.objects.select_related("notice__matter").filter(pk=number).first()
    if found is None:
        raise errors.comment_unknown(number)
    return found


def document_kinds(matter: Matter) -> set[str]:
    """The kinds of documents handed in."""
    return set(matter.documents.values_list("kind", flat=True))


def is_assigned(matter: Matter, role: str, *, user: int, organisation: int | None) -> bool:
    """Whether a log-in or its organisation acts in a role for the matter or for the one above."""
    either = Q(user=user)
    if organisation is not None:
        either |= Q(organisation=organisation)
    above = [matter.pk] if matter.parent_id is None else [matter.pk, matter.parent_id]
    found = Assignment.objects.filter(either, matter__in=above, role=role, ended_at__isnull=True)
    return found.exists()


def assigned(role: str, *, user: int, organisation: int | None) -> list[int]:
    """The matters in which a log-in or its organisation acts in a role."""
    either = Q(user=user)
    if organisation is not None:
        either |= Q(organisation=organisation)
    rows = Assignment.objects.filter(either, role=role, ended_at__isnull=True)
    return list(rows.values_list("matter", flat=True))


def search(
    *,
    kind: str = "",
    state: str = "",
    region: str = "",
    q: str = "",
    organisation: int | None = None,
) -> QuerySet[Matter]:
    """Matters, newest first, by kind, state, region with all below, owner, words of the title."""
    found = Matter.objects.order_by("-id")
    if kind:
        found = found.filter(kind=kind)
    if state:
        found = found.filter(state=state)
    if region:
        found = found.filter(region__startswith=Region(region).prefix)
    if q:
        found = found.filter(Q(number__icontains=q) | Q(title__icontains=q))
    if organisation is not None:
        found = found.filter(organisation=organisation)
    return found
