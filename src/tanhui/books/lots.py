"""Lots of points: earned on a day, expiring on another, spent from the oldest first.

Rule: points expire after the programme's years (rule key `points.expiry_years`, at most 10).
A reversal takes from the lots of the day it reverses, and only then from the oldest others.
"""

from __future__ import annotations

import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper

from tanhui.core.errors import Conflict

from .copying import constant, copy_in, pg_days

_DEMANDS = """
DROP TABLE IF EXISTS pg_temp.books_demand;
CREATE TEMP TABLE books_demand (
    account_id bigint NOT NULL, earned_on date NOT NULL, amount bigint NOT NULL) ON COMMIT DROP;
"""

# Running sum of what earlier lots offer; each lot gives what is still wanted, at most its rest.
_TAKE = """
WITH offered AS (
    SELECT l.account_id, l.earned_on, l.journal_id, l."left", d.amount,
           coalesce(sum(l."left") OVER (
               PARTITION BY l.account_id {day} ORDER BY l.earned_on, l.journal_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM books_lot l JOIN ({demand}) d ON d.account_id = l.account_id {same_day}
    WHERE l."left" > 0
), taken AS (
    UPDATE books_lot l SET "left" = l."left" - least(o."left", o.amount - o.before)
    FROM offered o
    WHERE l.account_id = o.account_id AND l.earned_on = o.earned_on
      AND l.journal_id = o.journal_id AND o.before < o.amount
    RETURNING l.account_id, l.earned_on, least(o."left", o.amount - o.before) AS given
)
"""

_TAKE_SAME_DAY = (
    _TAKE.format(
        day=", l.earned_on",
        demand="SELECT * FROM books_demand",
        same_day="AND d.earned_on = l.earned_on",
    )
    + """
UPDATE books_demand d SET amount = d.amount - t.given
FROM (SELECT account_id, earned_on, sum(given) AS given FROM taken GROUP BY 1, 2) t
WHERE d.account_id = t.account_id AND d.earned_on = t.earned_on
"""
)

_TAKE_OLDEST = (
    _TAKE.format(
        day="",
        demand="SELECT account_id, sum(amount) AS amount FROM books_demand GROUP BY 1",
        same_day="AND d.amount > 0",
    )
    + """
SELECT (SELECT coalesce(sum(amount), 0) FROM books_demand)
     - (SELECT coalesce(sum(given), 0) FROM taken)
"""
)


def add_lots(
    connection: BaseDatabaseWrapper, earned: pl.DataFrame, *, journal: int, valid_years: int
) -> int:
    """One lot per account and day of `earned` (holder, day, amount); returns how many."""
    lots = (
        earned.group_by("holder", "day")
        .agg(pl.col("amount").sum())
        .sort("holder", "day")
        .with_columns(
            expires=pl.col("day").cast(pl.Date).dt.offset_by(f"{valid_years}y").to_physical()
        )
    )
    amounts = lots["amount"].to_numpy()
    columns = {
        "account_id": lots["holder"].to_numpy(),
        "journal_id": constant(journal, len(lots)),
        "earned_on": pg_days(lots["day"].to_numpy()),
        "expires_on": pg_days(lots["expires"].to_numpy()),
        "amount": amounts,
        "left": amounts,
    }
    return copy_in(connection, "books_lot", columns)


def take_back(connection: BaseDatabaseWrapper, reversed_: pl.DataFrame) -> None:
    """Take `reversed_` (holder, day, amount) out of the lots; all of it or nothing.

    Raises Conflict when a holder has fewer points left than are to be taken back.
    """
    demand = reversed_.group_by("holder", "day").agg(pl.col("amount").sum()).sort("holder", "day")
    if demand.is_empty():
        return
    with connection.cursor() as cursor:
        cursor.execute(_DEMANDS)
    columns = {
        "account_id": demand["holder"].to_numpy(),
        "earned_on": pg_days(demand["day"].to_numpy()),
        "amount": demand["amount"].to_numpy(),
    }
    copy_in(connection, "books_demand", columns)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE books_demand")
        cursor.execute(_TAKE_SAME_DAY)
        cursor.execute(_TAKE_OLDEST)
        (short,) = cursor.fetchone() or (0,)
    if short > 0:
        raise Conflict(
            "points.reversal.short",
            zh=f"要收回的积分比账户里剩下的多 {short} 分；请先补足或由运营人员处理这些更正记录。",
            en=f"The reversals take {short} points more than the accounts have left; "
            "top the accounts up or let an operator settle these corrections first.",
            short=int(short),
        )
