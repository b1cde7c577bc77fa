"""Entries of the database in the order of the log: one log a year, 0, 1, 2 without gaps.

Ids of concurrent acts commit out of order, so an entry gets its place when it is first seen, under
a lock, and keeps it. Numbering by "id above the last one" would lose those that commit late.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

SHANGHAI = ZoneInfo("Asia/Shanghai")
_PLACING = 0x7461_6E68_0003  # beside the two locks of books.locks

_PLACE = """
WITH waiting AS (
    SELECT e.id, extract(year FROM e.at AT TIME ZONE 'Asia/Shanghai')::smallint AS year
    FROM books_logentry e LEFT JOIN books_logplace p ON p.entry_id = e.id
    WHERE p.entry_id IS NULL
), numbered AS (
    SELECT id, year, row_number() OVER (PARTITION BY year ORDER BY id) - 1 AS at FROM waiting
)
INSERT INTO books_logplace (entry_id, year, index)
SELECT n.id, n.year, n.at + coalesce(
    (SELECT max(p.index) + 1 FROM books_logplace p WHERE p.year = n.year), 0)
FROM numbered n
"""

_SIZES = "SELECT year, max(index) + 1 FROM books_logplace GROUP BY year ORDER BY year"

_BODIES = """
SELECT e.body FROM books_logplace p JOIN books_logentry e ON e.id = p.entry_id
WHERE p.year = %s AND p.index >= %s AND p.index < %s ORDER BY p.index
"""


_PLACE_OF = """
SELECT p.year, p.index FROM books_logplace p JOIN books_logentry e ON e.id = p.entry_id
WHERE e.journal_id = %s
"""


def place_entries() -> int:
    """Give every committed entry that has none its place; returns how many got one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PLACING])
        cursor.execute(_PLACE)
        return int(cursor.rowcount)


def year_of(at: datetime) -> int:
    """The year whose log an act of this moment belongs to: by Shanghai time.

    >>> year_of(datetime.fromisoformat("2024-12-31T16:00:00+00:00"))
    2025
    """
    return at.astimezone(SHANGHAI).year


def sizes() -> dict[int, int]:
    """How many entries each year's log has."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        return dict(cursor.fetchall())


def bodies(year: int, first: int, end: int) -> list[bytes]:
    """The entries of a year's log from `first` up to, not including, `end`."""
    with connection.cursor() as cursor:
        cursor.execute(_BODIES, [year, first, end])
        return [bytes(body) for (body,) in cursor.fetchall()]


def place_of(journal: int) -> tuple[int, int]:
    """Year and index of the entry that an act left; it must have its place."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE_OF, [journal])
        found = cursor.fetchone()
    assert found is not None, "the entry of an act is placed when the log is published"
    year, index = found
    return int(year), int(index)
