"""Plain HTTP for the tests: no redirects followed, no exceptions for an error status."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.web.small_city import PASSWORD


@dataclass(frozen=True)
class Answer:
    """Status, header fields (lower case) and content."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Caller:
    """One visitor with its cookies."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "zh-CN"

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """One request, one answer."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        given = {"Accept-Language": self.language} | (headers or {})
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        connection.request(method, path, body=content, headers=given)
        answer = connection.getresponse()
        found = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        headers_found = {name.lower(): text for name, text in answer.getheaders()}
        connection.close()
        return Answer(answer.status, headers_found, found)

    def get(self, path: str, **headers: str) -> Answer:
        """GET with header fields."""
        return self.ask("GET", path, headers=headers)

    def post_form(self, path: str, fields: dict[str, str], *, page: str) -> Answer:
        """POST a form with the token of the page it stands on."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page).text)
        assert token is not None, f"{page} has no form"
        content = urlencode(fields | {"csrfmiddlewaretoken": token[1]}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, headers=kind, content=content)

    def sign_in(self, username: str) -> Caller:
        """Through the form, like a person."""
        fields = {"username": username, "password": PASSWORD}
        assert self.post_form("/sign-in", fields, page="/sign-in").status == 302
        return self
