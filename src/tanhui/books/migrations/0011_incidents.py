"""Incidents: proofs that did not hold, each closed once by a person with a reason."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

KEEP = """
CREATE FUNCTION books_keep_incident() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_by_id IS NOT NULL
       OR to_jsonb(OLD) - ARRAY['closed_by_id', 'closed_at', 'person', 'reason']
          <> to_jsonb(NEW) - ARRAY['closed_by_id', 'closed_at', 'person', 'reason']
    THEN
        RAISE EXCEPTION 'an incident is only ever closed, once: % is refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER books_keep_incident BEFORE UPDATE OR DELETE ON books_incident
    FOR EACH ROW EXECUTE FUNCTION books_keep_incident();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("books", "0010_batch_root"),
    ]

    operations = [
        migrations.CreateModel(
            "Incident",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("proof", models.CharField(max_length=120)),
                ("proof_zh", models.CharField(max_length=120)),
                ("figure_left", models.DecimalField(decimal_places=0, max_digits=40)),
                ("figure_right", models.DecimalField(decimal_places=0, max_digits=40)),
                ("detail", models.TextField()),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("person", models.CharField(db_default="", default="", max_length=120)),
                ("reason", models.TextField(db_default="", default="")),
                (
                    "closed_by",
                    models.OneToOneField(
                        "books.journal",
                        django.db.models.deletion.PROTECT,
                        null=True,
                        related_name="incident_closed",
                    ),
                ),
                (
                    "opened_by",
                    models.OneToOneField(
                        "books.journal",
                        django.db.models.deletion.PROTECT,
                        related_name="incident_opened",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["proof"],
                        condition=Q(closed_by__isnull=True),
                        name="books_incident_open_once",
                    ),
                    models.CheckConstraint(
                        name="books_incident_closed",
                        condition=Q(
                            closed_by__isnull=True, closed_at__isnull=True, person="", reason=""
                        )
                        | (
                            Q(closed_by__isnull=False, closed_at__isnull=False)
                            & ~Q(person="")
                            & ~Q(reason="")
                        ),
                    ),
                ]
            },
        ),
        migrations.RunSQL(KEEP, "DROP FUNCTION books_keep_incident() CASCADE"),
    ]
