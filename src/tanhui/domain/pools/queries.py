"""Reads of pools."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Sum

from tanhui.books.models import Issue

from . import errors
from .models import Pool, PoolIssue, RideFile, Slice


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


def ride_files() -> list[RideFile]:
    """The last file of rides of each pool that was not let go."""
    rows = RideFile.objects.filter(pool__released_by__isnull=True).select_related("pool")
    return list(rows.order_by("pool", "-pk").distinct("pool"))


def ride_file(number: str) -> RideFile | None:
    """The last file of rides of a pool."""
    return RideFile.objects.filter(pool__matter=number).order_by("-pk").first()


def totals() -> tuple[int, int]:
    """The mg of all units that pools issued, and what chains owe at their end."""
    units = PoolIssue.objects.aggregate(mg=Sum(F("units") * F("unit_mg")))["mg"]
    last = {row.chain: row.owed for row in PoolIssue.objects.order_by("turn")}
    return int(units or 0), sum(last.values())


def issue_of_serial(serial: int) -> PoolIssue | None:
    """The issue that brought a unit into being, if a pool's."""
    acts = Issue.objects.filter(serials__contains=serial).values_list("journal_id", flat=True)
    return issue_of_journal(acts[0]) if acts else None


def batches_of(journal: int) -> list[int]:
    """The batches whose reductions stand in the units that an act issued."""
    issue = issue_of_journal(journal)
    return [] if issue is None else sorted({one.batch for one in slices_of(issue.pool)})


def issuing_acts(batch: int) -> list[int]:
    """The acts that issued units from a batch's reductions."""
    rows = PoolIssue.objects.filter(
        pool__slices__batch=batch, pool__slices__released_by__isnull=True
    )
    return sorted(set(rows.values_list("journal_id", flat=True)))


def pooled(batches: Iterable[int]) -> set[int]:
    """Those of the batches of which a slice stands in a pool now."""
    rows = Slice.objects.filter(batch__in=list(batches), released_by__isnull=True)
    return set(rows.values_list("batch", flat=True))
