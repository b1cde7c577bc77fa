"""docs/registry.md is walked: every request of it, on the days it names, through the API."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.tidy.source import PROJECT

from tanhui.books.models import Issue
from tanhui.domain.organisations import services
from tanhui.domain.organisations.models import Organisation
from tanhui.interfaces.platform import clock_set_to

BLOCK = re.compile(r"^```http\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r"# (\d{4}-\d\d-\d\d) (.+)\n")
START = datetime(2020, 1, 1, tzinfo=UTC)
PLACE = "310115"


def blocks(page: str) -> list[tuple[date, list[str], list[str]]]:
    """Day, actors and requests of each block, in the order of the days."""
    found = []
    for text in BLOCK.findall((PROJECT / "docs" / page).read_text("utf-8")):
        head = HEAD.match(text)
        assert head is not None, text
        requests = text[head.end() :].strip().split("\n\n")
        found.append((date.fromisoformat(head[1]), head[2].split(", "), requests))
    return sorted(found, key=lambda each: each[0])


@dataclass
class Walk:
    """Signed-in clients by actor, and what the names in braces stand for."""

    clients: dict[str, Client]
    known: dict[str, str]
    turn: Any = field(default_factory=count)

    def send(self, actor: str, request: str) -> None:
        line, _, body = self.filled(request).partition("\n")
        method, path = line.split(" ")
        client = self.clients[actor]
        headers = {"Idempotency-Key": f"walk-{next(self.turn):06d}"}
        if method == "GET":
            answer = client.get(path)
        elif body.startswith("{"):
            answer = client.post(path, body, content_type="application/json", headers=headers)
        else:
            answer = client.post(path, self.form(body), headers=headers)
        assert answer.status_code in (200, 201), f"{request}\n{answer.content.decode()}"
        self.learn(answer.json())

    def filled(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda name: self.known[name[1]], text)

    def form(self, body: str) -> dict[str, Any]:
        given = dict(pair.split("=") for pair in body.split("&"))
        place = PROJECT / given["file"]
        content = place.read_bytes() if place.is_file() else given["kind"].encode()
        if given["kind"] == "verification_statement":
            self.known["statement_sha256"] = hashlib.sha256(content).hexdigest()
        return {
            "kind": given["kind"],
            "file": SimpleUploadedFile(Path(given["file"]).name, content),
        }

    def learn(self, answer: dict[str, Any]) -> None:
        if "kind" in answer and "number" in answer:
            self.known[answer["kind"]] = answer["number"]
        if hash_ := answer.get("result", {}).get("result_hash"):
            self.known["result_hash"] = hash_


def an_organisation(kind: str) -> Organisation:
    given = services.Registration(name_zh="示例", name_en="Example", kind=kind, region=PLACE)
    return services.register(given, actor="test", at=START, key=f"walk-{kind}")


def a_client(name: str, role: str, of: Organisation | None = None) -> Client:
    user = get_user_model().objects.create_user(name.replace(" ", "-"))
    services.appoint(user.pk, role, region=PLACE, organisation=of, at=START)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_the_requests_of_the_guide_work() -> None:
    owner, verifier = an_organisation("enterprise"), an_organisation("verifier")
    services.accredit(
        verifier,
        number="示例-1",
        issuer="示例",
        valid_from=date(2024, 1, 1),
        valid_to=date(2027, 1, 1),
        at=START,
    )
    clients = {
        "owner": a_client("owner", "owner", owner),
        "authority": a_client("authority", "authority"),
        "second authority": a_client("second authority", "authority"),
        "verifier": a_client("verifier", "verifier", verifier),
    }
    walk = Walk(clients, {"owner": str(owner.pk)})
    for day, actors, requests in blocks("registry.md"):
        now = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
        with clock_set_to(lambda at=now: at):
            for request in requests:
                for actor in actors:
                    walk.send(actor, request)
    issue = Issue.objects.get()
    assert issue.serials.upper - issue.serials.lower == 420
    assert issue.source == walk.known["project"]


def test_both_languages_tell_the_same_requests() -> None:
    assert blocks("registry.md") == blocks("registry.zh.md")
    assert blocks("registry.md")
