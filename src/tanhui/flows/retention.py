"""What is kept no longer than the rule set says: the keys of what is nobody's in a partner's file.

PIPL article 19: the shortest time needed. Lines whose person could not be read, and files without
lines, stand under their batch's key; when the days of `privacy.nobody_days` are over, that key is
destroyed. Results, commitments and proofs stay as they are.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.books.models import Batch

from .destroying_keys import destroy_batch_key
from .platform import Platform

DESTROYED = "evidence.batch_keys.destroyed"
AT_ONCE_MAX = 1_000


def destroy_due_keys(platform: Platform, *, actor: str) -> list[int]:
    """Destroy the keys of batches past their days, as one act; returns the batches.

    At most AT_ONCE_MAX a night. The act comes first: what it names and a crash left is due again.
    """
    now = platform.clock()
    since = now - timedelta(days=platform.nobody_days)
    past = Batch.objects.filter(received_at__lt=since).order_by("seq")
    held = platform.people_keys.find(-seq for seq in past.values_list("seq", flat=True))
    due = sorted(-number for number in held)[:AT_ONCE_MAX]
    if not due:
        return []
    said = {"batches": [str(seq) for seq in due], "days": str(platform.nobody_days)}
    with transaction.atomic():
        record(
            Act(
                verb=DESTROYED,
                actor=actor,
                at=now,
                key=f"batch-keys/{now:%Y%m%dT%H%M%S.%fZ}",
                request=said,
                detail=said,
                rules=f"{platform.region}@{now.date()}",
                public=said,
            )
        )
    for seq in due:
        destroy_batch_key(platform, seq)
    return due
