"""An incident is acknowledged once, before it is closed: who looks after it, and what is known."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

KEEP = """
CREATE OR REPLACE FUNCTION books_keep_incident() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_closing text[] := ARRAY['closed_by_id', 'closed_at', 'person', 'reason'];
    v_acknowledging text[] := ARRAY['acknowledged_by_id', 'acknowledged_at',
        'acknowledged_person', 'acknowledged_reason'];
    v_may_change text[] := v_closing;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.acknowledged_by_id IS NULL THEN
        v_may_change := v_closing || v_acknowledging;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.closed_by_id IS NOT NULL
       OR to_jsonb(OLD) - v_may_change <> to_jsonb(NEW) - v_may_change
    THEN
        RAISE EXCEPTION 'an incident is only acknowledged and closed, each once: %', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("books", "0012_make_month")]

    operations = [
        migrations.AddField("incident", "acknowledged_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "incident",
            "acknowledged_by",
            models.OneToOneField(
                "books.journal",
                django.db.models.deletion.PROTECT,
                null=True,
                related_name="incident_acknowledged",
            ),
        ),
        migrations.AddField(
            "incident",
            "acknowledged_person",
            models.CharField(max_length=120, default="", db_default=""),
        ),
        migrations.AddField(
            "incident", "acknowledged_reason", models.TextField(default="", db_default="")
        ),
        migrations.AddConstraint(
            "incident",
            models.CheckConstraint(
                name="books_incident_acknowledged",
                condition=Q(
                    acknowledged_by__isnull=True,
                    acknowledged_at__isnull=True,
                    acknowledged_person="",
                    acknowledged_reason="",
                )
                | (
                    Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False)
                    & ~Q(acknowledged_person="")
                    & ~Q(acknowledged_reason="")
                ),
            ),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
