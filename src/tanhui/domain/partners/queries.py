"""Reads of partners."""

from __future__ import annotations

from django.db.models import QuerySet

from . import errors
from .models import Partner, PartnerKey


def get(code: str) -> Partner:
    """The partner with this code; raises NotFound."""
    partner = Partner.objects.filter(code=code).first() if code.isprintable() else None
    if partner is None:
        raise errors.partner_unknown(code)
    return partner


def by_id(partner_id: int) -> Partner:
    """The partner with this number; raises NotFound."""
    partner = Partner.objects.filter(id=partner_id).first()
    if partner is None:
        raise errors.partner_unknown(str(partner_id))
    return partner


def everyone() -> QuerySet[Partner]:
    """All partners by code."""
    return Partner.objects.order_by("code")


def active_key(key_id: str) -> PartnerKey:
    """A key that may sign now, with its partner; raises Denied."""
    key = (
        PartnerKey.objects.select_related("partner").filter(key_id=key_id, revoked_at=None).first()
    )
    if key is None:
        raise errors.key_unknown(key_id)
    return key


def partner_of_user(user_id: int) -> Partner | None:
    """The partner a log-in belongs to."""
    return Partner.objects.filter(members__user_id=user_id).first()


def any_demo(partners: set[int]) -> bool:
    """Whether one of these partners is made up."""
    return Partner.objects.filter(id__in=partners, is_demo=True).exists()
