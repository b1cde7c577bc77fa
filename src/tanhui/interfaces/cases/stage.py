"""The stage a case plays on: a scratch installation, its clock, and people who knock at its door.

Everything goes through HTTP as anybody's would, session and CSRF token included; only registering
organisations and log-ins is the operator's, as on the command line. Organisations, log-ins and
partners carry the case's id in their names, so that cases do not meet.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tanhui.domain.citizens import queries as citizens
from tanhui.domain.citizens.log_ins import make_log_in
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations import services
from tanhui.domain.partners import services as partners
from tanhui.interfaces.api.client import batches_url, sign
from tanhui.interfaces.platform import platform

HOST = "http://localhost"
PASSWORD = "cases-only"  # of log-ins that live as long as the scratch installation
_EARLY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """Status and document of one request."""

    status: int
    document: Any


@dataclass
class Stage:
    """The actors of one case by the names it gives them."""

    case: str
    now: datetime = _EARLY
    organisations: dict[str, int] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    turn: int = 0

    def key(self) -> str:
        """The next idempotency key."""
        self.turn += 1
        return f"{self.case}-{self.turn:06d}"

    def organisation(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Register an organisation; marked as demo, because it plays a part."""
        parent = self.organisations[given["parent"]] if "parent" in given else None
        registration = services.Registration(
            name_zh=given.get("name_zh", name),
            name_en=given.get("name_en", name),
            kind=given["kind"],
            region=given["region"],
            parent=parent,
            is_demo=True,
        )
        made = services.register(registration, actor="cli", at=self.now, key=self.key())
        self.organisations[name] = made.pk
        return {"number": made.pk}

    def person(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """A log-in with one role, signed in through the form."""
        username = f"{self.case}-{name}".lower()
        user = get_user_model().objects.create_user(username, password=PASSWORD)
        number = self.organisations[given["of"]] if "of" in given else None
        services.appoint(
            user.pk,
            given["role"],
            region=given["region"],
            organisation=organisations.get(number) if number is not None else None,
            at=_EARLY,
        )
        self.clients[name] = _signed_in(username)
        return {"user": user.pk}

    def citizen(self, name: str, reference: str) -> dict[str, Any]:
        """A log-in of somebody whom a partner reported, signed in through the form."""
        key = platform().identity_key
        number = citizens.find(reference, key=key)
        assert number is not None, f"nobody is called {reference}"
        username = f"{self.case}-{name}".lower()
        make_log_in(username, PASSWORD, number, key=key)
        self.clients[name] = _signed_in(username)
        return {"login": username}

    def ask(self, who: str, method: str, path: str, document: Any = None) -> Answer:
        """One request of a person, or of nobody in particular (who = '')."""
        client = self.clients.get(who) or Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
        headers = {"Idempotency-Key": self.key()}
        if "csrftoken" in client.cookies:
            headers["X-CSRFToken"] = client.cookies["csrftoken"].value
        content = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
        answer = client.generic(
            method, path, content, content_type="application/json", headers=headers
        )
        return Answer(answer.status_code, _document(answer.content))

    def paper(self, who: str, matter: str, kind: str, content: bytes) -> Answer:
        """Hand in a document of a matter."""
        client = self.clients[who]
        headers = {
            "Idempotency-Key": self.key(),
            "X-CSRFToken": client.cookies["csrftoken"].value,
        }
        form = {"kind": kind, "file": SimpleUploadedFile(f"{kind}.txt", content)}
        path = f"/api/v1/matters/{matter}/documents"
        answer = client.post(path, form, headers=headers)
        return Answer(answer.status_code, _document(answer.content))

    def deliver(self, partner: str, name: str, content: bytes) -> Answer:
        """Upload a canonical file under the partner's signature; registers it at first."""
        code = f"{self.case}-{partner}".lower()
        key = self.keys.get(partner)
        if key is None:
            key = self.keys[partner] = Ed25519PrivateKey.generate()
            made = partners.register(code, name_zh=partner, name_en=partner, is_demo=True)
            public = key.public_key().public_bytes_raw()
            partners.add_key(made, key_id=f"{code}-1", public_key=public)
        url = batches_url(HOST, code, feed="canonical", name=name, config={})
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = sign(
            "POST",
            url,
            key_id=f"{code}-1",
            key=key,
            content_digest=f"sha-256=:{digest}:",
            idempotency_key=self.key(),
        )
        parts = urlsplit(url)
        client = Client(SERVER_NAME="localhost")
        answer = client.generic(
            "POST",
            f"{parts.path}?{parts.query}",
            content,
            content_type="application/octet-stream",
            headers=headers,
        )
        return Answer(answer.status_code, _document(answer.content))


def _signed_in(username: str) -> Client:
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    client.get("/sign-in")
    token = client.cookies["csrftoken"].value
    form = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": token}
    answer = client.post("/sign-in", form)
    assert answer.status_code == 302, "the log-in just made signs in"
    return client


def _document(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")
