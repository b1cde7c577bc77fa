"""Movements one at a time: holds, which lots were spent, which act takes back which.

The verbs are functions of the database, so that an act of several movements is one round trip and
each balance changes by one guarded statement. Errors carry a condition name that `refusals` turns
into words.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

guard = __import__(
    "tanhui.books.migrations.0003_append_only", fromlist=["guard"]
).guard  # a module name that begins with a digit cannot be imported by statement

TABLES = ("books_lotuse", "books_reversal")

# A movement that takes one back names it; what batches take back names the batch. One check and not
# two: every insert reads and prepares its checks anew.
CODES = """
ALTER TABLE books_transfer DROP CONSTRAINT books_transfer_origin;
ALTER TABLE books_transfer DROP CONSTRAINT books_transfer_moves;
ALTER TABLE books_transfer ADD CONSTRAINT books_transfer_moves CHECK (
    amount > 0 AND n_events >= 0 AND debit_account_id <> credit_account_id
    AND id >> 32 = journal_id
    AND (code = 'reverse' OR code = 'undo') = (origin IS NOT NULL));
"""

# What goes to a system account would queue up at one page of the index by credit account, and
# the second index of a unique text serves LIKE, which nobody asks of a key.
INDEXES = """
DROP INDEX books_transfer_credited;
CREATE INDEX books_transfer_credited ON books_transfer (credit_account_id, effective_day)
    WHERE code NOT IN ('earn', 'spend', 'lapse');
DO $$ DECLARE v_like text; BEGIN
    FOR v_like IN SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()
        AND tablename = 'books_journal' AND indexname LIKE '%idempotency_key%like'
    LOOP EXECUTE format('DROP INDEX %I', v_like); END LOOP;
END $$;
"""

# Found by month and number without the cost of a B-tree: rows stand in the order they came.
BRIN = """
CREATE INDEX books_transfer_number ON books_transfer USING brin (id) WITH (pages_per_range = 32);
CREATE INDEX books_lot_expiry ON books_lot USING brin (expires_on) WITH (pages_per_range = 32);
"""

KEEP = """
CREATE FUNCTION books_keep_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'open'
       OR NEW.state NOT IN ('posted', 'voided', 'expired')
       OR (NEW.state = 'posted') <> (NEW.posted > 0)
       OR (OLD.journal_id, OLD.account_id, OLD.amount, OLD.expires_at)
          IS DISTINCT FROM (NEW.journal_id, NEW.account_id, NEW.amount, NEW.expires_at)
    THEN
        RAISE EXCEPTION 'a hold is only ever closed, once: % is refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER books_keep_hold BEFORE UPDATE OR DELETE ON books_hold
    FOR EACH ROW EXECUTE FUNCTION books_keep_hold();
"""

key = models.ForeignKey
unchecked: dict[str, Any] = {
    "on_delete": django.db.models.deletion.DO_NOTHING,
    "db_constraint": False,
    "db_index": False,
    "related_name": "+",
}


class Migration(migrations.Migration):
    dependencies = [("books", "0006_certificate")]

    operations = [
        migrations.CreateModel(
            "Hold",
            [
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("amount", models.BigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("state", models.CharField(max_length=8)),
                ("posted", models.BigIntegerField(default=0, db_default=0)),
                ("journal", key("books.journal", **unchecked)),
                ("account", key("books.account", **unchecked)),
                ("closed_by", key("books.journal", null=True, **unchecked)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="books_hold_state",
                        condition=Q(amount__gt=0, posted=0, state="open", closed_by__isnull=True)
                        | Q(posted__gte=0, posted__lte=F("amount"), closed_by__isnull=False),
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["expires_at"],
                        condition=Q(state="open", expires_at__isnull=False),
                        name="books_hold_expiring",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "LotUse",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "transfer",
                        "lot_journal",
                        "earned_on",
                        "source",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("transfer", models.BigIntegerField()),
                ("earned_on", models.DateField()),
                ("expires_on", models.DateField()),
                ("amount", models.BigIntegerField()),
                ("lot_journal", key("books.journal", **unchecked)),
                ("source", key("books.account", **unchecked)),
            ],
        ),
        migrations.CreateModel(
            "Reversal",
            [
                (
                    "reversed",
                    models.OneToOneField(
                        "books.journal",
                        django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="reversal",
                        serialize=False,
                    ),
                ),
                (
                    "journal",
                    models.ForeignKey(
                        "books.journal",
                        django.db.models.deletion.PROTECT,
                        related_name="reverses",
                    ),
                ),
            ],
        ),
        *(migrations.RunSQL(guard(table), migrations.RunSQL.noop) for table in TABLES),
        migrations.RunSQL(KEEP, "DROP FUNCTION books_keep_hold() CASCADE"),
        migrations.RunSQL(CODES, migrations.RunSQL.noop),
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
        migrations.RunSQL(BRIN, "DROP INDEX books_transfer_number, books_lot_expiry"),
    ]
