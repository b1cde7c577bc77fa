"""The table of approved changes of rules: only ever added to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Change(models.Model):
    """One rule of a region, for one product or all (`product` empty), in its days.

    `value` is the text that a rule file would have; `valid_to` no longer belongs. `journal_id` is
    the act of the approval, `matter` the number under which it was proposed.
    """

    region = models.CharField(max_length=6)
    key = models.CharField(max_length=60)
    product = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    value = models.CharField(max_length=2_000)
    source = models.CharField(max_length=2_000)
    source_url = models.CharField(max_length=2_000, blank=True)
    tag = models.CharField(max_length=16)
    matter = models.CharField(max_length=40, unique=True)
    journal_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rules_change_days",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
            )
        ]
        indexes = [models.Index(fields=["region", "key"], name="rules_change_rule")]

    def __str__(self) -> str:
        return f"{self.region} {self.key} {self.valid_from}"
