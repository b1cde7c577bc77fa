"""Verbs of claims, in the caller's transaction and under its act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, connection, transaction

from . import errors, queries
from .models import Claim

DIGESTS_MAX = 10_000
ASKED_PER_DAY_MAX = 200_000

_COUNT = """
INSERT INTO claims_asked (peer_id, day, digests) VALUES (%s, %s, %s)
ON CONFLICT (peer_id, day) DO UPDATE SET digests = claims_asked.digests + excluded.digests
RETURNING digests
"""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who claims: the scheme, its matter or reference, and the peer that says so (None is us)."""

    scheme: str
    reference: str
    peer_id: int | None = None


def claim(holder: Holder, kind: str, digests: Sequence[bytes], *, journal: int) -> int:
    """Claim all of these stored digests, or raise Conflict and claim none; returns how many."""
    if not 0 < len(digests) <= DIGESTS_MAX or len(set(digests)) < len(digests):
        raise errors.malformed(
            f"申领应为 1 至 {DIGESTS_MAX} 项，各一次",
            f"claim 1 to {DIGESTS_MAX} digests, each once",
        )
    rows = [
        Claim(
            digest=digest,
            kind=kind,
            scheme=holder.scheme,
            holder=holder.reference,
            peer_id=holder.peer_id,
            journal_id=journal,
        )
        for digest in sorted(digests)  # in one order, so that two never wait for each other
    ]
    try:
        with transaction.atomic():
            Claim.objects.bulk_create(rows, batch_size=1_000)
    except IntegrityError:
        known = queries.schemes_of(digests)
        places = [place for place, digest in enumerate(digests) if digest in known]
        raise errors.taken(sorted(set(known.values())), places) from None
    return len(rows)


def withdraw(holder: Holder, *, journal: int) -> int:
    """Give up all that a holder claims; returns how many digests are free again."""
    rows = Claim.objects.filter(
        holder=holder.reference, peer_id=holder.peer_id, withdrawn_by__isnull=True
    )
    return rows.update(withdrawn_by=journal)


def note_asked(peer_id: int, day: date, digests: int) -> None:
    """Count what a peer asks; raises Conflict beyond a day's limit, and then nothing is counted."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT, [peer_id, day, digests])
        (asked,) = cursor.fetchone() or (digests,)
        if asked > ASKED_PER_DAY_MAX:
            raise errors.asked_too_often(ASKED_PER_DAY_MAX)
