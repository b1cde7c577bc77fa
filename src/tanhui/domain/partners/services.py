"""Verbs of partners: register, add and revoke keys, join members, verify signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import IntegrityError, transaction

from tanhui.books.acts import Act, record
from tanhui.core.clock import Clock, system_clock

from . import errors, queries
from .models import CONSENT_BASES, CONTRACT, ED25519, Partner, PartnerKey, PartnerMember

OPERATOR = "cli"  # who acts when nobody else is named
CODE_CHARS_MAX = 40
NAME_CHARS_MAX = 120
KEY_ID_CHARS_MAX = 80
CONTRACT_CHARS_MAX = 200
_CODE = re.compile(rf"[a-z0-9][a-z0-9-]{{1,{CODE_CHARS_MAX - 1}}}")
_KEY_ID = re.compile(rf"[!#-\[\]-~]{{1,{KEY_ID_CHARS_MAX}}}")  # stands in quotes in a header
_KEY_BYTES = 32


def register(
    code: str,
    *,
    name_zh: str,
    name_en: str,
    is_demo: bool = False,
    actor: str = OPERATOR,
    clock: Clock = system_clock,
) -> Partner:
    """The partner with this code, made when new; the same code with other names is refused."""
    if not _CODE.fullmatch(code):
        raise errors.code_malformed(code)
    for name in (name_zh, name_en):
        if not (0 < len(name) <= NAME_CHARS_MAX and name.isprintable() and name.strip()):
            raise errors.name_malformed(name, NAME_CHARS_MAX)
    at = clock()
    said = {"name_zh": name_zh, "name_en": name_en, "is_demo": is_demo}
    with transaction.atomic():
        partner, is_new = Partner.objects.get_or_create(
            code=code, defaults=said | {"created_at": at}
        )
        if is_new:
            _record("registered", f"partner/{code}", {"partner": code} | said, actor=actor, at=at)
    if (partner.name_zh, partner.name_en, partner.is_demo) != (name_zh, name_en, is_demo):
        raise errors.partner_exists(code)
    return partner


def add_key(
    partner: Partner,
    *,
    key_id: str,
    public_key: bytes,
    actor: str = OPERATOR,
    clock: Clock = system_clock,
) -> PartnerKey:
    """Let the partner sign with this Ed25519 public key (32 raw bytes)."""
    if not _KEY_ID.fullmatch(key_id):
        raise errors.key_id_malformed(key_id, KEY_ID_CHARS_MAX)
    if len(public_key) != _KEY_BYTES:
        raise errors.key_malformed(len(public_key))
    at = clock()
    said = {"partner": partner.code, "key_id": key_id, "public_key": public_key.hex()}
    try:
        with transaction.atomic():
            made = PartnerKey.objects.create(
                partner=partner,
                key_id=key_id,
                algorithm=ED25519,
                public_key=public_key,
                created_at=at,
            )
            _record("key_added", f"partner/key/{key_id}", said, actor=actor, at=at)
            return made
    except IntegrityError:
        known = PartnerKey.objects.get(key_id=key_id)
        same = known.partner_id == partner.pk and bytes(known.public_key) == public_key
        if same and known.revoked_at is None:
            return known
        raise errors.key_exists(key_id) from None


def revoke_key(key_id: str, *, actor: str = OPERATOR, clock: Clock = system_clock) -> None:
    """Stop a key from now on; revoking twice keeps the first moment."""
    known = PartnerKey.objects.filter(key_id=key_id).select_related("partner").first()
    if known is None:
        raise errors.key_unknown(key_id)
    at = clock()
    with transaction.atomic():
        if PartnerKey.objects.filter(key_id=key_id, revoked_at=None).update(revoked_at=at):
            said = {"partner": known.partner.code, "key_id": key_id}
            _record("key_revoked", f"partner/key/{key_id}/revoked", said, actor=actor, at=at)


def _record(what: str, key: str, said: Mapping[str, object], *, actor: str, at: datetime) -> None:
    """The fact of a partner, an organisation: all of it is public."""
    record(
        Act(
            verb=f"partners.partner.{what}",
            actor=actor,
            at=at,
            key=key,
            request=said,
            detail=said,
            public=said,
        )
    )


def join(user_id: int, partner: Partner) -> PartnerMember:
    """Let a user see the partner's batches."""
    member, _ = PartnerMember.objects.update_or_create(
        user_id=user_id, defaults={"partner": partner}
    )
    return member


def rest_consent_on(
    partner: Partner, basis: str, *, contract: str = "", actor: str, clock: Clock = system_clock
) -> Partner:
    """From the next batch on, count by `contract` (which one attests it) or by receipts alone.

    Raises InputRefused for another basis, or a contract without its name.
    """
    contract = contract.strip()
    is_named = 0 < len(contract) <= CONTRACT_CHARS_MAX and contract.isprintable()
    if basis not in CONSENT_BASES or is_named != (basis == CONTRACT):
        raise errors.consent_basis_malformed(basis, CONTRACT_CHARS_MAX)
    with transaction.atomic():
        said = {"partner": partner.code, "basis": basis, "contract": contract}
        at = clock()
        record(
            Act(
                verb="partners.consent_basis.set",
                actor=actor,
                at=at,
                key=f"partner/{partner.code}/consent/{at.isoformat()}",
                request=said,
                detail=said,
            )
        )
        partner.consent_basis, partner.consent_contract = basis, contract
        partner.save(update_fields=["consent_basis", "consent_contract"])
    return partner


def verify(key_id: str, *, signature: bytes, message: bytes) -> Partner:
    """The partner whose valid key signed `message`; raises Denied for anything else."""
    key = queries.active_key(key_id)
    try:
        Ed25519PublicKey.from_public_bytes(bytes(key.public_key)).verify(signature, message)
    except InvalidSignature:
        raise errors.signature_wrong(key_id) from None
    return key.partner
