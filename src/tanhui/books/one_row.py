"""One row by one statement that the server prepares once for each connection.

For the few reads and acts that every request of a partner's shop needs: parsing and planning them
anew took the server longer than answering, and building them took the worker ten times as long
(decisions/0018-redeem-at-speed.md). A pooler between platform and database that hands a connection
to others after each transaction must know prepared statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from psycopg import Cursor

Row = tuple[Any, ...]


def one_row(statement: LiteralString, values: Sequence[object]) -> Row | None:
    """The first row, None without one; takes part in the caller's transaction, if any.

    In place of the empty query that finds out whether a kept connection still lives, a statement
    that finds it dead is asked again, once, on a new one: one that writes must have a key. Raises
    Django's database errors, with psycopg's as their cause.
    """
    line: Any = connections[DEFAULT_DB_ALIAS]  # health_check_done has no published type
    is_checked = line.connection is None or line.in_atomic_block or line.health_check_done
    line.health_check_done = True
    try:
        return _ask(line, statement, values)
    except OperationalError:
        if is_checked or not line.connection.closed:
            raise
    line.close()
    return _ask(line, statement, values)


def _ask(line: Any, statement: LiteralString, values: Sequence[object]) -> Row | None:
    line.ensure_connection()
    line.validate_no_broken_transaction()
    with line.wrap_database_errors, Cursor(line.connection) as cursor:
        return cursor.execute(statement, values, prepare=True).fetchone()
