"""Certificates of retirements, written once."""

import django.db.models.deletion
from django.db import migrations, models

guard = __import__(
    "tanhui.books.migrations.0003_append_only", fromlist=["guard"]
).guard  # a module name that begins with a digit cannot be imported by statement


class Migration(migrations.Migration):
    dependencies = [
        ("books", "0005_serials"),
    ]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("token", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("credential", models.JSONField()),
                ("jwt", models.TextField()),
                (
                    "journal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificate",
                        to="books.journal",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(guard("books_certificate"), migrations.RunSQL.noop),
    ]
