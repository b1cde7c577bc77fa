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

from tanhui.books.incidents import now_open, open_for
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
    named = ("--person", "Wu Fang", "--reason", "looking at it now")
    known = told(incidents, "acknowledge", number, *named)
    assert (known["acknowledged_person"], known["closed_at"]) == ("Wu Fang", None)
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


def test_staff_acknowledge_and_close_over_http_with_a_token() -> None:
    (incident,) = open_for([DIFFERS], at=AT, actor="job", run="run-1")
    staff = User.objects.create_user("staff", is_staff=True)
    base = f"/api/v1/incidents/{incident.pk}"
    said = {"person": "Li Ming", "reason": "looking at it now"}

    def post(client: Client, what: str, **headers: str) -> Any:
        return client.post(f"{base}/{what}", said, content_type="application/json", headers=headers)

    host = {"host": "localhost"}
    stranger, browser = Client(headers=host), Client(enforce_csrf_checks=True, headers=host)
    browser.force_login(staff)
    for what in ("acknowledgement", "closing"):
        assert post(stranger, what).status_code == 401
        assert post(browser, what).status_code == 403
    assert now_open().get().acknowledged_person == ""
    token = "a" * 32
    browser.cookies["csrftoken"] = token
    first = post(browser, "acknowledgement", **{"X-CSRFToken": token})
    assert (first.status_code, first.json()["acknowledged_person"]) == (200, "Li Ming")
    assert first.json()["closed_at"] is None
    again = post(browser, "acknowledgement", **{"X-CSRFToken": token})
    assert (again.status_code, again.json()["code"]) == (409, "incident.acknowledged")
    done = post(browser, "closing", **{"X-CSRFToken": token})
    assert (done.status_code, done.json()["person"]) == (200, "Li Ming")
    assert now_open().count() == 0
