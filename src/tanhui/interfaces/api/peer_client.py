"""Ask another register about digests, page by page, signed; needs only what `client` needs.

A page has its own idempotency key, the hash of its content. The answers come back in the order of
the questions; nothing is kept here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tanhui.core.errors import Unavailable

from .client import sign

PAGE = 10_000
PATH = "/api/v1/claims/questions"


def ask(
    server: str, digests: Sequence[str], *, key_id: str, key: Ed25519PrivateKey
) -> Iterator[dict[str, object]]:
    """The answer to each digest: {digest, claimed, scheme}; raises Unavailable when refused."""
    for begin in range(0, len(digests), PAGE):
        page = digests[begin : begin + PAGE]
        yield from _asked(server.rstrip("/") + PATH, page, key_id=key_id, key=key)


def _asked(
    url: str, page: Sequence[str], *, key_id: str, key: Ed25519PrivateKey
) -> list[dict[str, object]]:
    content = json.dumps({"digests": list(page)}).encode()
    digest = hashlib.sha256(content)
    headers = sign(
        "POST",
        url,
        key_id=key_id,
        key=key,
        content_digest=f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        idempotency_key=digest.hexdigest(),
    )
    headers |= {"Content-Type": "application/json"}
    request = urllib.request.Request(url, content, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: list[dict[str, object]] = json.loads(answer.read())["answers"]
    except urllib.error.HTTPError as error:
        said = error.read(2_000).decode(errors="replace")
        raise _no_answer(url, said) from None
    except OSError as error:
        raise _no_answer(url, str(error)) from None
    return found


def _no_answer(url: str, said: str) -> Unavailable:
    return Unavailable(
        "claim.no_answer",
        zh=f"{url} 没有回答：{said}；请核对地址、密钥与限额后再试。",
        en=f"{url} gave no answer: {said}; check address, key and limit, then try again.",
    )
