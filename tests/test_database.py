"""The database seam gives a real PostgreSQL 15 or newer, and secrets stay private."""

from __future__ import annotations

import os

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tanhui.core.errors import Conflict
from tanhui.interfaces.database import EMBEDDED, ensure_schema
from tanhui.interfaces.home import data_home, secret


@pytest.mark.django_db
def test_the_database_is_postgresql_15_or_newer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        row = cursor.fetchone()
    assert row is not None
    assert int(row[0]) >= 150_000


@pytest.mark.django_db
def test_an_operators_database_that_is_behind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(os.environ, EMBEDDED, raising=False)
    ensure_schema()
    migrations = MigrationRecorder(connection).migration_qs
    for app in ("books", "citizens"):
        newest = migrations.filter(app=app).latest("id")
        newest.delete()
        with pytest.raises(Conflict, match="tanhui migrate"):
            ensure_schema()
        MigrationRecorder(connection).record_applied(newest.app, newest.name)
    ensure_schema()


def test_a_secret_is_made_once_and_readable_by_the_owner_only() -> None:
    first = secret("example")
    assert secret("example") == first
    assert len(first) == 32
    folder = data_home() / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "example.key").stat().st_mode & 0o777 == 0o600
