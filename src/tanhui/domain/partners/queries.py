"""Reads of partners."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet

from tanhui.books.one_row import one_row

from . import errors
from .models import Partner, PartnerKey

KEY_COLUMNS = ("id", "partner_id", "key_id", "algorithm", "public_key", "created_at", "revoked_at")
PARTNER_COLUMNS = (
    *("id", "code", "name_zh", "name_en", "is_demo", "created_at"),
    *("consent_basis", "consent_contract"),
)
KEPT_MAX = 10_000
_kept: dict[str, PartnerKey] = {}
_ACTIVE_KEY = """
SELECT k.id, k.partner_id, k.key_id, k.algorithm, k.public_key, k.created_at, k.revoked_at,
    p.id, p.code, p.name_zh, p.name_en, p.is_demo, p.created_at, p.consent_basis, p.consent_contract
FROM partners_partnerkey k JOIN partners_partner p ON p.id = k.partner_id
WHERE k.key_id = %s AND k.revoked_at IS NULL
"""


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
    """A key that may sign now, with its partner; raises Denied.

    Looked up for every signed request, so a revocation counts from the next one on.
    """
    row = one_row(_ACTIVE_KEY, [key_id])
    if row is None:
        raise errors.key_unknown(key_id)
    key = PartnerKey.from_db(DEFAULT_DB_ALIAS, KEY_COLUMNS, row[: len(KEY_COLUMNS)])
    key.partner = Partner.from_db(DEFAULT_DB_ALIAS, PARTNER_COLUMNS, row[len(KEY_COLUMNS) :])
    return key


def kept_key(key_id: str) -> PartnerKey:
    """As `active_key`, but as this process saw it last: only for an act whose own statement
    refuses a key that may no longer sign."""
    key = _kept.get(key_id)
    if key is None:
        if len(_kept) >= KEPT_MAX:
            _kept.clear()
        key = _kept[key_id] = active_key(key_id)
    return key


def seen_anew(key: PartnerKey) -> None:
    """Look again at a kept key after a statement found nothing to do; raises Denied when revoked,
    or not what it was (another database was restored)."""
    _kept.pop(key.key_id, None)
    found = active_key(key.key_id)
    if (found.partner_id, found.public_key) != (key.partner_id, key.public_key):
        raise errors.key_unknown(key.key_id)


def partner_of_user(user_id: int) -> Partner | None:
    """The partner a log-in belongs to."""
    return Partner.objects.filter(members__user_id=user_id).first()


def any_demo(partners: set[int]) -> bool:
    """Whether one of these partners is made up."""
    return Partner.objects.filter(id__in=partners, is_demo=True).exists()
