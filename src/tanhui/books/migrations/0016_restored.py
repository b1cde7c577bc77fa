"""Restores, so that nothing is signed before somebody has compared."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0015_system_days")]

    operations = [
        migrations.CreateModel(
            "Restored",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("backup", models.CharField(max_length=40)),
                ("log_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "resumed",
                    models.ForeignKey(
                        "books.journal",
                        django.db.models.deletion.PROTECT,
                        null=True,
                        related_name="restores_resumed",
                    ),
                ),
            ],
        ),
    ]
