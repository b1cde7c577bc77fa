"""Transfers, partitioned by month; Django knows the model, PostgreSQL the partitions."""

import django.db.models.deletion
from django.db import migrations, models

CREATE = """
CREATE TABLE books_transfer (
    id bigint NOT NULL,
    journal_id bigint NOT NULL,
    debit_account_id bigint NOT NULL,
    credit_account_id bigint NOT NULL,
    amount bigint NOT NULL,
    origin bigint,
    asset_id integer NOT NULL,
    effective_day date NOT NULL,
    n_events integer NOT NULL,
    code varchar(16) NOT NULL,
    CONSTRAINT books_transfer_moves CHECK (
        amount > 0 AND n_events >= 0 AND debit_account_id <> credit_account_id
        AND id >> 32 = journal_id),
    CONSTRAINT books_transfer_origin CHECK ((code = 'reverse') = (origin IS NOT NULL))
) PARTITION BY RANGE (effective_day);
CREATE INDEX books_transfer_credited ON books_transfer (credit_account_id, effective_day)
    WHERE code <> 'earn';
CREATE INDEX books_transfer_debited ON books_transfer (debit_account_id, effective_day)
    WHERE code NOT IN ('credit', 'earn');
-- A balance changes in place: room in every page keeps its index untouched.
ALTER TABLE books_balance SET (fillfactor = 65);
"""


class Migration(migrations.Migration):
    dependencies = [("books", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE, "DROP TABLE books_transfer")],
            state_operations=[
                migrations.CreateModel(
                    name="Transfer",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "effective_day",
                                "id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("id", models.BigIntegerField()),
                        ("amount", models.BigIntegerField()),
                        ("origin", models.BigIntegerField(null=True)),
                        ("effective_day", models.DateField()),
                        ("n_events", models.IntegerField()),
                        ("code", models.CharField(max_length=16)),
                        (
                            "asset",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="books.asset",
                            ),
                        ),
                        (
                            "credit_account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="credits",
                                to="books.account",
                            ),
                        ),
                        (
                            "debit_account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="debits",
                                to="books.account",
                            ),
                        ),
                        (
                            "journal",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="transfers",
                                to="books.journal",
                            ),
                        ),
                    ],
                ),
            ],
        )
    ]
