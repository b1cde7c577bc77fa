"""Every link gets a mark by which its person's links are found."""

from typing import Any

import numpy as np
from django.db import migrations, models

from tanhui.domain.citizens.links import LEFT, owner_marks, seal_owned, unseal

AT_ONCE = 100_000

_UPDATE = """
UPDATE citizens_identity i SET owner = c.owner
FROM unnest(%s::varchar[], %s::bytea[], %s::bigint[]) AS c (scheme, digest, owner)
WHERE i.scheme = c.scheme AND i.digest = c.digest
"""


def mark_all(apps: Any, schema_editor: Any) -> None:
    """Some at a time; a person's second link gets the second mark. Of who has left: 0."""
    seen: dict[int, int] = {}
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT scheme, digest, sealed FROM citizens_identity WHERE owner IS NULL LIMIT %s",
                [AT_ONCE],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            digests = [bytes(digest) for _, digest, _ in rows]
            column = np.array(digests, dtype="S32")
            people = unseal(np.array([sealed for *_, sealed in rows], dtype=np.int64), column)
            owners = np.zeros(len(rows), dtype=np.int64)
            here = people != LEFT
            owners[here] = seal_owned(people[here], column[here])[1]
            for place, person in enumerate(people.tolist()):
                if person in seen and person != LEFT:
                    marks = owner_marks(person)
                    owners[place] = [next(marks) for _ in range(seen[person] + 1)][-1]
                seen[person] = seen.get(person, 0) + 1
            schemes = [scheme for scheme, *_ in rows]
            cursor.execute(_UPDATE, [schemes, digests, owners.tolist()])


class Migration(migrations.Migration):
    dependencies = [("citizens", "0003_log_ins")]

    operations = [
        migrations.AddField("identity", "owner", models.BigIntegerField(null=True)),
        migrations.RunPython(mark_all, migrations.RunPython.noop),
        migrations.AlterField("identity", "owner", models.BigIntegerField()),
        migrations.AddIndex(
            "identity", models.Index(fields=["owner"], name="citizens_identity_owner")
        ),
    ]
