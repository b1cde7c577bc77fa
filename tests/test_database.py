"""The database seam gives a real PostgreSQL 15 or newer, and secrets stay private."""

from __future__ import annotations

import pytest
from django.db import connection

from tanhui.interfaces.home import data_home, secret


@pytest.mark.django_db
def test_the_database_is_postgresql_15_or_newer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        row = cursor.fetchone()
    assert row is not None
    assert int(row[0]) >= 150_000


def test_a_secret_is_made_once_and_readable_by_the_owner_only() -> None:
    first = secret("example")
    assert secret("example") == first
    assert len(first) == 32
    folder = data_home() / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "example.key").stat().st_mode & 0o777 == 0o600
