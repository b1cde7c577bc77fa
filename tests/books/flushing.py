"""Let the test runner empty the append-only tables after a test that commits.

Only the flush is let through (as a replica, triggers rest); every test still meets the triggers.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

flush_refused = DatabaseOperations.execute_sql_flush


def flush_as_replica(self: DatabaseOperations, sql_list: Any) -> None:
    """Empty the tables with their triggers resting."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            flush_refused(self, sql_list)
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def allow_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patch the flush."""
    monkeypatch.setattr(DatabaseOperations, "execute_sql_flush", flush_as_replica)
