"""Verbs of organisations: register, accredit, make a log-in, appoint, end an appointment."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.core.region import Region

from . import errors, queries
from .codes import checked_code
from .models import (
    KINDS,
    REGIONAL_ROLES,
    ROLES,
    VERIFIER_BODY,
    Accreditation,
    Appointment,
    Organisation,
)

OPERATOR = "cli"  # who acts when nobody else is named
NAME_CHARS_MAX = 120
DEPTH_MAX = 10
_LOG_IN = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}", re.ASCII)
_PASSWORD_BYTES = 15


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
    actor: str = OPERATOR,
    at: datetime,
) -> Accreditation:
    """Note what a verifier may verify, from one day up to and without another; '' is every field.

    The same words again give the first one. Raises InputRefused for a body that is no verifier,
    a text that cannot be shown, or days in the wrong order.
    """
    if organisation.kind != VERIFIER_BODY:
        raise errors.no_verifier(organisation.pk)
    for what_zh, what_en, text in (("证书编号", "number", number), ("发证机关", "issuer", issuer)):
        _check_name(what_zh, what_en, text)
    if valid_to <= valid_from:
        raise errors.accreditation_days()
    said = {
        "organisation": organisation.pk,
        "number": number,
        "issuer": issuer,
        "field": field,
        "valid_from": valid_from.isoformat(),
        "valid_to": valid_to.isoformat(),
    }
    with transaction.atomic():
        key = f"accreditation/{'/'.join(str(value) for value in said.values())}"
        record(
            Act(
                verb="organisations.accreditation.given",
                actor=actor,
                at=at,
                key=key,
                request=said,
                detail=said,
                public=said | {"organisation": str(organisation.pk), "name": organisation.name_zh},
            )
        )
        return Accreditation.objects.get_or_create(
            organisation=organisation,
            number=number,
            issuer=issuer,
            field=field,
            valid_from=valid_from,
            valid_to=valid_to,
        )[0]


def log_in(name: str, *, actor: str = OPERATOR, at: datetime) -> tuple[int, str]:
    """A new log-in and its password, which is told this once; raises Conflict for a known name."""
    if not _LOG_IN.fullmatch(name):
        raise errors.malformed("登录名", "log-in name", name)
    users = get_user_model()
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    with transaction.atomic():
        if users.objects.filter(username=name).exists():
            raise errors.log_in_taken(name)
        made = users.objects.create_user(name, password=password)
        said = {"user": made.pk}
        record(
            Act(
                verb="organisations.log_in.made",
                actor=actor,
                at=at,
                key=f"log-in/{made.pk}",
                request=said,
                detail=said,
            )
        )
    return made.pk, password


def appoint(
    user_id: int,
    role: str,
    *,
    region: str,
    organisation: Organisation | None = None,
    actor: str = OPERATOR,
    at: datetime,
) -> Appointment:
    """Give a log-in a role from now on; raises InputRefused for a role without its place."""
    if role not in ROLES or (role not in REGIONAL_ROLES and organisation is None):
        raise errors.malformed("角色", "role", role)
    with transaction.atomic():
        made, is_new = Appointment.objects.get_or_create(
            user_id=user_id,
            role=role,
            region=Region(region).code,
            organisation=organisation,
            until=None,
            defaults={"since": at},
        )
        if is_new:
            _record_appointment("made", made, actor=actor, at=at)
    return made


def end(appointment: Appointment, *, actor: str = OPERATOR, at: datetime) -> None:
    """End an appointment; what was done under it stays done."""
    with transaction.atomic():
        open_still = Appointment.objects.filter(pk=appointment.pk, until__isnull=True)
        if open_still.update(until=at):
            _record_appointment("ended", appointment, actor=actor, at=at)


def _record_appointment(what: str, given: Appointment, *, actor: str, at: datetime) -> None:
    said = {
        "appointment": given.pk,
        "user": given.user_id,
        "role": given.role,
        "region": given.region,
        "organisation": given.organisation_id,
    }
    record(
        Act(
            verb=f"organisations.appointment.{what}",
            actor=actor,
            at=at,
            key=f"appointment/{given.pk}/{what}",
            request=said,
            detail=said,
        )
    )


def _check(given: Registration) -> None:
    for what_zh, what_en, name in (
        ("名称", "name", given.name_zh),
        ("英文名称", "English name", given.name_en),
    ):
        _check_name(what_zh, what_en, name)
    if given.kind not in KINDS:
        raise errors.malformed("类型", "kind", given.kind)


def _check_name(what_zh: str, what_en: str, name: str) -> None:
    if not (0 < len(name.strip()) <= NAME_CHARS_MAX and name.isprintable()):
        raise errors.malformed(what_zh, what_en, name)
