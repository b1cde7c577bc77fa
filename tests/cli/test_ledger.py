"""The ledger on the command line and for signed-in staff: statements as files, incidents closed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.contrib.auth.models import User
from django.test import Client
from tests.books.ledger import AT, a_holder, give
from tests.books.test_incidents import DIFFERS

from tanhui.books.incidents import open_for
from tanhui.interfaces.cli.ledger import incidents, statement

pytestmark = pytest.mark.django_db


def told(command: Any, *arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.output)
    return document


def test_a_statement_is_shown_and_written(tmp_path: Path) -> None:
    mine = a_holder()
    give(mine, 30)
    shown = told(statement, str(mine))
    assert (shown["opening"], shown["closing"], len(shown["lines"])) == ("0", "30", 1)
    file = tmp_path / "mine.csv"
    told(statement, str(mine), "--first", "2025-04-01", "--format", "csv", "--out", str(file))
    rows = file.read_text("utf-8-sig").splitlines()
    assert [row.split(",")[4] for row in rows] == ["code", "opening", "closing"]
    assert rows[1].endswith(",30")


def test_an_incident_is_listed_and_closed_by_name() -> None:
    open_for([DIFFERS], at=AT, actor="job", run="run-1")
    (item,) = told(incidents, "list", "--open")["items"]
    number = str(item["incident"])
    closed = told(incidents, "close", number, "--person", "Li Ming", "--reason", "set by a test")
    assert (closed["person"], closed["left"], closed["right"]) == ("Li Ming", "5", "7")
    assert told(incidents, "list", "--open")["items"] == []
    assert len(told(incidents, "list")["items"]) == 1


def test_only_staff_see_incidents_over_http() -> None:
    open_for([DIFFERS], at=AT, actor="job", run="run-1")
    client = Client(headers={"host": "localhost"})
    assert client.get("/api/v1/incidents").status_code == 401
    client.force_login(User.objects.create_user("somebody"))
    assert client.get("/api/v1/incidents").status_code == 401
    client.force_login(User.objects.create_user("operator", is_staff=True))
    (item,) = client.get("/api/v1/incidents?open=true").json()["items"]
    assert (item["proof_en"], item["closed_at"]) == ("this differs", None)
