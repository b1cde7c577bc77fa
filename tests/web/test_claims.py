"""Peers ask and claim over HTTP, signed."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from tests.web.asking import Answer, Caller
from tests.web.serving import Site
from tests.web.small_city import KEY_ID

from tanhui.interfaces.api.client import sign

DIGEST = hashlib.sha256(b"a meter").hexdigest()


def signed_post(site: Site, path: str, document: dict[str, Any], *, key: str) -> Answer:
    """POST as the peer's machine."""
    content = json.dumps(document).encode()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    headers = sign(
        "POST",
        site.url + path,
        key_id=KEY_ID,
        key=site.key,
        content_digest=f"sha-256=:{digest}:",
        idempotency_key=key,
    )
    headers = headers | {"Content-Type": "application/json"}
    return Caller(site.url).ask("POST", path, headers=headers, content=content)


def test_a_peer_asks_claims_and_withdraws(site: Site) -> None:
    question = {"digests": [DIGEST]}
    first = signed_post(site, "/api/v1/claims/questions", question, key="question-1")
    assert first.json["answers"] == [{"digest": DIGEST, "claimed": False, "scheme": ""}]
    claim = {"scheme": "ccer", "reference": "P-1", "kind": "meter", "digests": [DIGEST]}
    assert signed_post(site, "/api/v1/claims", claim, key="claim-0001").status == 201
    assert signed_post(site, "/api/v1/claims", claim, key="claim-0001").status == 200
    refused = signed_post(site, "/api/v1/claims", claim, key="claim-0002")
    assert (refused.status, refused.json["code"]) == (409, "claim.repeated")
    again = signed_post(site, "/api/v1/claims/questions", question, key="question-2")
    assert again.json["answers"][0]["scheme"] == "ccer"
    gone = signed_post(site, "/api/v1/claims/withdrawals", {"reference": "P-1"}, key="withdraw-1")
    assert gone.json == {"digests": 1}


def test_nobody_asks_unsigned(site: Site) -> None:
    content = json.dumps({"digests": [DIGEST]}).encode()
    answer = Caller(site.url).ask(
        "POST",
        "/api/v1/claims/questions",
        headers={"Content-Type": "application/json"},
        content=content,
    )
    assert answer.status == 401
