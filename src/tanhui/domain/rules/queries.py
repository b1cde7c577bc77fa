"""Reads of changes of rules."""

from __future__ import annotations

from django.db.models import Max

from tanhui.engine.rule_changes import RuleChange

from .models import Change


def latest() -> int:
    """The number of the newest change, 0 while there is none; it grows with every change."""
    return Change.objects.aggregate(newest=Max("pk"))["newest"] or 0


def changes() -> list[RuleChange]:
    """Every approved change, oldest first."""
    return [
        RuleChange(
            region=row.region,
            key=row.key,
            value=row.value,
            source=row.source,
            source_url=row.source_url,
            tag=row.tag,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            product=row.product,
            change=row.matter,
        )
        for row in Change.objects.order_by("pk")
    ]
