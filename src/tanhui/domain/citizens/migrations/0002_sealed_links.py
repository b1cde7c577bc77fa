"""The link from a reference to its person moves under a key of its own; people may leave."""

from typing import Any

import numpy as np
from django.db import migrations, models

from tanhui.domain.citizens.links import seal

AT_ONCE = 100_000

_UPDATE = """
UPDATE citizens_identity i SET sealed = c.sealed
FROM unnest(%s::varchar[], %s::bytea[], %s::bigint[]) AS c (scheme, digest, sealed)
WHERE i.scheme = c.scheme AND i.digest = c.digest
"""


def seal_all(apps: Any, schema_editor: Any) -> None:
    """Every link there is, some at a time."""
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT scheme, digest, person_id FROM citizens_identity WHERE sealed IS NULL "
                "LIMIT %s",
                [AT_ONCE],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            schemes, digests, people = (list(column) for column in zip(*rows, strict=True))
            digests = [bytes(digest) for digest in digests]
            sealed = seal(np.array(people, dtype=np.int64), np.array(digests, dtype="S32"))
            cursor.execute(_UPDATE, [schemes, digests, sealed.tolist()])


class Migration(migrations.Migration):
    dependencies = [("citizens", "0001_initial")]

    operations = [
        migrations.AddField("person", "erased_at", models.DateTimeField(null=True)),
        migrations.AddField("identity", "sealed", models.BigIntegerField(null=True)),
        migrations.RunPython(seal_all, migrations.RunPython.noop),
        migrations.AlterField("identity", "sealed", models.BigIntegerField()),
        migrations.RemoveField("identity", "person"),
    ]
