"""On what a partner's records are counted: its contract, or a receipt of each person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]

    operations = [
        migrations.AddField(
            "partner",
            "consent_basis",
            models.CharField(max_length=16, default="contract", db_default="contract"),
        ),
        migrations.AddField(
            "partner",
            "consent_contract",
            models.CharField(max_length=200, default="", db_default="", blank=True),
        ),
    ]
