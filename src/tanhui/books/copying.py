"""Bulk rows to and from PostgreSQL in its binary COPY format, as NumPy arrays.

Binary spares the server the parsing of text: a row of fixed width is one NumPy record, so a
million rows are built in a fraction of a second. Every column is an array of one length;
nothing is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

Column = npt.NDArray[Any]

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_CHUNK_ROWS = 131_072
PG_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PG_EPOCH_DAYS = 10_957  # PostgreSQL counts days from 2000-01-01


def pg_days(days: Column) -> Column:
    """Day numbers since 1970-01-01 as PostgreSQL's binary date."""
    return (days - PG_EPOCH_DAYS).astype(np.int32)


def pg_instant(at: datetime) -> int:
    """An instant as PostgreSQL's binary timestamptz: microseconds since 2000-01-01 UTC.

    >>> from datetime import UTC
    >>> pg_instant(datetime(2000, 1, 1, 0, 0, 1, 5, UTC))
    1000005
    """
    return (at - PG_EPOCH) // timedelta(microseconds=1)


def constant(value: int | str, length: int) -> Column:
    """A column of one value; text is sent as its UTF-8 bytes."""
    if isinstance(value, str):
        raw = value.encode()
        return np.broadcast_to(np.array(raw, dtype=f"S{len(raw)}"), length)
    return np.broadcast_to(np.int64(value), length)


def copy_in(connection: BaseDatabaseWrapper, table: str, columns: Mapping[str, Column]) -> int:
    """Append the columns' rows to `table` (a trusted name); returns how many.

    Shapes: int16, int32, int64, bool and fixed-width bytes, matching the table's column types
    exactly (a date is `pg_days`).
    """
    n_rows = len(next(iter(columns.values())))
    if n_rows == 0:
        return 0
    names = ", ".join(f'"{name}"' for name in columns)
    arrays = list(columns.values())
    with connection.cursor() as cursor:
        copy_sql = f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)"
        with cursor.cursor.copy(copy_sql) as copy:
            copy.write(_HEADER)
            for first in range(0, n_rows, _CHUNK_ROWS):
                copy.write(_records([array[first : first + _CHUNK_ROWS] for array in arrays]))
            copy.write(_TRAILER)
    return n_rows


def fetch_columns(connection: BaseDatabaseWrapper, sql: str, kinds: Sequence[str]) -> list[Column]:
    """The columns `c0`, `c1`, ... of a trusted query (or INSERT .. RETURNING), never null.

    `kinds` are `i8` (bigint) or `i4` (integer). Each column comes as one binary array in one
    message: row by row, the client would spend more time than the server.
    """
    names = ", ".join(f"array_send(array_agg(c{i}))" for i in range(len(kinds)))
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(f"WITH fetched AS ({sql}) SELECT {names} FROM fetched", binary=True)
        row = cursor.fetchone()
    assert row is not None
    return [_array(raw, kind) for raw, kind in zip(row, kinds, strict=True)]


def _array(raw: bytes | None, kind: str) -> Column:
    """PostgreSQL's binary array (20 bytes of header, then length and value each)."""
    if raw is None:
        return np.empty(0, dtype=kind)
    items = np.frombuffer(raw, dtype=[("length", ">i4"), ("value", f">{kind}")], offset=20)
    return items["value"].astype(kind)


def _records(arrays: Sequence[Column]) -> bytes:
    """One chunk of rows: field count, then (length, value) per field."""
    record = _record_type([array.dtype.newbyteorder(">").str for array in arrays])
    rows = np.empty(len(arrays[0]), dtype=record)
    rows["n"] = len(arrays)
    for i, array in enumerate(arrays):
        rows[f"l{i}"] = array.dtype.itemsize
        rows[f"v{i}"] = array
    return rows.tobytes()


def _record_type(widths: Sequence[str]) -> np.dtype[np.void]:
    fields: list[tuple[str, str]] = [("n", ">i2")]
    for i, width in enumerate(widths):
        fields += [(f"l{i}", ">i4"), (f"v{i}", width)]
    return np.dtype(fields)
