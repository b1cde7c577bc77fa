"""Monthly partitions of the transfers, made when a day first needs them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.backends.base.base import BaseDatabaseWrapper

_MAKE = """
CREATE TABLE {name} (LIKE books_transfer INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE TRIGGER books_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}
    FOR EACH STATEMENT EXECUTE FUNCTION books_refuse_change();
ALTER TABLE books_transfer ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}');
"""


def ensure_partitions(connection: BaseDatabaseWrapper, days: Iterable[date]) -> list[str]:
    """Make the partitions that the days need; returns the names of the new ones.

    Attaching takes a light lock, so readers and writers of other months go on. The caller holds
    the posting lock, so two of them never make the same month at once.
    """
    made = []
    months = sorted({day.replace(day=1) for day in days})
    with connection.cursor() as cursor:
        for first in months:
            name = f"books_transfer_{first:%Y_%m}"
            cursor.execute("SELECT to_regclass(%s)", [name])
            (exists,) = cursor.fetchone() or (None,)
            if exists is None:
                cursor.execute(_MAKE.format(name=name, first=first, end=next_month(first)))
                made.append(name)
    return made


def next_month(first: date) -> date:
    """
    >>> next_month(date(2024, 12, 1))
    datetime.date(2025, 1, 1)
    """
    year, month = divmod(first.year * 12 + first.month, 12)
    return date(year, month + 1, 1)
