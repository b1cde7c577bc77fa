"""Tables of organisations: who they are, what they are accredited for, who acts for them.

An appointment gives one log-in one role: an authority's over its region and all below, any other
for its organisation alone. It ends by a date and is never changed.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

ENTERPRISE, VILLAGE, GOVERNMENT = "enterprise", "village", "government"
PLATFORM, FUND, VERIFIER_BODY = "platform", "fund", "verifier"
EXCHANGE, BANK, COURT, CHARITY = "exchange", "bank", "court", "charity"
KINDS = (
    *(ENTERPRISE, VILLAGE, GOVERNMENT, PLATFORM, FUND, VERIFIER_BODY),
    *(EXCHANGE, BANK, COURT, CHARITY),
)

OPERATOR, AUTHORITY, EXPERT = "operator", "authority", "expert"
OWNER, VERIFIER, CASE_AUTHORITY = "owner", "verifier", "case_authority"
REGIONAL_ROLES = frozenset({OPERATOR, AUTHORITY, EXPERT, CASE_AUTHORITY})
ROLES = (OPERATOR, AUTHORITY, EXPERT, OWNER, VERIFIER, CASE_AUTHORITY)
"""`owner` acts for an organisation's own projects, units and uses; `case_authority` is who handles
a damage case: an environment bureau, a procuratorate or a court."""


class Organisation(models.Model):
    """A body that holds units or takes part; `code` is its unified social credit code, or ''."""

    code = models.CharField(max_length=18, blank=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)
    region = models.CharField(max_length=6)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organisations_kind", condition=Q(kind__in=KINDS) & ~Q(parent=F("id"))
            ),
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code=""), name="organisations_code_once"
            ),
        ]
        indexes = [models.Index(fields=["region", "kind"], name="organisations_place")]

    def __str__(self) -> str:
        return self.name_zh


class Accreditation(models.Model):
    """What a verifier may verify, from one day up to and without another; '' is every field."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="accreditations")
    field = models.CharField(max_length=64, blank=True)
    number = models.CharField(max_length=80)
    issuer = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organisations_accreditation_days",
                condition=Q(valid_to__gt=F("valid_from")),
            )
        ]


class Appointment(models.Model):
    """One log-in in one role, for a region and all below or for one organisation."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=16)
    region = models.CharField(max_length=6)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="appointments"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organisations_appointment_place",
                condition=Q(role__in=sorted(REGIONAL_ROLES)) | Q(organisation__isnull=False),
            )
        ]
