"""Every table of the platform as files, and back into an empty database of the same version.

PostgreSQL's own COPY text, compressed, all tables of one snapshot. Each table has a fingerprint
that does not depend on the order of rows; a restore computes it again before it commits, so a
database is either the one that was copied or stays empty. Why not pg_dump: decisions/0016.

Left out: sessions (people sign in again), the list of migrations (the new database has its own),
columns that hold transaction ids, which mean nothing on another server, and the sums that follow
from them, which a restore makes anew.
"""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from tanhui.core.errors import Conflict, ProofFailed

from ..locks import lock_posting
from ..partitions import ensure_partitions

LEFT_OUT = frozenset(
    {"django_migrations", "django_session", "books_systemday", "books_systemdaymark"}
)
MADE_BY_MIGRATE = ("auth_permission", "django_content_type")  # replaced by the copy's own rows
_COMPRESSION = 1
_READ_BYTES = 1 << 20
_PARTITION = re.compile(r"books_transfer_(\d{4})_(\d{2})")


@dataclass(frozen=True)
class Table:
    """A table at one moment: its columns in order, how many rows, and what they come to."""

    name: str
    columns: list[str]
    rows: int
    fingerprint: str


@dataclass(frozen=True)
class Tables:
    """All tables of one snapshot, where their counters stood, and the months of the transfers."""

    migrations: list[str]
    tables: list[Table]
    counters: dict[str, int]
    months: list[str]

    def as_json(self) -> dict[str, Any]:
        """What the manifest of a backup says."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Tables:
        """Read back from a manifest."""
        return cls(
            said["migrations"],
            [Table(**table) for table in said["tables"]],
            said["counters"],
            said["months"],
        )


@contextmanager
def snapshot() -> Iterator[None]:
    """One moment of the database for everything read inside; nothing is written."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def dump(folder: Path) -> Tables:
    """Write every table to `<folder>/<table>.copy.gz`; the caller holds a `snapshot`."""
    folder.mkdir(parents=True)
    _say_values_one_way()
    found = []
    for name, columns in _columns().items():
        found.append(_state(name, columns))
        _write(folder / _file(name), f"COPY (SELECT {_list(columns)} FROM {name}) TO STDOUT")
    counters = {
        name: value for name, value in _rows(_COUNTERS) if not name.startswith("django_migrations")
    }
    return Tables(known_migrations(), found, counters, [name for (name,) in _rows(_MONTHS)])


def refuse_filled() -> None:
    """Raises Conflict `restore.not_empty` when any table already has rows."""
    for name in _columns():
        if name not in MADE_BY_MIGRATE and _rows(f"SELECT 1 FROM {name} LIMIT 1"):
            raise Conflict(
                "restore.not_empty",
                zh=f"只能恢复到空的平台；数据库的表 {name} 已有内容。"
                "请使用新的数据库（DATABASE_URL）或新的数据目录（TANHUI_HOME）。没有改动任何数据。",
                en=f"A backup is restored to an empty platform; the table {name} already has rows. "
                "Use a new database (DATABASE_URL) or a new data folder (TANHUI_HOME). Nothing "
                "was changed.",
                table=name,
            )


def load(folder: Path, said: Tables) -> None:
    """Fill the empty database in one transaction; raises ProofFailed, and then nothing stays.

    Every table is counted and fingerprinted again before the commit.
    """
    with transaction.atomic():
        refuse_filled()
        lock_posting(connection)
        _say_values_one_way()
        ensure_partitions(connection, [_month(name) for name in said.months])
        for name in MADE_BY_MIGRATE:
            _run(f"DELETE FROM {name}")
        for table in said.tables:
            _read(folder / _file(table.name), f"COPY {table.name} ({_list(table.columns)})")
        _run("SET CONSTRAINTS ALL IMMEDIATE")
        for name, value in said.counters.items():
            _rows("SELECT setval(%s::regclass, %s)", name, value)
        wrong = differing(said)
        if wrong:
            raise ProofFailed(
                "restore.differs",
                zh=f"恢复的表与备份不符：{'、'.join(wrong)}。数据库未改动；请用另一份备份。",
                en=f"Restored tables differ from the backup: {', '.join(wrong)}. The database "
                "was left empty; use another backup.",
            )


def differing(said: Tables) -> list[str]:
    """The tables whose rows are not those of `said`."""
    _say_values_one_way()
    return [table.name for table in said.tables if _state(table.name, table.columns) != table]


def known_migrations() -> list[str]:
    """The steps that make the tables of this version."""
    loader = MigrationLoader(None)
    return sorted(f"{app}.{name}" for app, name in loader.disk_migrations or {})


_COLUMNS = """
SELECT c.relname, array_agg(quote_ident(a.attname) ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attgenerated = '' AND a.atttypid <> 'xid8'::regtype
GROUP BY 1 ORDER BY 1
"""

_COUNTERS = """
SELECT sequencename, last_value FROM pg_sequences
WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1
"""

_MONTHS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'books_transfer'::regclass ORDER BY 1
"""

_STATE = """
SELECT count(*),
       coalesce(sum(('x' || left(md5(ROW({columns})::text), 16))::bit(64)::bigint::numeric), 0)
FROM {table}
"""


def _columns() -> dict[str, list[str]]:
    return {name: columns for name, columns in _rows(_COLUMNS) if name not in LEFT_OUT}


def _state(name: str, columns: list[str]) -> Table:
    ((rows, total),) = _rows(_STATE.format(table=name, columns=_list(columns)))
    return Table(name, columns, rows, str(total))


def _say_values_one_way() -> None:
    """Text of values must not depend on how a server or a role is set up."""
    for setting, value in (
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO, YMD"),
        ("IntervalStyle", "postgres"),
        ("extra_float_digits", "1"),
        ("bytea_output", "hex"),
    ):
        _rows("SELECT set_config(%s, %s, true)", setting, value)


def _write(path: Path, copy_sql: str) -> None:
    with path.open("wb") as file:
        with (
            gzip.GzipFile("", "wb", _COMPRESSION, file, mtime=0) as packed,
            connection.cursor() as cursor,
            cursor.cursor.copy(copy_sql) as copy,
        ):
            waiting = bytearray()
            for data in copy:
                waiting += data
                if len(waiting) >= _READ_BYTES:
                    packed.write(waiting)
                    waiting.clear()
            packed.write(waiting)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path, copy_sql: str) -> None:
    with (
        gzip.open(path, "rb") as packed,
        connection.cursor() as cursor,
        cursor.cursor.copy(f"{copy_sql} FROM STDIN") as copy,
    ):
        while data := packed.read(_READ_BYTES):
            copy.write(data)


def _file(table: str) -> str:
    return f"{table}.copy.gz"


def _list(columns: list[str]) -> str:
    return ", ".join(columns)


def _month(partition: str) -> date:
    """
    >>> _month("books_transfer_2024_10")
    datetime.date(2024, 10, 1)
    """
    found = _PARTITION.fullmatch(partition)
    assert found is not None, "partitions are named by their month"
    return date(int(found[1]), int(found[2]), 1)


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _rows(sql: str, *values: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())
