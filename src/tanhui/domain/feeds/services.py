"""Verbs of waiting rows: one intake adds what still waits and consumes what it paired."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from .errors import rows_gone
from .models import WaitingRow

_INSERT_AT_ONCE = 5_000

_CONSUME = """
UPDATE feeds_waitingrow w SET consumed_by = %s, key = '', person = 0, sealed = ''
FROM unnest(%s::bigint[], %s::bigint[]) AS c (batch_seq, row)
WHERE w.batch_seq = c.batch_seq AND w.row = c.row
  AND w.partner_id = %s AND w.feed = %s AND w.consumed_by IS NULL
"""


@dataclass(frozen=True)
class NewRow:
    """A row that waits from now on; `sealed` opens with the key of `person`."""

    row: int
    key: str
    person: int
    sealed: bytes


def settle(
    partner_id: int,
    feed: str,
    batch_seq: int,
    *,
    waiting: Iterable[NewRow],
    consumed: Iterable[tuple[int, int]],
) -> None:
    """Batch `batch_seq` leaves `waiting` and consumes (batch, row) pairs.

    Runs in the caller's transaction, with the posting. Raises Conflict when a row to be
    consumed is not waiting any more: a tap is paired once. Of a consumed row only the
    fact stays; key, person and what it said are blanked.
    """
    fresh = [
        WaitingRow(
            batch_seq=batch_seq,
            row=each.row,
            partner_id=partner_id,
            feed=feed,
            key=each.key,
            person=each.person,
            sealed=each.sealed,
        )
        for each in waiting
    ]
    pairs = sorted(set(consumed))
    with transaction.atomic():
        WaitingRow.objects.bulk_create(fresh, batch_size=_INSERT_AT_ONCE)
        with connection.cursor() as cursor:
            batches, rows = [batch for batch, _ in pairs], [row for _, row in pairs]
            cursor.execute(_CONSUME, [batch_seq, batches, rows, partner_id, feed])
            if cursor.rowcount != len(pairs):
                raise rows_gone(len(pairs) - cursor.rowcount)


def forget(partner_id: int, feed: str, *, upto_batch: int) -> int:
    """Delete what batches up to this one left waiting; returns how many rows that were."""
    deleted, _ = WaitingRow.objects.filter(
        partner_id=partner_id, feed=feed, batch_seq__lte=upto_batch
    ).delete()
    return deleted


def forget_person(person: int) -> int:
    """Delete what waits of one person, in the caller's transaction; returns how many rows."""
    deleted, _ = WaitingRow.objects.filter(person=person).delete()
    return deleted
