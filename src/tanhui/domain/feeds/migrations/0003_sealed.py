"""What a waiting row says is sealed under the key of its person from now on.

Rows of before say it in clear, and nobody can tell whose they are without it, so they are deleted;
what became of their taps stands in the evidence of their batch.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feeds", "0002_keyed_names")]

    operations = [
        migrations.RunSQL("DELETE FROM feeds_waitingrow", migrations.RunSQL.noop),
        migrations.RemoveField("waitingrow", "payload"),
        migrations.AddField(
            "waitingrow", "person", models.BigIntegerField(default=0), preserve_default=False
        ),
        migrations.AddField(
            "waitingrow", "sealed", models.BinaryField(default=b""), preserve_default=False
        ),
        migrations.AddIndex(
            "waitingrow", models.Index(fields=["person"], name="feeds_waiting_person")
        ),
    ]
