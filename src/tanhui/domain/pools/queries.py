"""Reads of pools."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Sum

from . import errors
from .models import Pool, PoolIssue, Slice


def get(number: str) -> Pool:
    """The pool of the matter with this number; raises NotFound."""
    found = Pool.objects.filter(matter=number).first()
    if found is None:
        raise errors.pool_unknown(number)
    return found


def slices_of(pool: Pool) -> list[Slice]:
    """The slices that stand in a pool, by batch and month."""
    return list(pool.slices.filter(released_by__isnull=True).order_by("batch", "month"))


def issues_of(chain: str) -> list[PoolIssue]:
    """The issues of a chain in their order."""
    rows = PoolIssue.objects.filter(chain=chain).select_related("pool")
    return list(rows.order_by("turn"))


def issue_of_journal(journal: int) -> PoolIssue | None:
    """The issue that an act made, if a pool's."""
    return PoolIssue.objects.filter(journal_id=journal).select_related("pool").first()


def issues_with(batches: Iterable[int]) -> list[PoolIssue]:
    """The issues in whose pools some of these batches have a slice, and those that follow them."""
    found = PoolIssue.objects.filter(
        pool__slices__batch__in=list(batches), pool__slices__released_by__isnull=True
    )
    chains = dict(found.order_by("-turn").values_list("chain", "turn"))
    rows = PoolIssue.objects.filter(chain__in=list(chains)).select_related("pool")
    return [row for row in rows.order_by("chain", "turn") if row.turn >= chains[row.chain]]


def totals() -> tuple[int, int]:
    """The mg of all units that pools issued, and what chains owe at their end."""
    units = PoolIssue.objects.aggregate(mg=Sum(F("units") * F("unit_mg")))["mg"]
    last = {row.chain: row.owed for row in PoolIssue.objects.order_by("turn")}
    return int(units or 0), sum(last.values())
