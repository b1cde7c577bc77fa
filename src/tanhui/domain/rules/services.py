"""Verbs of changes of rules; each runs in the caller's transaction, under an act of the journal."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from tanhui.engine.rule_changes import RuleChange

from .models import Change

_ENACTING = 0x7461_6E68_0006  # advisory lock: one change is looked over and written after another


def alone() -> None:
    """Let nobody else approve a change until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ENACTING])


def enact(change: RuleChange, *, at: datetime, journal: int) -> Change:
    """Write an approved change, for good."""
    return Change.objects.create(
        region=change.region,
        key=change.key,
        product=change.product,
        valid_from=change.valid_from,
        valid_to=change.valid_to,
        value=change.value,
        source=change.source,
        source_url=change.source_url,
        tag=change.tag,
        matter=change.change,
        journal_id=journal,
        at=at,
    )
