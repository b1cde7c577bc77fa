"""Verbs of organisations: register, accredit, appoint, end an appointment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.core.region import Region

from . import errors, queries
from .codes import checked_code
from .models import (
    KINDS,
    REGIONAL_ROLES,
    ROLES,
    Accreditation,
    Appointment,
    Organisation,
)

NAME_CHARS_MAX = 120
DEPTH_MAX = 10


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What is written of a new organisation; `parent` is the number of the one above, or None."""

    name_zh: str
    name_en: str
    kind: str
    region: str
    code: str = ""
    parent: int | None = None
    is_demo: bool = False


def register(given: Registration, *, actor: str, at: datetime, key: str) -> Organisation:
    """Register an organisation; the same key with the same words gives the first one.

    Raises InputRefused for a malformed code, name, kind or region, Conflict for a taken code.
    """
    code = checked_code(given.code) if given.code else ""
    region = Region(given.region).code
    _check(given)
    said = {
        "name_zh": given.name_zh,
        "name_en": given.name_en,
        "kind": given.kind,
        "region": region,
        "code": code,
        "parent": given.parent,
        "is_demo": given.is_demo,
    }
    with transaction.atomic():
        act = Act(
            verb="organisations.organisation.registered",
            actor=actor,
            at=at,
            key=key,
            request=said,
            detail=said,
        )
        done = record(act)
        if not done.is_new:
            return queries.by_journal(done.journal)
        if code and Organisation.objects.filter(code=code).exists():
            raise errors.code_taken(code)
        parent = queries.get(given.parent) if given.parent is not None else None
        made = Organisation.objects.create(
            id=done.journal,
            code=code,
            name_zh=given.name_zh,
            name_en=given.name_en,
            kind=given.kind,
            region=region,
            parent=parent,
            is_demo=given.is_demo,
            created_at=at,
        )
        if len(queries.above(made)) > DEPTH_MAX:
            raise errors.parent_in_a_circle()
        return made


def accredit(
    organisation: Organisation,
    *,
    number: str,
    issuer: str,
    field: str = "",
    valid_from: date,
    valid_to: date,
) -> Accreditation:
    """Note what a verifier may verify, and until when."""
    return Accreditation.objects.create(
        organisation=organisation,
        number=number,
        issuer=issuer,
        field=field,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def appoint(
    user_id: int,
    role: str,
    *,
    region: str,
    organisation: Organisation | None = None,
    at: datetime,
) -> Appointment:
    """Give a log-in a role from now on; raises InputRefused for a role without its place."""
    if role not in ROLES or (role not in REGIONAL_ROLES and organisation is None):
        raise errors.malformed("角色", "role", role)
    return Appointment.objects.get_or_create(
        user_id=user_id,
        role=role,
        region=Region(region).code,
        organisation=organisation,
        until=None,
        defaults={"since": at},
    )[0]


def end(appointment: Appointment, *, at: datetime) -> None:
    """End an appointment; what was done under it stays done."""
    Appointment.objects.filter(pk=appointment.pk, until__isnull=True).update(until=at)


def _check(given: Registration) -> None:
    for what_zh, what_en, name in (
        ("名称", "name", given.name_zh),
        ("英文名称", "English name", given.name_en),
    ):
        if not (0 < len(name.strip()) <= NAME_CHARS_MAX and name.isprintable()):
            raise errors.malformed(what_zh, what_en, name)
    if given.kind not in KINDS:
        raise errors.malformed("类型", "kind", given.kind)
