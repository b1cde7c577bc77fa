"""Sign and upload one file: a partner may copy this file, it needs only `cryptography`.

    python -m tanhui.interfaces.api.client taps.csv --feed shenzhen-transit \\
        --partner metro --key metro-1 --secret metro.pem --server https://carbon.example

HTTP Message Signatures (RFC 9421, Ed25519) over what the server asks for; the idempotency key is
the hash of the content unless given, so sending the same file again is always safe.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def sign(
    method: str, url: str, *, key_id: str, key: Ed25519PrivateKey, **fields: str
) -> dict[str, str]:
    """Header fields for a request; `fields` are signed too (content_digest, idempotency_key)."""
    parts = urlsplit(url)
    values = {
        "@method": method,
        "@authority": parts.netloc.lower(),
        "@path": parts.path,
        "@query": f"?{parts.query}",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    names = " ".join(f'"{name}"' for name in values)
    nonce = secrets.token_urlsafe(18)
    form = f'({names});created={int(time.time())};keyid="{key_id}";nonce="{nonce}";alg="ed25519"'
    lines = [f'"{name}": {value}' for name, value in values.items()]
    base = "\n".join([*lines, f'"@signature-params": {form}']).encode()
    proof = base64.b64encode(key.sign(base)).decode()
    signed = {name: value for name, value in values.items() if not name.startswith("@")}
    return {**signed, "Signature-Input": f"sig={form}", "Signature": f"sig=:{proof}:"}


def upload(
    url: str, content: bytes, *, key_id: str, key: Ed25519PrivateKey, again: str = ""
) -> bytes:
    """POST `content`; returns the receipt. `again` is the idempotency key, by default the hash."""
    digest = hashlib.sha256(content)
    headers = sign(
        "POST",
        url,
        key_id=key_id,
        key=key,
        content_digest=f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        idempotency_key=again or digest.hexdigest(),
    )
    headers["Content-Type"] = "application/octet-stream"
    request = urllib.request.Request(url, data=content, headers=headers, method="POST")
    with urllib.request.urlopen(request) as answer:
        return bytes(answer.read())


def batches_url(
    server: str, partner: str, *, feed: str, name: str, config: Mapping[str, str]
) -> str:
    """Where a file goes; the feed's configuration travels in the query."""
    settings = {f"config.{key}": value for key, value in config.items()}
    query = urlencode({"feed": feed, "name": name, **settings}, quote_via=quote)
    return f"{server.rstrip('/')}/api/v1/partners/{partner}/batches?{query}"


def main(arguments: list[str] | None = None) -> int:
    """The command line; writes the receipt, or the problem document and 1."""
    parser = argparse.ArgumentParser(description="Sign and upload one file to Tanhui.")
    parser.add_argument("file", type=Path)
    for option in ("feed", "partner", "key", "secret"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--server", default="http://127.0.0.1:8000")
    parser.add_argument("--config", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args(arguments)
    config = dict(entry.split("=", 1) for entry in given.config)
    key = load_pem_private_key(Path(given.secret).read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        parser.error("--secret must be an Ed25519 private key in PEM")
    url = batches_url(
        given.server, given.partner, feed=given.feed, name=given.file.name, config=config
    )
    try:
        receipt = upload(url, given.file.read_bytes(), key_id=given.key, key=key)
    except urllib.error.HTTPError as problem:
        sys.stderr.write(problem.read().decode() + "\n")
        return 1
    sys.stdout.write(json.dumps(json.loads(receipt), ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
