"""Reads of organisations, their trees, their accreditations, and who acts in which role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from tanhui.core.region import Region

from . import errors
from .models import Accreditation, Appointment, Organisation


def get(number: int) -> Organisation:
    """The organisation with this number; raises NotFound."""
    found = Organisation.objects.filter(pk=number).first()
    if found is None:
        raise errors.organisation_unknown(number)
    return found


def by_journal(journal: int) -> Organisation:
    """The organisation that an act registered: it carries the act's number."""
    return get(journal)


def above(organisation: Organisation) -> list[Organisation]:
    """The organisation and those above it, nearest first; stops at a circle."""
    found = [organisation]
    while (parent := found[-1].parent) is not None and parent not in found:
        found.append(parent)
    return found


def tree(number: int) -> list[Organisation]:
    """The organisation and all below it, level by level."""
    found = [get(number)]
    level: Sequence[Organisation] = found
    while level := list(Organisation.objects.filter(parent__in=level).order_by("pk")):
        found += level
    return found


def search(*, q: str = "", kind: str = "", region: str = "") -> QuerySet[Organisation]:
    """Organisations by part of a name or code, kind, and region with all below."""
    found = Organisation.objects.order_by("pk")
    if q:
        found = found.filter(
            Q(name_zh__icontains=q) | Q(name_en__icontains=q) | Q(code__startswith=q.upper())
        )
    if kind:
        found = found.filter(kind=kind)
    if region:
        found = found.filter(region__startswith=Region(region).prefix)
    return found


def appointments(user_id: int, *, at: datetime) -> list[Appointment]:
    """What a log-in may act as at a moment."""
    rows = Appointment.objects.filter(user_id=user_id, since__lte=at).select_related("organisation")
    return list(rows.filter(Q(until__isnull=True) | Q(until__gt=at)).order_by("pk"))


def accreditation(organisation: int, *, field: str, on: date) -> Accreditation | None:
    """The accreditation under which a verifier may verify a field that day, or None."""
    rows = Accreditation.objects.filter(
        organisation_id=organisation, valid_from__lte=on, valid_to__gt=on
    )
    return rows.filter(field__in=("", field)).order_by("pk").first()


def log_in(name: str) -> int:
    """The number of a log-in; raises NotFound."""
    found = get_user_model().objects.filter(username=name).first()
    if found is None:
        raise errors.log_in_unknown(name)
    return int(found.pk)


def appointment(number: int) -> Appointment:
    """The appointment with this number; raises NotFound."""
    found = Appointment.objects.filter(pk=number).first()
    if found is None:
        raise errors.appointment_unknown(number)
    return found


def appointed_to(organisation: Organisation, *, at: datetime) -> list[Appointment]:
    """Who acts for an organisation at a moment."""
    rows = Appointment.objects.filter(organisation=organisation).select_related("user")
    return list(rows.exclude(until__lte=at).order_by("pk"))
