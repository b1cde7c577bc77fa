"""Verbs of pools, in the caller's transaction and under its act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from . import errors
from .models import Pool, PoolIssue, RideFile, Settled, Slice


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a pool gathers: city, scene, partner and months (`2024-10`), and whose the units are."""

    region: str
    scene: str
    partner_id: int
    owner: int
    first_month: str
    last_month: str

    @property
    def chain(self) -> str:
        """Pools of one chain follow each other."""
        return f"{self.region}/{self.scene}/{self.partner_id}/{self.owner}"


@dataclass(frozen=True)
class Piece:
    """What one batch credited in one month of the scope: its rows and mg."""

    batch: int
    month: str
    rows: int
    mg: int


@dataclass(frozen=True)
class Debt:
    """A row that was taken back: how much of it stood in units, how much was carried."""

    batch: int
    row: int
    used: int
    carried: int


def gather(number: str, scope: Scope, pieces: Sequence[Piece], *, journal: int) -> Pool:
    """Write a pool with its slices; raises InputRefused for none, Conflict for a taken one.

    The database refuses a slice that another transaction took meanwhile.
    """
    if not pieces:
        raise errors.nothing_to_gather()
    pool = Pool.objects.create(
        matter=number,
        region=scope.region,
        scene=scope.scene,
        partner_id=scope.partner_id,
        owner=scope.owner,
        first_month=scope.first_month,
        last_month=scope.last_month,
        chain=scope.chain,
        journal_id=journal,
    )
    rows = [
        Slice(
            pool=pool,
            batch=piece.batch,
            region=scope.region,
            scene=scope.scene,
            month=piece.month,
            rows=piece.rows,
            mg=piece.mg,
        )
        for piece in sorted(pieces, key=lambda piece: (piece.batch, piece.month))
    ]
    try:
        with transaction.atomic():
            Slice.objects.bulk_create(rows, batch_size=2_000)
    except IntegrityError:
        raise errors.slice_taken(taken(scope, pieces)) from None
    return pool


def taken(scope: Scope, pieces: Sequence[Piece]) -> list[str]:
    """Those of the pieces that stand in a pool now, as `batch:month`."""
    standing = Slice.objects.filter(
        region=scope.region,
        scene=scope.scene,
        batch__in={piece.batch for piece in pieces},
        released_by__isnull=True,
    )
    mine = {(piece.batch, piece.month) for piece in pieces}
    found = standing.order_by("batch", "month").values_list("batch", "month")
    return [f"{batch}:{month}" for batch, month in found if (batch, month) in mine]


def note_rides(pool: Pool, *, journal: int, **file: Any) -> RideFile:
    """Name a file of ride digests: file, sha256, rides, unread."""
    return RideFile.objects.create(pool=pool, journal_id=journal, **file)


def release(pool: Pool, *, journal: int) -> int:
    """Let a pool's slices go, before anything was issued; returns how many."""
    assert not hasattr(pool, "issue"), "what was issued stays in its pool"
    Pool.objects.filter(pk=pool.pk).update(released_by=journal)
    return pool.slices.filter(released_by__isnull=True).update(released_by=journal)


def write_issue(pool: Pool, settled: Sequence[Debt], **figures: Any) -> PoolIssue:
    """Write what was issued; the database checks that nothing was lost."""
    turn = PoolIssue.objects.filter(chain=pool.chain).count() + 1
    issue = PoolIssue.objects.create(pool=pool, chain=pool.chain, turn=turn, **figures)
    Settled.objects.bulk_create(
        [
            Settled(issue=issue, batch=one.batch, row=one.row, used=one.used, carried=one.carried)
            for one in settled
        ],
        batch_size=2_000,
    )
    return issue
