"""Units with serial numbers: issues, and blocks that never overlap while they are open."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

guard = __import__(
    "tanhui.books.migrations.0003_append_only", fromlist=["guard"]
).guard  # a module name that begins with a digit cannot be imported by statement

KEEP = """
CREATE FUNCTION books_keep_block() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_by_id IS NOT NULL
       OR to_jsonb(OLD) - 'closed_by_id' <> to_jsonb(NEW) - 'closed_by_id'
    THEN
        RAISE EXCEPTION 'a block is only ever closed, once: % is refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER books_keep_block BEFORE UPDATE OR DELETE ON books_creditblock
    FOR EACH ROW EXECUTE FUNCTION books_keep_block();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("books", "0004_log"),
    ]

    operations = [
        migrations.CreateModel(
            name="Issue",
            fields=[
                (
                    "journal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="issue",
                        serialize=False,
                        to="books.journal",
                    ),
                ),
                ("batch", models.CharField(max_length=120, unique=True)),
                ("serials", django.contrib.postgres.fields.ranges.BigIntegerRangeField()),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="books.asset"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CreditBlock",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("serials", django.contrib.postgres.fields.ranges.BigIntegerRangeField()),
                ("state", models.CharField(max_length=16)),
                (
                    "parents",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks_closed",
                        to="books.journal",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks_opened",
                        to="books.journal",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks",
                        to="books.account",
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks",
                        to="books.issue",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("serials", "&&")], name="books_issue_no_overlap"
            ),
        ),
        migrations.AddIndex(
            model_name="creditblock",
            index=models.Index(
                condition=models.Q(("closed_by__isnull", True)),
                fields=["owner", "state"],
                name="books_block_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditblock",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("closed_by__isnull", True)),
                expressions=[("serials", "&&")],
                name="books_block_no_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditblock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["held", "locked", "pledged", "listed", "retired", "cancelled"])
                ),
                name="books_block_state",
            ),
        ),
        migrations.RunSQL(guard("books_issue"), migrations.RunSQL.noop),
        migrations.RunSQL(KEEP, "DROP FUNCTION books_keep_block() CASCADE"),
    ]
