"""Table of consent receipts: each a fact of its own, none ever changed (PIPL articles 13 to 15).

People and partners are named by number: rooms never import each other.
"""

from __future__ import annotations

from django.db import models

ACCOUNT = "account"
"""The purpose of intake: counting reductions for the person's carbon account."""
ISSUING = "issuing"
"""The purpose of pools: the person's reductions may go into units that are traded and retired."""
PURPOSES = (ACCOUNT, ISSUING)


class ConsentReceipt(models.Model):
    """A person said yes or no, for one scene or every one ('') and one partner or every one (None).

    `text_version` and `text_sha256` say which words were shown; `via` who brought the answer.
    """

    person = models.BigIntegerField()
    scene = models.CharField(max_length=64, blank=True)
    partner_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=32)
    given = models.BooleanField()
    text_version = models.CharField(max_length=32)
    text_sha256 = models.CharField(max_length=64)
    via = models.CharField(max_length=40)
    at = models.DateTimeField()
    journal_id = models.BigIntegerField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["person", "purpose"], name="consents_person")]
