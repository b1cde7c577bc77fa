"""Two locks of the books: one intake at a time, one posting at a time.

Arrival order decides duplicates and caps, so batches are numbered and posted one after the
other. PostgreSQL holds the locks: a killed process loses them at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

from tanhui.core.errors import Unavailable

_INTAKE = 0x7461_6E68_0001  # "tanh" and a number; the keys only have to differ
_POSTING = 0x7461_6E68_0002


_POLLS_PER_S = 10


@contextmanager
def intake_lock(connection: BaseDatabaseWrapper, *, wait_s: int | None = None) -> Iterator[None]:
    """Hold the intake for this session, across transactions; waits for the one before.

    After `wait_s` seconds (None: however long it takes) raises Unavailable `intake.busy`.
    """
    _take(connection, wait_s)
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_INTAKE])


def _take(connection: BaseDatabaseWrapper, wait_s: int | None) -> None:
    with connection.cursor() as cursor:
        if wait_s is None:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_INTAKE])
            return
        deadline = time.monotonic() + wait_s
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_INTAKE])
            if cursor.fetchone() == (True,):
                return
            if time.monotonic() >= deadline:
                break
            time.sleep(1 / _POLLS_PER_S)
    raise Unavailable(
        "intake.busy",
        zh="正在接入另一份文件；请稍后用同一个幂等键重试，不会重复入账。",
        en="Another file is being taken in; try again soon with the same idempotency key, "
        "nothing is posted twice.",
    )


def lock_posting(connection: BaseDatabaseWrapper) -> None:
    """Hold the posting until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_POSTING])
