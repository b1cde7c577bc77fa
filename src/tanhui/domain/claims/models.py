"""Tables of claims: a digest is claimed once, whatever runs at once, until it is withdrawn."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Claim(models.Model):
    """One digest of something that may be counted once.

    `scheme` says by whom (our programme, `ccer`, another register); `holder` is the matter or the
    peer's own reference, `peer_id` the partner that registered it, None for us.
    """

    digest = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=16)
    scheme = models.CharField(max_length=40)
    holder = models.CharField(max_length=80)
    peer_id = models.BigIntegerField(null=True)
    journal_id = models.BigIntegerField()
    withdrawn_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest"],
                condition=Q(withdrawn_by__isnull=True),
                name="claims_claim_once",
            )
        ]
        indexes = [models.Index(fields=["peer_id", "holder"], name="claims_claim_holder")]


class Asked(models.Model):
    """How many digests a peer asked for on one day."""

    pk = models.CompositePrimaryKey("peer_id", "day")
    peer_id = models.BigIntegerField()
    day = models.DateField()
    digests = models.BigIntegerField()
