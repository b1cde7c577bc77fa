"""The root of the tree over a batch's rows, and its number of leaves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0009_redeem")]

    operations = [
        migrations.AddField(
            "batch", "root", models.CharField(max_length=64, default="", db_default="")
        ),
        migrations.AddField("batch", "leaves", models.BigIntegerField(default=0, db_default=0)),
    ]
