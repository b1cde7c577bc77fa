"""Accounts found or made in bulk: one statement for the missing ones, one for all ids."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper

from .copying import Column, copy_in, copy_out
from .models import HOLDER_ROLE, PERSON, SYSTEM, Account

SYSTEM_OWNER = 0

_WANTED = """
DROP TABLE IF EXISTS pg_temp.books_wanted;
CREATE TEMP TABLE books_wanted (owner_id bigint NOT NULL, asset_id integer NOT NULL)
    ON COMMIT DROP;
"""

_MAKE = f"""
INSERT INTO books_account (owner_id, asset_id, owner_kind, role, floor_zero)
SELECT owner_id, asset_id, '{PERSON}', '{HOLDER_ROLE}', true
FROM books_wanted w
WHERE NOT EXISTS (
    SELECT FROM books_account a
    WHERE a.owner_id = w.owner_id AND a.asset_id = w.asset_id
      AND a.owner_kind = '{PERSON}' AND a.role = '{HOLDER_ROLE}')
ORDER BY owner_id, asset_id
ON CONFLICT DO NOTHING
RETURNING owner_id, asset_id, id
"""

_FIND = f"""
SELECT a.owner_id, a.asset_id, a.id
FROM books_wanted w JOIN books_account a
  ON a.owner_id = w.owner_id AND a.asset_id = w.asset_id
 AND a.owner_kind = '{PERSON}' AND a.role = '{HOLDER_ROLE}'
"""

_WIDTHS = (">i8", ">i4", ">i8")


def ensure_holders(connection: BaseDatabaseWrapper, wanted: pl.DataFrame) -> pl.DataFrame:
    """Accounts of persons: `wanted` (person i64, asset i32; distinct) gains `account`, `is_new`.

    A new account has no balance row yet: the caller writes it in the same transaction. Accounts
    are made in order of owner, so two writers wait for each other instead of deadlocking.
    """
    wanted = wanted.sort("person", "asset")
    with connection.cursor() as cursor:
        cursor.execute(_WANTED)
    columns = {"owner_id": wanted["person"].to_numpy(), "asset_id": wanted["asset"].to_numpy()}
    copy_in(connection, "books_wanted", columns)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE books_wanted")
    made = copy_out(connection, _MAKE, _WIDTHS)
    if len(made[0]) == len(wanted):
        return _frame(made).with_columns(is_new=pl.lit(True))
    found = _frame(copy_out(connection, _FIND, _WIDTHS))
    return found.with_columns(is_new=pl.col("account").is_in(np.sort(made[2])))


def ensure_system(roles: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Ids of the system accounts by (asset id, role); missing ones are made."""
    wanted = set(roles)
    found = _system(wanted)
    missing = sorted(wanted - found.keys())
    if missing:
        Account.objects.bulk_create(
            [
                Account(
                    owner_kind=SYSTEM,
                    owner_id=SYSTEM_OWNER,
                    asset_id=asset,
                    role=role,
                    floor_zero=False,
                )
                for asset, role in missing
            ],
            ignore_conflicts=True,
        )
        found = _system(wanted)
    return found


def _system(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    rows = Account.objects.filter(
        owner_kind=SYSTEM, owner_id=SYSTEM_OWNER, asset_id__in={asset for asset, _ in wanted}
    ).values_list("asset_id", "role", "id")
    return {(asset, role): account for asset, role, account in rows}


def _frame(columns: list[Column]) -> pl.DataFrame:
    return pl.DataFrame(dict(zip(("person", "asset", "account"), columns, strict=True)))
