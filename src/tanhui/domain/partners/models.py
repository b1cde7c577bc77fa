"""Tables of partners: who may report, with which key, and who of them may look."""

from __future__ import annotations

from django.conf import settings
from django.db import models

ED25519 = "ed25519"
CONTRACT, RECEIPT = "contract", "receipt"
CONSENT_BASES = (CONTRACT, RECEIPT)
"""The partner attests in its contract that its users agreed, or each one's receipt must be here."""


class Partner(models.Model):
    """A platform that reports records of its users."""

    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    consent_basis = models.CharField(max_length=16, default=CONTRACT, db_default=CONTRACT)
    consent_contract = models.CharField(max_length=200, default="", db_default="", blank=True)

    def __str__(self) -> str:
        return self.code


class PartnerKey(models.Model):
    """A public key that signs uploads; a revoked key stays, so old signatures keep their owner."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=80, unique=True)
    algorithm = models.CharField(max_length=16, default=ED25519)
    public_key = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key_id


class PartnerMember(models.Model):
    """A log-in that may see one partner's batches."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="partner_member"
    )
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="members")
