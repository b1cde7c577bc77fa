"""Accounts found in one query and made in one COPY, for one owner or a million."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper

from .copying import Column, constant, copy_in, fetch_columns
from .locks import lock_posting
from .models import HOLDER_ROLE, PERSON, SYSTEM, Account, Balance

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

_RESERVE = """
SELECT setval(s, nextval(s) + %s - 1) FROM pg_get_serial_sequence('books_account', 'id') s
"""


def ensure_holders(connection: BaseDatabaseWrapper, wanted: pl.DataFrame) -> pl.DataFrame:
    """Accounts of persons: `wanted` (person i64, asset i32; distinct) gains `account`, `is_new`.

    Accounts are made under the posting lock only, so nobody else makes the same one meanwhile.
    A new account has no balance row yet: the caller writes it in the same transaction.
    """
    wanted = wanted.sort("person", "asset")
    accounts = _find(connection, wanted)
    is_new = accounts == 0
    if n_missing := int(np.count_nonzero(is_new)):
        missing = wanted.filter(pl.Series(is_new))
        accounts[is_new] = _make(connection, missing, n_missing)
    return wanted.with_columns(account=pl.Series(accounts), is_new=pl.Series(is_new))


def _find(connection: BaseDatabaseWrapper, wanted: pl.DataFrame) -> Column:
    """The account of each row of `wanted`, 0 where there is none yet."""
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
    places, ids = fetch_columns(connection, _FIND, ("i4", "i8"))
    accounts = np.zeros(len(wanted), dtype=np.int64)
    accounts[places] = ids
    return accounts


def _make(connection: BaseDatabaseWrapper, missing: pl.DataFrame, n_missing: int) -> Column:
    """Make the accounts under ids reserved for them; returns the ids."""
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, [n_missing])
        (last,) = cursor.fetchone() or (0,)
    ids = np.arange(last - n_missing + 1, last + 1, dtype=np.int64)
    columns = {
        "id": ids,
        "owner_id": missing["person"].to_numpy(),
        "asset_id": missing["asset"].to_numpy(),
        "owner_kind": constant(PERSON, n_missing),
        "role": constant(HOLDER_ROLE, n_missing),
        "floor_zero": np.ones(n_missing, dtype=np.bool_),
    }
    copy_in(connection, "books_account", columns)
    return ids


def open_account(
    connection: BaseDatabaseWrapper, *, asset: int, owner_kind: str, owner_id: int, role: str
) -> int:
    """The account of an owner who is not the system, made with an empty balance when missing."""
    wanted = {"asset_id": asset, "owner_kind": owner_kind, "owner_id": owner_id, "role": role}
    if found := Account.objects.filter(**wanted).first():
        return found.pk
    lock_posting(connection)  # as for all accounts: nobody else makes the same one meanwhile
    account, is_new = Account.objects.get_or_create(**wanted, defaults={"floor_zero": True})
    if is_new:
        Balance.objects.create(account=account, debits=0, credits=0, held=0, floor_zero=True)
    return account.pk


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


def ensure_owner(kind: str, owner_id: int, asset: int) -> int:
    """The account of one owner for one asset, made when there is none; safe when two do it."""
    found, _ = Account.objects.get_or_create(
        owner_kind=kind,
        owner_id=owner_id,
        asset_id=asset,
        role=HOLDER_ROLE,
        defaults={"floor_zero": True},
    )
    return found.pk
