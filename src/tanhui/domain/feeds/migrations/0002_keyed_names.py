"""Rows are found by key; keys are keyed digests from now on.

Rows of before name cards by a plain hash, which anybody can undo. They can meet no row of a new
key, so they are deleted; what became of their taps stands in the evidence of their batch.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feeds", "0001_initial")]

    operations = [
        migrations.RunSQL("DELETE FROM feeds_waitingrow", migrations.RunSQL.noop),
        migrations.RemoveIndex("waitingrow", "feeds_waiting_open"),
        migrations.AddIndex(
            "waitingrow",
            models.Index(
                fields=["partner_id", "feed", "key"],
                condition=models.Q(("consumed_by__isnull", True)),
                name="feeds_waiting_key",
            ),
        ),
    ]
