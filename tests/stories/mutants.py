"""Four mistakes that the crash test must catch, switched on in the database of a test alone.

Nothing in the product knows them: each is SQL that somebody with the owner's rights writes over a
function or a setting, after which the server under test is wrong in one way.
"""

from __future__ import annotations

import psycopg


def _replaced(connection: psycopg.Connection, function: str, old: str, new: str) -> None:
    (text,) = connection.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", [function]
    ).fetchone() or ("",)
    assert text.count(old) == 1, f"{function} is not as this mutant expects"
    connection.execute(text.replace(old, new))


def no_wait_for_disk(connection: psycopg.Connection) -> None:
    """Answer before the commit is on disk.

    The WAL writer usually catches up within a fifth of a second, so that a kill seldom finds
    anything to lose; here it sleeps its longest, as a disk's own cache may.
    """
    connection.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
    connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
    connection.execute("ALTER SYSTEM SET wal_writer_flush_after = '1GB'")
    connection.execute("SELECT pg_reload_conf()")


def no_key(connection: psycopg.Connection) -> None:
    """Forget the idempotency key: what is sent again is done again."""
    _replaced(
        connection, "books_act", "VALUES (p_key,", "VALUES (p_key || '/' || gen_random_uuid(),"
    )


def read_then_write(connection: psycopg.Connection) -> None:
    """Read a balance, add to it, write it back."""
    connection.execute(
        """
CREATE OR REPLACE FUNCTION books_change(
    p_account bigint, p_debits bigint, p_credits bigint, p_held bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v books_balance;
BEGIN
    SELECT * INTO v FROM books_balance WHERE account_id = p_account;
    UPDATE books_balance SET debits = v.debits + p_debits, credits = v.credits + p_credits,
        held = v.held + p_held
    WHERE account_id = p_account;
    RETURN true;
END $$
"""
    )


def void_keeps_the_hold(connection: psycopg.Connection) -> None:
    """Void a hold and leave its amount held."""
    _replaced(
        connection,
        "books_release",
        "0, 0, -v_hold.amount)",
        "0, 0, CASE p_state WHEN 'voided' THEN 0 ELSE -v_hold.amount END)",
    )


_ALL = (no_wait_for_disk, no_key, read_then_write, void_keeps_the_hold)
MUTANTS = {mutant.__name__: mutant for mutant in _ALL}
