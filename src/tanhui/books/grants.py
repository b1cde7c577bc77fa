"""What the role of the running platform may do: everything its acts need, and no more.

Beside the triggers this is the second lock on history: the role can add to the append-only tables
and cannot change or delete there, nor delete anything in the books, nor empty a table, nor take the
triggers off, because it owns nothing. The role that owns the tables is used for `tanhui migrate`
alone. Months are added for it by one function that runs as the owner.
"""

from __future__ import annotations

from django.db import connection, transaction
from psycopg import sql

from tanhui.core.errors import NotFound

_TABLES = """
SELECT c.relname, EXISTS (SELECT 1 FROM pg_trigger t
    WHERE t.tgrelid = c.oid AND t.tgname = 'books_append_only')
FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""


def rights(table: str, *, append_only: bool) -> tuple[str, ...]:
    """What the role may do with a table.

    >>> rights("books_balance", append_only=False)
    ('SELECT', 'INSERT', 'UPDATE')
    """
    if append_only:
        return ("SELECT", "INSERT")
    if table == "django_migrations":
        return ("SELECT",)
    if table.startswith("books_"):
        return ("SELECT", "INSERT", "UPDATE")
    return ("SELECT", "INSERT", "UPDATE", "DELETE")


def grant(role: str) -> list[str]:
    """Give `role` its rights on every table there is, and take all others; returns the
    append-only tables. Raises NotFound when there is no such role."""
    name = sql.Identifier(role)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            raise NotFound(
                "database.role.unknown",
                zh=f"数据库中没有角色“{role[:60]}”；请先由管理员创建（CREATE ROLE … LOGIN）。",
                en=f"The database has no role '{role[:60]}'; let its administrator create it "
                "(CREATE ROLE ... LOGIN).",
            )
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone() or ("public",)
        within = sql.Identifier(schema)
        cursor.execute(_TABLES)
        tables = cursor.fetchall()
        run = cursor.cursor.execute  # psycopg's own: it composes names safely
        run(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(within, name))
        run(sql.SQL("REVOKE CREATE ON SCHEMA {} FROM {}").format(within, name))
        run(
            sql.SQL("GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(
                within, name
            )
        )
        run(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(within, name))
        for table, append_only in tables:
            words = sql.SQL(", ".join(rights(table, append_only=append_only)))
            run(sql.SQL("GRANT {} ON {} TO {}").format(words, sql.Identifier(table), name))
    return [table for table, append_only in tables if append_only]
