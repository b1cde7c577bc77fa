"""Who may come in with one tap: log-ins of the demo, and of nothing else.

Citizens and members of the demo see their own data alone, so they are always let in. Officials act
for a whole region; they are let in only while nothing real is at work here: no organisation, and
no partner that can come in by itself.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from tanhui.domain.organisations.models import Appointment, Organisation
from tanhui.domain.partners import queries as partners
from tanhui.engine.section import Text
from tanhui.flows.registry.reading import ROLE_NAMES

LOG_INS_SHOWN_MAX = 12


def demo_users() -> QuerySet[Any]:
    """The log-ins that may come in with one tap, by name."""
    demo = Q(citizen_login__is_demo=True) | Q(partner_member__partner__is_demo=True)
    if not _is_in_earnest():
        demo |= Q(pk__in=_appointments(is_demo=True).values("user"))
    real = (
        Q(citizen_login__is_demo=False)
        | Q(partner_member__partner__is_demo=False)
        | Q(pk__in=_appointments(is_demo=False).values("user"))
    )
    plain = {"is_active": True, "is_staff": False, "is_superuser": False}
    return get_user_model().objects.filter(demo, **plain).exclude(real).order_by("username")


def officials() -> list[dict[str, Any]]:
    """The officials among them: {username, role, organisation}, as they were appointed."""
    rows = _appointments(is_demo=True).filter(user__in=demo_users())
    found: dict[str, dict[str, Any]] = {}
    for one in rows.select_related("user", "organisation").order_by("pk"):
        assert one.organisation is not None, "asked for those of the demo"
        name = one.user.get_username()
        role = ROLE_NAMES.get(one.role, Text(one.role, one.role))
        shown = {
            "username": name,
            "role": {"zh": role.zh, "en": role.en},
            "organisation": {"zh": one.organisation.name_zh, "en": one.organisation.name_en},
        }
        found.setdefault(name, shown)
    return list(found.values())[:LOG_INS_SHOWN_MAX]


def _appointments(*, is_demo: bool) -> QuerySet[Appointment]:
    """What is in force for organisations of the demo, or for anything else."""
    rows = Appointment.objects.filter(until__isnull=True)
    made_up = {"organisation__is_demo": True}
    return rows.filter(**made_up) if is_demo else rows.exclude(**made_up)


def _is_in_earnest() -> bool:
    comes_in = Q(keys__isnull=False) | Q(members__isnull=False)
    return (
        partners.everyone().filter(comes_in, is_demo=False).exists()
        or Organisation.objects.filter(is_demo=False).exists()
    )
