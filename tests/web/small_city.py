"""A city small enough to know by heart, for tests through HTTP; run in its own process.

    python -m tests.web.small_city PUBLIC_KEY_BASE64

One citizen with eight records of four batches, a stranger, two partners, one signing key.
"""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

import django

from tanhui.interfaces.database import ensure_database

COLUMNS = (
    "external_id", "person", "scene", "region", "started_at", "ended_at", "distance_km",
)  # fmt: skip
PASSWORD = "not-for-production-7"
CITIZEN, STRANGER, MEMBER, RIVAL = "test-citizen", "test-stranger", "test-metro", "test-pay"
PARTNER, OTHER = "test-metro", "test-pay"
KEY_ID = "test-metro-1"
RIDE_MG = 784_000  # 10 km at 78.4 g/km
HOSTILE = '<script>alert("x")</script>'


def ride(number: int, day: int, *, hour: int = 8, **changes: str) -> dict[str, str]:
    """Ten kilometres by Wuhan metro in October 2024."""
    start = f"2024-10-{day:02d}T{hour:02d}:00:00+08:00"
    end = f"2024-10-{day:02d}T{hour:02d}:30:00+08:00"
    row = {"external_id": f"r{number}", "person": "card:1", "scene": "metro", "region": "420100"}
    return row | {"started_at": start, "ended_at": end, "distance_km": "10"} | changes


def csv_text(rows: list[dict[str, str]]) -> str:
    """The canonical CSV of the rows."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(row.get(column, "") for column in COLUMNS) for row in rows]
    return "\n".join(lines) + "\n"


FILES = (
    # partner, file name, rows
    (
        PARTNER,
        "rides-1.csv",
        [
            ride(1, 8),
            ride(2, 9),
            ride(2, 9),  # resent
            ride(3, 10, distance_km="NaN"),
            ride(4, 10, person="card:2"),
            ride(5, 11, distance_km=HOSTILE),
        ],
    ),
    (OTHER, "pay-1.csv", [ride(1, 8, hour=8), ride(2, 12)]),  # the first is the same ride
    (PARTNER, "rides-2.csv", [ride(6, 14, distance_km="60"), ride(7, 14, hour=10)]),
    (PARTNER, "long-name-" + "x" * 180 + ".csv", [ride(8, 15, hour=9, distance_km="0.1")]),
)


def build(public_key: bytes) -> None:
    """Migrate, make people and partners, take the files in through the flow."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from tanhui.domain.citizens import queries as citizens
    from tanhui.domain.citizens.log_ins import make_log_in
    from tanhui.domain.partners import services as partners
    from tanhui.interfaces.home import data_home, secret
    from tanhui.interfaces.intake import take_in

    call_command("migrate", interactive=False, verbosity=0)
    metro = partners.register(PARTNER, name_zh="测试地铁", name_en="Test Metro")
    pay = partners.register(OTHER, name_zh="测试支付", name_en="Test Pay")
    partners.add_key(metro, key_id=KEY_ID, public_key=public_key)
    for number, (partner, name, rows) in enumerate(FILES):
        path = Path(data_home()) / f"file-{number}"
        path.write_text(csv_text(rows), encoding="utf-8")
        take_in(path, name=name, partner=partner, feed="canonical", config={}, actor="test")
    for username in (MEMBER, RIVAL):
        User.objects.create_user(username, password=PASSWORD)
    for username, ref in ((CITIZEN, "card:1"), (STRANGER, "card:2")):
        person = citizens.find(ref, key=secret("identity"))
        assert person is not None
        make_log_in(username, PASSWORD, person, key=secret("identity"))
    partners.join(User.objects.get(username=MEMBER).pk, metro)
    partners.join(User.objects.get(username=RIVAL).pk, pay)


if __name__ == "__main__":
    ensure_database()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tanhui.interfaces.settings"
    django.setup()
    build(base64.b64decode(sys.argv[1]))
