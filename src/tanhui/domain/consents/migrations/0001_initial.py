"""Receipts of consent, append-only: who changes their mind adds a receipt."""

from django.db import migrations, models

guard = __import__(
    "tanhui.books.migrations.0003_append_only", fromlist=["guard"]
).guard  # a module name that begins with a digit cannot be imported by statement


class Migration(migrations.Migration):
    initial = True
    dependencies = [("books", "0003_append_only")]

    operations = [
        migrations.CreateModel(
            "ConsentReceipt",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.BigIntegerField()),
                ("scene", models.CharField(blank=True, max_length=64)),
                ("partner_id", models.BigIntegerField(null=True)),
                ("purpose", models.CharField(max_length=32)),
                ("given", models.BooleanField()),
                ("text_version", models.CharField(max_length=32)),
                ("text_sha256", models.CharField(max_length=64)),
                ("via", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("journal_id", models.BigIntegerField(unique=True)),
            ],
            options={
                "indexes": [models.Index(fields=["person", "purpose"], name="consents_person")]
            },
        ),
        migrations.RunSQL(guard("consents_consentreceipt"), migrations.RunSQL.noop),
    ]
