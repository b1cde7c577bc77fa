"""Accounts found or made in bulk: one statement for the missing ones, one for all ids."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper

from .copying import copy_in, fetch_columns
from .models import HOLDER_ROLE, PERSON, SYSTEM, Account

SYSTEM_OWNER = 0

_WANTED = """
DROP TABLE IF EXISTS pg_temp.books_wanted;
CREATE TEMP TABLE books_wanted (
    place integer NOT NULL, owner_id bigint NOT NULL, asset_id integer NOT NULL) ON COMMIT DROP;
"""

_FIND = f"""
SELECT w.place AS c0, a.id AS c1
FROM books_wanted w JOIN books_account a
  ON a.owner_id = w.owner_id AND a.asset_id = w.asset_id
 AND a.owner_kind = '{PERSON}' AND a.role = '{HOLDER_ROLE}'
"""

_MAKE = f"""
INSERT INTO books_account (owner_id, asset_id, owner_kind, role, floor_zero)
SELECT owner_id, asset_id, '{PERSON}', '{HOLDER_ROLE}', true
FROM books_wanted ORDER BY owner_id, asset_id
ON CONFLICT DO NOTHING
RETURNING owner_id AS c0, asset_id AS c1, id AS c2
"""


def ensure_holders(connection: BaseDatabaseWrapper, wanted: pl.DataFrame) -> pl.DataFrame:
    """Accounts of persons: `wanted` (person i64, asset i32; distinct) gains `account`, `is_new`.

    A new account has no balance row yet: the caller writes it in the same transaction. Accounts
    are made in order of owner, so two writers wait for each other instead of deadlocking.
    """
    wanted = wanted.sort("person", "asset")
    found = _find(connection, wanted)
    missing = found.filter(pl.col("account") == 0)
    if missing.is_empty():
        return found.with_columns(is_new=pl.lit(False))
    made = _make(connection, missing)
    late = missing.join(made, on=["person", "asset"], how="anti")  # another writer was first
    parts = (
        [found.filter(pl.col("account") != 0), _find(connection, late)]
        if len(late)
        else [found.filter(pl.col("account") != 0)]
    )
    known = pl.concat(parts).with_columns(is_new=pl.lit(False))
    return pl.concat([known, made.with_columns(is_new=pl.lit(True))])


def _find(connection: BaseDatabaseWrapper, wanted: pl.DataFrame) -> pl.DataFrame:
    """`wanted` with the account of each row, 0 where there is none yet."""
    _send(connection, wanted)
    places, ids = fetch_columns(connection, _FIND, ("i4", "i8"))
    accounts = np.zeros(len(wanted), dtype=np.int64)
    accounts[places] = ids
    return wanted.select("person", "asset", account=pl.Series(accounts))


def _make(connection: BaseDatabaseWrapper, missing: pl.DataFrame) -> pl.DataFrame:
    """The accounts made; fewer than asked for when another writer made some meanwhile."""
    _send(connection, missing)
    columns = fetch_columns(connection, _MAKE, ("i8", "i4", "i8"))
    return pl.DataFrame(dict(zip(("person", "asset", "account"), columns, strict=True)))


def _send(connection: BaseDatabaseWrapper, wanted: pl.DataFrame) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WANTED)
    columns = {
        "place": np.arange(len(wanted), dtype=np.int32),
        "owner_id": wanted["person"].to_numpy(),
        "asset_id": wanted["asset"].to_numpy(),
    }
    copy_in(connection, "books_wanted", columns)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE books_wanted")


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
