"""Reads of waiting rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .models import WaitingRow

_KEYS_AT_ONCE = 10_000


@dataclass(frozen=True)
class OpenRow:
    """A row that still waits: where it came from, what it is matched by, whose key opens it."""

    batch: int
    row: int
    key: str
    person: int
    sealed: bytes


def open_rows(partner_id: int, feed: str, keys: Sequence[str]) -> list[OpenRow]:
    """What still waits for this partner and feed under these keys, in order of arrival."""
    waiting = WaitingRow.objects.filter(
        partner_id=partner_id, feed=feed, consumed_by__isnull=True
    ).values_list("batch_seq", "row", "key", "person", "sealed")
    found = [
        OpenRow(batch, row, key, person, bytes(sealed))
        for first in range(0, len(keys), _KEYS_AT_ONCE)
        for batch, row, key, person, sealed in waiting.filter(
            key__in=keys[first : first + _KEYS_AT_ONCE]
        )
    ]
    return sorted(found, key=lambda row: (row.batch, row.row))


def is_open(batch_seq: int, row: int) -> bool:
    """Whether this row of this batch still waits."""
    return WaitingRow.objects.filter(
        batch_seq=batch_seq, row=row, consumed_by__isnull=True
    ).exists()


def consumer_of(batch_seq: int, row: int) -> int | None:
    """The batch that found the row's other half, if any."""
    return (
        WaitingRow.objects.filter(batch_seq=batch_seq, row=row)
        .values_list("consumed_by", flat=True)
        .first()
    )
