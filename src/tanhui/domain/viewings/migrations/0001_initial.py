"""Viewings, append-only: a look cannot be made unseen."""

from django.db import migrations, models

guard = __import__(
    "tanhui.books.migrations.0003_append_only", fromlist=["guard"]
).guard  # a module name that begins with a digit cannot be imported by statement


class Migration(migrations.Migration):
    initial = True
    dependencies = [("books", "0003_append_only")]

    operations = [
        migrations.CreateModel(
            "Viewing",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("viewer", models.CharField(max_length=16)),
                ("partner_id", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=80)),
                ("what", models.CharField(max_length=32)),
                ("why", models.CharField(blank=True, max_length=200)),
            ],
            options={"indexes": [models.Index(fields=["person", "-id"], name="viewings_person")]},
        ),
        migrations.RunSQL(guard("viewings_viewing"), migrations.RunSQL.noop),
    ]
