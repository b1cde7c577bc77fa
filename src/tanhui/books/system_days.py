"""Sums of system accounts by day: a system account moves with everybody and has no balance.

`roll_up` adds what has become final since the last time, every night; a statement reads the sums
and the transfers after them (`books_system_moves`), at one moment. Final is what was written by a
transaction below every one that still runs, so a late commit is never missed. Nobody needs the sums
to be right: they follow from the transfers, `prove` compares them, a restore makes them anew.
"""

from __future__ import annotations

from django.db import connection, transaction

from .models import SYSTEM

SHOWN_MAX = 5

_MARK = """
INSERT INTO books_systemdaymark (id, upto) VALUES (1, '0') ON CONFLICT DO NOTHING
"""

_WINDOW = """
SELECT upto::text, pg_snapshot_xmin(pg_current_snapshot())::text,
       upto < pg_snapshot_xmin(pg_current_snapshot())
FROM books_systemdaymark FOR UPDATE
"""

_ACTS = """
SELECT min(id) << 32, (max(id) + 1) << 32 FROM books_journal
WHERE xid >= %(from)s::text::xid8 AND xid < %(to)s::text::xid8
"""

_ADD = f"""
WITH sides AS (
    SELECT t.debit_account_id AS account_id, t.effective_day AS day, t.code,
           sum(t.amount) AS debits, 0 AS credits
    FROM books_transfer t JOIN books_journal j ON j.id = t.journal_id
    WHERE t.id >= %(first)s AND t.id < %(last)s
      AND j.xid >= %(from)s::text::xid8 AND j.xid < %(to)s::text::xid8
      AND t.debit_account_id IN (SELECT id FROM books_account WHERE owner_kind = '{SYSTEM}')
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT t.credit_account_id, t.effective_day, t.code, 0, sum(t.amount)
    FROM books_transfer t JOIN books_journal j ON j.id = t.journal_id
    WHERE t.id >= %(first)s AND t.id < %(last)s
      AND j.xid >= %(from)s::text::xid8 AND j.xid < %(to)s::text::xid8
      AND t.credit_account_id IN (SELECT id FROM books_account WHERE owner_kind = '{SYSTEM}')
    GROUP BY 1, 2, 3
)
INSERT INTO books_systemday AS s (account_id, day, code, debits, credits)
SELECT account_id, day, code, sum(debits), sum(credits) FROM sides GROUP BY 1, 2, 3
ON CONFLICT (account_id, day, code) DO UPDATE
SET debits = s.debits + EXCLUDED.debits, credits = s.credits + EXCLUDED.credits
"""

_PROOF = f"""
WITH mark AS (SELECT coalesce((SELECT upto FROM books_systemdaymark), '0') AS upto),
moved AS (
    SELECT account, day, code, sum(debits) AS debits, sum(credits) AS credits FROM (
        SELECT t.debit_account_id AS account, t.effective_day AS day, t.code,
               t.amount AS debits, 0 AS credits
        FROM mark, books_transfer t JOIN books_journal j ON j.id = t.journal_id
        WHERE j.xid < mark.upto
        UNION ALL
        SELECT t.credit_account_id, t.effective_day, t.code, 0, t.amount
        FROM mark, books_transfer t JOIN books_journal j ON j.id = t.journal_id
        WHERE j.xid < mark.upto) sides
    WHERE account IN (SELECT id FROM books_account WHERE owner_kind = '{SYSTEM}')
    GROUP BY 1, 2, 3
), both_ways AS (
    SELECT coalesce(s.account_id, m.account) AS account, coalesce(s.day, m.day) AS day,
           coalesce(s.debits, 0) AS d1, coalesce(m.debits, 0) AS d2,
           coalesce(s.credits, 0) AS c1, coalesce(m.credits, 0) AS c2
    FROM books_systemday s FULL JOIN moved m
      ON m.account = s.account_id AND m.day = s.day AND m.code = s.code
)
SELECT coalesce(sum(d1 + c1), 0), coalesce(sum(d2 + c2), 0),
       (array_agg('account ' || account || ' on ' || day ORDER BY account, day)
        FILTER (WHERE d1 <> d2 OR c1 <> c2))[1:{SHOWN_MAX}]
FROM both_ways
"""


def roll_up() -> bool:
    """Add what has become final; False when nothing had. One at a time, safe to repeat."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MARK)
        cursor.execute(_WINDOW)
        before, after, is_later = cursor.fetchone() or ("0", "0", False)
        if not is_later:
            return False
        window = {"from": before, "to": after}
        cursor.execute(_ACTS, window)
        first, last = cursor.fetchone() or (None, None)
        if first is not None:
            cursor.execute(_ADD, window | {"first": first, "last": last})
        cursor.execute("UPDATE books_systemdaymark SET upto = %s::text::xid8", [after])
    return first is not None


def summed() -> tuple[int, int, list[str]]:
    """What the sums come to, what their transfers come to, and the first days that differ."""
    with connection.cursor() as cursor:
        cursor.execute(_PROOF)
        stored, moved, differing = cursor.fetchone() or (0, 0, None)
    return int(stored), int(moved), list(differing or ())
