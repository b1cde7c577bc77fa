"""Verbs of claims, in the caller's transaction and under its act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, connection, transaction

from . import errors, queries
from .errors import Doubling, Holder
from .models import Claim

DIGESTS_MAX = 10_000

_COUNT = """
INSERT INTO claims_asked (peer_id, day, digests) VALUES (%s, %s, %s)
ON CONFLICT (peer_id, day) DO UPDATE SET digests = claims_asked.digests + excluded.digests
RETURNING digests
"""


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
        raise _taken(holder, kind, digests) from None
    return len(rows)


def _taken(holder: Holder, kind: str, digests: Sequence[bytes]) -> Exception:
    """The refusal, with the first of those who hold some of the digests beside who asks."""
    known = queries.holders_of(digests)
    places = [place for place, digest in enumerate(digests) if digest in known]
    schemes = sorted({one.scheme for one in known.values()})
    own = (holder.reference, holder.peer_id)
    other = next((known[digests[at]] for at in places if _name(known[digests[at]]) != own), None)
    if other is None:
        return errors.taken_by_itself(schemes, places)
    shared = sorted(digest for digest, one in known.items() if one == other)
    doubling = Doubling(asking=holder, holding=other, kind=kind, digests=shared)
    return errors.taken(schemes, places, doubling)


def _name(holder: Holder) -> tuple[str, int | None]:
    return holder.reference, holder.peer_id


def withdraw(holder: Holder, *, journal: int) -> int:
    """Give up all that a holder claims; returns how many digests are free again."""
    rows = Claim.objects.filter(
        holder=holder.reference, peer_id=holder.peer_id, withdrawn_by__isnull=True
    )
    return rows.update(withdrawn_by=journal)


def withdraw_shared(holder: Holder, digests: Sequence[bytes], *, journal: int) -> list[bytes]:
    """Give up those of the digests that a holder claims; returns them, free again."""
    rows = Claim.objects.filter(
        holder=holder.reference,
        peer_id=holder.peer_id,
        digest__in=list(digests),
        withdrawn_by__isnull=True,
    )
    freed = [bytes(digest) for digest in rows.values_list("digest", flat=True)]
    rows.update(withdrawn_by=journal)
    return sorted(freed)


def note_asked(peer_id: int, day: date, digests: int, *, limit: int) -> None:
    """Count what a peer asks; raises Conflict beyond a day's limit, and then nothing is counted."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT, [peer_id, day, digests])
        (asked,) = cursor.fetchone() or (digests,)
        if asked > limit:
            raise errors.asked_too_often(limit)
