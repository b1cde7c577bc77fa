"""Table of rows that wait: an entry tap whose exit comes in a later file."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class WaitingRow(models.Model):
    """Row `row` of batch `batch_seq`; `consumed_by` is the batch that found its other half.

    `key` is a keyed digest, never a plain hash of a card number. What the row says is `sealed`
    under the key of its person. All three are blank once the row is consumed.

    Partner and batch are named by number: rooms never import each other.
    """

    pk = models.CompositePrimaryKey("batch_seq", "row")
    batch_seq = models.BigIntegerField()
    row = models.BigIntegerField()
    partner_id = models.BigIntegerField()
    feed = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    person = models.BigIntegerField()
    sealed = models.BinaryField()
    consumed_by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["partner_id", "feed", "key"],
                condition=Q(consumed_by__isnull=True),
                name="feeds_waiting_key",
            ),
            models.Index(fields=["person"], name="feeds_waiting_person"),
        ]
