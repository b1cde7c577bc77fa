"""Table of viewings; the row is written before the data is shown (PIPL articles 51 and 54)."""

from __future__ import annotations

from django.db import models

OPERATOR, PARTNER = "operator", "partner"


class Viewing(models.Model):
    """Somebody looked at something of a person; `what` is account, records, explanation or rows."""

    person = models.BigIntegerField()
    at = models.DateTimeField()
    viewer = models.CharField(max_length=16)
    partner_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=80)
    what = models.CharField(max_length=32)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-id"], name="viewings_person")]
