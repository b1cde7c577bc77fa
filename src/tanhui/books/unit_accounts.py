"""What accounts hold of an asset's units: totals by state, blocks, and a statement of movements.

Units are not in the journal's transfers but in blocks, so a statement is counted from the blocks
themselves: an act brings what it opened for the account and takes what it closed there. A split
cancels out; what is left is what came, went, was set aside or was used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from .models import Account, CreditBlock

_TOTALS = """
SELECT b.owner_id, b.state, sum(upper(b.serials) - lower(b.serials))::bigint
FROM books_creditblock b WHERE b.owner_id = ANY(%s) AND b.closed_by_id IS NULL GROUP BY 1, 2
"""

_MOVES = """
WITH moves AS (
    SELECT opened_by_id AS act, state, upper(serials) - lower(serials) AS units
    FROM books_creditblock WHERE owner_id = %s
    UNION ALL
    SELECT closed_by_id, state, lower(serials) - upper(serials)
    FROM books_creditblock WHERE owner_id = %s AND closed_by_id IS NOT NULL
), acts AS (
    SELECT act,
           sum(units) FILTER (WHERE state = 'held') AS free,
           sum(units) FILTER (WHERE state IN ('locked', 'pledged', 'listed')) AS aside,
           sum(units) FILTER (WHERE state = 'retired') AS retired,
           sum(units) FILTER (WHERE state = 'cancelled') AS cancelled
    FROM moves GROUP BY act
), lines AS (
    SELECT act, coalesce(free, 0)::bigint AS free, coalesce(aside, 0)::bigint AS aside,
           coalesce(retired, 0)::bigint AS retired, coalesce(cancelled, 0)::bigint AS cancelled
    FROM acts WHERE coalesce(free, 0) <> 0 OR coalesce(aside, 0) <> 0
       OR coalesce(retired, 0) <> 0 OR coalesce(cancelled, 0) <> 0
)
SELECT l.act, j.at, j.verb, l.free, l.aside, l.retired, l.cancelled,
       sum(l.free + l.aside) OVER (ORDER BY l.act)::bigint, count(*) OVER ()
FROM lines l JOIN books_journal j ON j.id = l.act
ORDER BY l.act DESC LIMIT %s OFFSET %s
"""


@dataclass(frozen=True)
class Movement:
    """What one act did to an account, in units; `balance` is what stands there after it.

    `free` and `aside` (locked, pledged or listed) may be below zero; `retired` and `cancelled`
    are units that this account used up or lost for good.
    """

    act: int
    at: datetime
    verb: str
    free: int
    aside: int
    retired: int
    cancelled: int
    balance: int


def accounts_of(asset: int, owner_kind: str, owners: Iterable[int]) -> dict[int, int]:
    """The account of each of the owners that has one: {owner: account}."""
    rows = Account.objects.filter(asset_id=asset, owner_kind=owner_kind, owner_id__in=list(owners))
    return dict(rows.values_list("owner_id", "id"))


def totals_of(owners: Iterable[int]) -> dict[int, dict[str, int]]:
    """Units by state of each account, over its open blocks; an account without any is absent."""
    found: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [list(owners)])
        for owner, state, units in cursor.fetchall():
            found.setdefault(owner, {})[state] = units
    return found


def blocks_of(owner: int, *, state: str = "", serial: int | None = None) -> QuerySet[CreditBlock]:
    """The open blocks of an account by serial; of one state, or the one that has a serial."""
    rows = CreditBlock.objects.filter(owner_id=owner, closed_by__isnull=True)
    if state:
        rows = rows.filter(state=state)
    if serial is not None:
        rows = rows.filter(serials__contains=serial)
    return rows.select_related("issue").order_by("serials")


def movements_of(owner: int, *, limit: int, offset: int = 0) -> tuple[list[Movement], int]:
    """What changed an account, the last first, and how many changes there are in all.

    The balance before the first line is 0; each line's is the sum up to it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, [owner, owner, limit, offset])
        rows = cursor.fetchall()
    return [Movement(*row[:-1]) for row in rows], rows[0][-1] if rows else 0
