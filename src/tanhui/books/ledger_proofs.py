"""Proofs over single movements and the log: reversals, lots that were used, entries and places.

Each gives the two figures that must be equal and the first places where they are not; `proofs`
asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from tanhui.core.canonical import read_json
from tanhui.core.clock import utc_text
from tanhui.core.errors import TanhuiError

from .models import LogEntry

SHOWN_MAX = 5
CHUNK_ROWS = 5_000

Found = tuple[int, int, list[str]]

_UNDONE = """
SELECT t.id, o.amount = t.amount AND o.debit_account_id = t.credit_account_id
    AND o.credit_account_id = t.debit_account_id AND r.journal_id = t.journal_id
FROM books_transfer t LEFT JOIN books_transfer o ON o.id = t.origin
LEFT JOIN books_reversal r ON r.reversed_id = o.journal_id
WHERE t.code = 'undo' ORDER BY t.id
"""

_USED = """
WITH spent AS (
    SELECT t.id, t.amount FROM books_transfer t JOIN books_asset s ON s.id = t.asset_id
    JOIN books_account d ON d.id = t.debit_account_id
    WHERE t.code IN ('spend', 'settle', 'lapse', 'undo') AND s.unit = 'points'
      AND d.owner_kind <> 'system'
), used AS (
    SELECT transfer AS id, sum(amount) AS amount FROM books_lotuse GROUP BY 1
)
SELECT coalesce(sum(s.amount), 0), coalesce(sum(u.amount), 0),
       (array_agg(coalesce(s.id, u.id) ORDER BY coalesce(s.id, u.id))
        FILTER (WHERE s.amount IS DISTINCT FROM u.amount))[1:%s]
FROM spent s FULL JOIN used u ON u.id = s.id
"""

_PLACES = """
SELECT p.year, count(*), max(p.index) + 1,
       count(*) FILTER (WHERE p.year
           <> extract(year FROM e.at AT TIME ZONE 'Asia/Shanghai')::smallint)
FROM books_logplace p JOIN books_logentry e ON e.id = p.entry_id GROUP BY 1 ORDER BY 1
"""


def reversals() -> Found:
    """Movements taken back, those that mirror what they name, and the others."""
    with connection.cursor() as cursor:
        cursor.execute(_UNDONE)
        rows = cursor.fetchall()
    wrong = [f"transfer {number}" for number, fits in rows if not fits]
    return len(rows), len(rows) - len(wrong), wrong


def lots_used() -> Found:
    """Points that left holders one movement at a time, and what their lots gave."""
    with connection.cursor() as cursor:
        cursor.execute(_USED, [SHOWN_MAX])
        spent, used, differing = cursor.fetchone() or (0, 0, None)
    return int(spent), int(used), [f"transfer {number}" for number in differing or ()]


def entries() -> Found:
    """Entries of the log, and those that say what their act in the journal says."""
    count, wrong = 0, []
    rows = LogEntry.objects.select_related("journal").order_by("id")
    for entry in rows.iterator(chunk_size=CHUNK_ROWS):
        count += 1
        act = entry.journal
        expected = {"act": str(act.pk), "at": utc_text(act.at), "kind": act.verb}
        try:
            said = read_json(bytes(entry.body))
        except TanhuiError:
            said = {}
        fits = all(said.get(name) == value for name, value in expected.items())
        if not (fits and said.get("rules") == act.rules and entry.at == act.at):
            wrong.append(f"entry {entry.pk}")
    return count, count - len(wrong), wrong


def batch_entries() -> Iterator[str]:
    """Batches whose entry names another digest, or that have none since there is a log."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.seq FROM books_batch b LEFT JOIN books_logentry e"
            " ON e.journal_id = b.journal_id WHERE e.id IS NULL AND"
            " b.journal_id > (SELECT min(journal_id) FROM books_logentry) OR"
            " convert_from(e.body, 'UTF8')::jsonb->>'digest' <> b.digest ORDER BY 1"
        )
        yield from (f"batch {seq}" for (seq,) in cursor.fetchall())


def places() -> Found:
    """Entries that have a place, the places there are, and the years with gaps or strangers."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES)
        rows = cursor.fetchall()
    wrong = [f"{year}" for year, placed, end, strangers in rows if placed != end or strangers]
    return sum(row[1] for row in rows), sum(row[2] for row in rows), wrong
