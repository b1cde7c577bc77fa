"""Two locks of the books: one intake at a time, one posting at a time.

Arrival order decides duplicates and caps, so batches are numbered and posted one after the
other. PostgreSQL holds the locks: a killed process loses them at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

_INTAKE = 0x7461_6E68_0001  # "tanh" and a number; the keys only have to differ
_POSTING = 0x7461_6E68_0002


@contextmanager
def intake_lock(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Hold the intake for this session, across transactions; waits for the one before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_INTAKE])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_INTAKE])


def lock_posting(connection: BaseDatabaseWrapper) -> None:
    """Hold the posting until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_POSTING])
