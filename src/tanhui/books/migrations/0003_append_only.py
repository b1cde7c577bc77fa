"""Transfer, journal and batch are append-only: a correction is a new row, never a change."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION books_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused; write a reversing entry instead',
        TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""

TABLES = ("books_transfer", "books_journal", "books_batch")


def guard(table: str) -> str:
    """SQL of the statement-level trigger; partitions get the same one when they are made."""
    return (
        f"CREATE TRIGGER books_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION books_refuse_change()"
    )


class Migration(migrations.Migration):
    dependencies = [("books", "0002_transfer")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION books_refuse_change() CASCADE"),
        *(migrations.RunSQL(guard(table), migrations.RunSQL.noop) for table in TABLES),
    ]
