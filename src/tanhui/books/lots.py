"""Lots of points: earned on a day, expiring on another, spent from the oldest first.

Rule: points expire after the programme's years (rule key `points.expiry_years`, at most 10).
A reversal takes from the lots of the day and source it reverses, then from the oldest others.
"""

from __future__ import annotations

import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper

from tanhui.core.errors import Conflict

from .copying import constant, copy_in, pg_days

_DEMANDS = """
DROP TABLE IF EXISTS pg_temp.books_demand;
CREATE TEMP TABLE books_demand (
    account_id bigint NOT NULL, earned_on date NOT NULL, source_id bigint NOT NULL,
    amount bigint NOT NULL) ON COMMIT DROP;
"""

# Running sum of what earlier lots offer; each lot gives what is still wanted, at most its rest.
_TAKE = """
WITH offered AS (
    SELECT l.account_id, l.earned_on, l.journal_id, l.source_id, l."left", d.amount,
           coalesce(sum(l."left") OVER (
               PARTITION BY {group} ORDER BY l.earned_on, l.journal_id, l.source_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM books_lot l JOIN ({demand}) d ON {match}
    WHERE l."left" > 0
), taken AS (
    UPDATE books_lot l SET "left" = l."left" - least(o."left", o.amount - o.before)
    FROM offered o
    WHERE l.account_id = o.account_id AND l.earned_on = o.earned_on
      AND l.journal_id = o.journal_id AND l.source_id = o.source_id AND o.before < o.amount
    RETURNING l.account_id, l.earned_on, l.source_id, least(o."left", o.amount - o.before) AS given
)
"""

_TAKE_SAME = (
    _TAKE.format(
        group="l.account_id, l.earned_on, l.source_id",
        demand="SELECT * FROM books_demand",
        match="d.account_id = l.account_id AND d.earned_on = l.earned_on "
        "AND d.source_id = l.source_id",
    )
    + """
UPDATE books_demand d SET amount = d.amount - t.given
FROM (SELECT account_id, earned_on, source_id, sum(given) AS given FROM taken GROUP BY 1, 2, 3) t
WHERE d.account_id = t.account_id AND d.earned_on = t.earned_on AND d.source_id = t.source_id
"""
)

_TAKE_OLDEST = (
    _TAKE.format(
        group="l.account_id",
        demand="SELECT account_id, sum(amount) AS amount FROM books_demand "
        "GROUP BY 1 HAVING sum(amount) > 0",
        match="d.account_id = l.account_id",
    )
    + """
SELECT (SELECT coalesce(sum(amount), 0) FROM books_demand)
     - (SELECT coalesce(sum(given), 0) FROM taken)
"""
)

_KEY = ("holder", "day", "system")


def add_lots(
    connection: BaseDatabaseWrapper, earned: pl.DataFrame, *, journal: int, valid_years: int
) -> int:
    """One lot per account, day and source of `earned`; returns how many.

    `earned` has holder, day, system (the source) and amount, sorted by holder and day.
    """
    lots = earned.group_by(*_KEY, maintain_order=True).agg(pl.col("amount").sum())
    expiry = lots.select(pl.col("day").unique()).with_columns(
        expires=pl.col("day").cast(pl.Date).dt.offset_by(f"{valid_years}y").to_physical()
    )
    lots = lots.join(expiry, on="day", how="left", maintain_order="left")
    amounts = lots["amount"].to_numpy()
    columns = {
        "account_id": lots["holder"].to_numpy(),
        "source_id": lots["system"].to_numpy(),
        "journal_id": constant(journal, len(lots)),
        "earned_on": pg_days(lots["day"].to_numpy()),
        "expires_on": pg_days(lots["expires"].to_numpy()),
        "amount": amounts,
        "left": amounts,
    }
    return copy_in(connection, "books_lot", columns)


def take_back(connection: BaseDatabaseWrapper, reversed_: pl.DataFrame) -> None:
    """Take `reversed_` (holder, day, system, amount) out of the lots; all of it or nothing.

    Raises Conflict when a holder has fewer points left than are to be taken back.
    """
    demand = reversed_.group_by(_KEY).agg(pl.col("amount").sum()).sort(_KEY)
    if demand.is_empty():
        return
    with connection.cursor() as cursor:
        cursor.execute(_DEMANDS)
    columns = {
        "account_id": demand["holder"].to_numpy(),
        "earned_on": pg_days(demand["day"].to_numpy()),
        "source_id": demand["system"].to_numpy(),
        "amount": demand["amount"].to_numpy(),
    }
    copy_in(connection, "books_demand", columns)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE books_demand, books_lot")  # fresh lots without it: a loop over all
        cursor.execute(_TAKE_SAME)
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
