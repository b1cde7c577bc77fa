"""Balances of holders moved in bulk: new rows by COPY, known rows by one ordered UPDATE."""

from __future__ import annotations

import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper

from .copying import Column, constant, copy_in

_CHANGES = """
DROP TABLE IF EXISTS pg_temp.books_change;
CREATE TEMP TABLE books_change (
    account_id bigint NOT NULL, debits bigint NOT NULL, credits bigint NOT NULL) ON COMMIT DROP;
"""

# Rows are locked in order of account, whoever writes: a merge or a nested loop walks the ordered
# changes and updates one balance after the other; a hash join would not.
_APPLY = """
UPDATE books_balance b SET debits = b.debits + c.debits, credits = b.credits + c.credits
FROM (SELECT * FROM books_change ORDER BY account_id OFFSET 0) c
WHERE b.account_id = c.account_id
"""


def apply_changes(connection: BaseDatabaseWrapper, changes: pl.DataFrame) -> int:
    """Add `changes` (account, debits, credits, is_new); returns how many balances moved.

    The guards are CHECKs of the table: a balance below its floor fails the transaction.
    """
    changes = changes.sort("account")
    fresh = changes.filter(pl.col("is_new"))
    known = changes.filter(~pl.col("is_new"))
    copy_in(
        connection,
        "books_balance",
        {
            **_columns(fresh),
            "held": constant(0, len(fresh)),
            "floor_zero": fresh["is_new"].to_numpy(),  # every holder has a floor
        },
    )
    return len(fresh) + (_update(connection, known) if len(known) else 0)


def _update(connection: BaseDatabaseWrapper, known: pl.DataFrame) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES)
    copy_in(connection, "books_change", _columns(known))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE books_change; SET LOCAL enable_hashjoin = off")
        cursor.execute(_APPLY)
        moved: int = cursor.rowcount
        cursor.execute("SET LOCAL enable_hashjoin TO DEFAULT")
    return moved


def _columns(frame: pl.DataFrame) -> dict[str, Column]:
    return {
        "account_id": frame["account"].to_numpy(),
        "debits": frame["debits"].to_numpy(),
        "credits": frame["credits"].to_numpy(),
    }
