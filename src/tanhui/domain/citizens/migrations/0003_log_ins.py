"""Log-in names become keyed digests, and whose they are a sealed link, like any reference.

The names of before stand in dead rows until PostgreSQL overwrites them: `VACUUM FULL` of the two
tables, once, after this (docs/privacy.md).
"""

from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import migrations, models

from tanhui.domain.citizens.links import seal
from tanhui.domain.citizens.references import LOG_IN, log_in_digest


def take_names_away(apps: Any, schema_editor: Any) -> None:
    """Every log-in there is; staff, members of partners and the demo keep their name."""
    login = apps.get_model("citizens", "CitizenLogin").objects
    identity = apps.get_model("citizens", "Identity").objects
    if not login.exists():
        return
    key = (Path(settings.TANHUI_HOME) / "keys" / "identity.key").read_bytes()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('partners_partnermember')")
        (has_members,) = cursor.fetchone()
        cursor.execute("SELECT user_id FROM partners_partnermember" if has_members else "SELECT 0")
        members = {user for (user,) in cursor.fetchall()}
    for one in login.select_related("user", "person").iterator():
        one.digest = log_in_digest(one.user.username, key=key)
        one.is_demo = one.person.is_demo
        one.save(update_fields=["digest", "is_demo"])
        sealed = seal(np.array([one.person_id]), np.array([one.digest], dtype="S32"))
        identity.create(scheme=LOG_IN, digest=one.digest, sealed=int(sealed[0]))
        if not (one.is_demo or one.user.is_staff or one.user_id in members):
            one.user.username = one.digest.hex()
            one.user.first_name = one.user.last_name = one.user.email = ""
            one.user.save()


class Migration(migrations.Migration):
    dependencies = [("citizens", "0002_sealed_links")]

    operations = [
        migrations.AddField(
            "citizenlogin", "digest", models.BinaryField(max_length=32, unique=True, null=True)
        ),
        migrations.AddField("citizenlogin", "is_demo", models.BooleanField(default=False)),
        migrations.RunPython(take_names_away, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            "citizenlogin", "digest", models.BinaryField(max_length=32, unique=True)
        ),
        migrations.RemoveField("citizenlogin", "person"),
    ]
