"""Rows that wait for their other half."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WaitingRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "batch_seq",
                        "row",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("batch_seq", models.BigIntegerField()),
                ("row", models.BigIntegerField()),
                ("partner_id", models.BigIntegerField()),
                ("feed", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=200)),
                ("payload", models.JSONField()),
                ("consumed_by", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("consumed_by__isnull", True)),
                        fields=["partner_id", "feed", "batch_seq", "row"],
                        name="feeds_waiting_open",
                    )
                ],
            },
        ),
    ]
