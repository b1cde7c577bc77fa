"""Signed requests for the tests, made by the client that partners are given."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.web.asking import Answer, Caller
from tests.web.serving import Site
from tests.web.small_city import KEY_ID, PARTNER, csv_text, ride

from tanhui.interfaces.api.client import batches_url, sign


@dataclass(frozen=True)
class Request:
    """An upload as it goes over the wire."""

    url: str
    headers: dict[str, str]
    content: bytes

    def send(self, site: Site) -> Answer:
        """Send it as it is."""
        parts = urlsplit(self.url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Caller(site.url).ask("POST", path, headers=self.headers, content=self.content)

    def but(self, **headers: str) -> Request:
        """The same request with other header fields (after signing)."""
        changed = {name.replace("_", "-"): text for name, text in headers.items()}
        return replace(self, headers=self.headers | changed)


def a_file(number: int, **changes: str) -> bytes:
    """A canonical CSV with one ride that no other test sends."""
    row = ride(number, 20, person=f"card:{number}", **changes)
    return csv_text([row]).encode()


def a_request(
    site: Site,
    content: bytes,
    *,
    key: Ed25519PrivateKey | None = None,
    key_id: str = KEY_ID,
    again: str = "",
    partner: str = PARTNER,
    name: str = "upload.csv",
    feed: str = "canonical",
) -> Request:
    """A well-signed upload of `content`."""
    url = batches_url(site.url, partner, feed=feed, name=name, config={})
    digest = hashlib.sha256(content)
    headers = sign(
        "POST",
        url,
        key_id=key_id,
        key=key or site.key,
        content_digest=f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        idempotency_key=again or digest.hexdigest(),
    )
    return Request(url, headers, content)


def signed_get(site: Site, path: str) -> Answer:
    """GET as the partner's machine."""
    headers = sign("GET", site.url + path, key_id=KEY_ID, key=site.key)
    return Caller(site.url).get(path, **headers)
