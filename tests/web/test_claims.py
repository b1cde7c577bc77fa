"""Peers ask and claim over HTTP, signed."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.web.asking import Answer, Caller
from tests.web.serving import Site
from tests.web.small_city import KEY_ID

from tanhui.core.errors import Unavailable
from tanhui.interfaces.api import peer_client
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


def test_a_register_asks_page_by_page(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [hashlib.sha256(f"a ride {number}".encode()).hexdigest() for number in range(5)]
    claim = {"scheme": "gec", "reference": "R-1", "kind": "ride", "digests": asked[3:4]}
    assert signed_post(site, "/api/v1/claims", claim, key="claim-ride-1").status == 201
    monkeypatch.setattr(peer_client, "PAGE", 2)
    found = list(peer_client.ask(site.url, asked, key_id=KEY_ID, key=site.key))
    assert [one["digest"] for one in found] == asked
    assert [one["scheme"] for one in found] == ["", "", "", "gec", ""]
    file, secret = tmp_path / "rides.txt", tmp_path / "key.pem"
    file.write_text("\n".join([*asked, *asked]))
    pem = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret.write_bytes(site.key.private_bytes(*pem))
    words = ("--key", KEY_ID, "--secret", str(secret), "--json")
    said = json.loads(site.command("claims", "ask", site.url, str(file), *words))
    assert (said["asked"], [one["digest"] for one in said["claimed"]]) == (5, asked[3:4])
    with pytest.raises(Unavailable, match="claim"):
        list(peer_client.ask(site.url, ["no digest"], key_id=KEY_ID, key=site.key))
    gone = signed_post(site, "/api/v1/claims/withdrawals", {"reference": "R-1"}, key="withdraw-2")
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
