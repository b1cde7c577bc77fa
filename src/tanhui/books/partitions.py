"""Monthly partitions of the transfers, made when a day first needs them.

Attaching takes a light lock, so readers and writers of other months go on; the function of the
database takes the posting lock when it has to make one, so two never make the same month at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.backends.base.base import BaseDatabaseWrapper


def ensure_partitions(connection: BaseDatabaseWrapper, days: Iterable[date]) -> None:
    """Make the partitions that the days need, before any balance is locked."""
    months = sorted({day.replace(day=1) for day in days})
    with connection.cursor() as cursor:
        for first in months:
            cursor.execute("SELECT books_ensure_month(%s)", [first])
