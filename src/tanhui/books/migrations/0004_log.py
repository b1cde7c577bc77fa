"""The rules under which an act was done, the entries of the public log, and their places."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

guard = __import__(
    "tanhui.books.migrations.0003_append_only", fromlist=["guard"]
).guard  # a module name that begins with a digit cannot be imported by statement

TABLES = ("books_logentry", "books_logplace")


class Migration(migrations.Migration):
    dependencies = [("books", "0003_append_only")]

    operations = [
        migrations.AddField(
            "journal", "rules", models.CharField(max_length=80, default="", db_default="")
        ),
        migrations.CreateModel(
            "LogEntry",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("body", models.BinaryField(max_length=65_535)),
                (
                    "journal",
                    models.OneToOneField(
                        "books.journal",
                        django.db.models.deletion.PROTECT,
                        related_name="log_entry",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            "LogPlace",
            [
                (
                    "entry",
                    models.OneToOneField(
                        "books.logentry",
                        django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        related_name="place",
                    ),
                ),
                ("year", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["year", "index"], name="books_log_place_once"),
                    models.CheckConstraint(condition=Q(index__gte=0), name="books_log_place_index"),
                ]
            },
        ),
        *(migrations.RunSQL(guard(table), migrations.RunSQL.noop) for table in TABLES),
    ]
