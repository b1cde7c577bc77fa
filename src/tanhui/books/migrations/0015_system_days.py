"""Sums of system accounts by day, and up to which transaction they are made.

A journal's row keeps the number of the transaction that wrote it and its transfers. Sums are made
of what committed below `pg_snapshot_xmin`: everything below it is over, so nothing can commit late
and be missed. (Ids commit out of order: summing up to the largest seen missed one row in ten.)
"""

import django.db.models.deletion
from django.db import migrations, models

XID = """
ALTER TABLE books_journal ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX books_journal_xid ON books_journal (xid);
ALTER TABLE books_systemdaymark ADD COLUMN upto xid8 NOT NULL;
"""

# STABLE: all of it is read at the moment of the statement that calls it. The plan is made anew,
# because where the transfers begin that are not in the sums yet decides how to find them.
MOVES = """
CREATE FUNCTION books_system_moves(p_account bigint)
RETURNS TABLE (day date, code varchar, debits bigint, credits bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_upto xid8 := coalesce((SELECT upto FROM books_systemdaymark), '0');
    v_first bigint := (SELECT min(j.id) FROM books_journal j WHERE j.xid >= v_upto);
BEGIN
    RETURN QUERY SELECT s.day, s.code, s.debits, s.credits
        FROM books_systemday s WHERE s.account_id = p_account;
    RETURN QUERY SELECT t.effective_day, t.code, 0::bigint, sum(t.amount)::bigint
        FROM books_transfer t
        WHERE t.credit_account_id = p_account AND t.id >= v_first << 32 AND (v_upto = '0' OR EXISTS
            (SELECT FROM books_journal j WHERE j.id = t.journal_id AND j.xid >= v_upto))
        GROUP BY 1, 2;
    RETURN QUERY SELECT t.effective_day, t.code, sum(t.amount)::bigint, 0::bigint
        FROM books_transfer t
        WHERE t.debit_account_id = p_account AND t.id >= v_first << 32 AND (v_upto = '0' OR EXISTS
            (SELECT FROM books_journal j WHERE j.id = t.journal_id AND j.xid >= v_upto))
        GROUP BY 1, 2;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("books", "0014_issue_origin")]

    operations = [
        migrations.CreateModel(
            "SystemDay",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account",
                        "day",
                        "code",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("code", models.CharField(max_length=16)),
                ("debits", models.BigIntegerField()),
                ("credits", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        "books.account",
                        django.db.models.deletion.DO_NOTHING,
                        db_constraint=False,
                        db_index=False,
                        related_name="+",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            "SystemDayMark",
            [("id", models.SmallIntegerField(primary_key=True, serialize=False))],
            options={
                "constraints": [
                    models.CheckConstraint(name="books_systemdaymark_one", condition=models.Q(id=1))
                ]
            },
        ),
        migrations.RunSQL(
            XID,
            "ALTER TABLE books_systemdaymark DROP COLUMN upto;"
            "ALTER TABLE books_journal DROP COLUMN xid;",
        ),
        migrations.RunSQL(MOVES, "DROP FUNCTION books_system_moves"),
    ]
