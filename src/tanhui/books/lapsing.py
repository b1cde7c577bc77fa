"""Points lapse on the day their lot expires: a movement like any other, under an act.

Rule: `points.expiry_years` of the rule set, written into each lot when it is earned. What a hold
was placed on in time stays until the hold is closed. Nobody's points vanish: the transfers to the
system account `lapsed` and the lots they name stay, and a mistake is taken back like any act.
"""

from __future__ import annotations

from datetime import date

from django.db import connection

from .accounts import ensure_system
from .acts import Act, Recorded, record
from .models import LAPSE, POINTS, Asset
from .partitions import ensure_partitions
from .transfers import PLACE_BITS, lock_balances

LAPSED = "lapsed"  # system account, one per asset of points

_DUE = """
SELECT l.account_id, a.asset_id, sum(l."left") - b.held FROM books_lot l
JOIN books_account a ON a.id = l.account_id JOIN books_balance b ON b.account_id = l.account_id
WHERE l.expires_on <= %s AND l."left" > 0 {among} GROUP BY 1, 2, b.held
HAVING sum(l."left") > b.held ORDER BY 1
"""

_TABLE = """
DROP TABLE IF EXISTS pg_temp.books_lapse;
CREATE TEMP TABLE books_lapse (
    account_id bigint PRIMARY KEY, asset_id integer NOT NULL, number bigint NOT NULL,
    sink bigint NOT NULL, amount bigint NOT NULL) ON COMMIT DROP
"""

_FILL = f"""
INSERT INTO books_lapse
SELECT account_id, asset_id, %s + row_number() OVER (ORDER BY account_id) - 1,
       (SELECT s.id FROM books_account s WHERE s.owner_kind = 'system' AND s.owner_id = 0
        AND s.asset_id = due.asset_id AND s.role = '{LAPSED}'), amount
FROM ({_DUE.format(among="AND l.account_id = ANY(%s)")}) due (account_id, asset_id, amount)
"""

# Each lot gives what the ones before it have left wanted; the same order as spending.
_TAKE = """
WITH offered AS (
    SELECT l.*, d.number, d.amount AS wanted, coalesce(sum(l."left") OVER (
        PARTITION BY l.account_id ORDER BY l.earned_on, l.journal_id, l.source_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM books_lot l JOIN books_lapse d ON d.account_id = l.account_id
    WHERE l."left" > 0 AND l.expires_on <= %s
), taken AS (
    UPDATE books_lot l SET "left" = l."left" - least(o."left", o.wanted - o.before)
    FROM offered o
    WHERE l.account_id = o.account_id AND l.earned_on = o.earned_on
      AND l.journal_id = o.journal_id AND l.source_id = o.source_id AND o.before < o.wanted
    RETURNING o.number, l.journal_id, l.earned_on, l.source_id, l.expires_on,
              least(o."left", o.wanted - o.before)
)
INSERT INTO books_lotuse (transfer, lot_journal_id, earned_on, source_id, expires_on, amount)
SELECT * FROM taken
"""

_BALANCES = """
UPDATE books_balance b SET debits = b.debits + d.amount
FROM books_lapse d WHERE d.account_id = b.account_id
"""

_TRANSFERS = f"""
INSERT INTO books_transfer (id, journal_id, debit_account_id, credit_account_id, amount, asset_id,
    effective_day, n_events, code)
SELECT number, number >> {PLACE_BITS}, account_id, sink, amount, asset_id, %s, 0, '{LAPSE}'
FROM books_lapse ORDER BY number
"""


def lapse(act: Act, *, day: date) -> tuple[Recorded, int, int]:
    """Take every point whose lot expires on `day` or earlier; returns act, people, points.

    In the caller's transaction. An act is written even when nothing was due: the job ran.
    """
    done = record(act)
    if not done.is_new:
        return done, 0, 0
    ensure_partitions(connection, [day])
    ensure_system(
        (asset, LAPSED) for asset in Asset.objects.filter(unit=POINTS).values_list("id", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(_DUE.format(among=""), [day])
        accounts = [account for account, *_ in cursor.fetchall()]
        lock_balances(accounts)
        cursor.execute(_TABLE)
        # computed again, now that nobody else moves these accounts
        cursor.execute(_FILL, [done.journal << PLACE_BITS, day, accounts])
        cursor.execute("ANALYZE books_lapse")
        cursor.execute(_TAKE, [day])
        cursor.execute(_BALANCES)
        cursor.execute(_TRANSFERS, [day])
        cursor.execute("SELECT count(*), coalesce(sum(amount), 0)::bigint FROM books_lapse")
        people, points = cursor.fetchone() or (0, 0)
    return done, people, points
