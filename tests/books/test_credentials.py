"""Credentials: the W3C's own vector byte for byte, random documents, and every wrong signature."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.books.translog.logs import a_key
from tests.books.translog.published import vectors

from tanhui.books.credentials import check, from_multibase, multibase, multikey, sign, to_jwt
from tanhui.core.errors import InputRefused

GIVEN = vectors("w3c_eddsa_jcs_2022")
PAIR = json.loads(GIVEN["keyPair.json"])
METHOD = f"did:key:{PAIR['publicKeyMultibase']}#{PAIR['publicKeyMultibase']}"
KEY = Ed25519PrivateKey.from_private_bytes(from_multibase(PAIR["privateKeyMultibase"])[2:])


def test_the_w3c_vector_byte_for_byte() -> None:
    unsigned = json.loads(GIVEN["unsigned.json"])
    created = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
    signed = sign(unsigned, KEY, method=METHOD, created=created)
    assert signed == json.loads(GIVEN["eddsa-jcs-2022/signedJCS.json"])
    assert multikey(KEY) == PAIR["publicKeyMultibase"]
    check(signed, PAIR["publicKeyMultibase"])


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"proof": None},
        {"extra": "1"},
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
    ],
)
def test_a_changed_credential_is_refused(change: dict[str, Any]) -> None:
    signed = json.loads(GIVEN["eddsa-jcs-2022/signedJCS.json"])
    changed = signed | change if change.get("proof", 1) else signed | {"proof": {}}
    with pytest.raises(InputRefused, match="does not fit"):
        check(changed, PAIR["publicKeyMultibase"])


def test_another_issuer_is_refused() -> None:
    signed = json.loads(GIVEN["eddsa-jcs-2022/signedJCS.json"])
    for issuer in (multikey(a_key("other")), "z", "x6Mk", "z6Mk0"):
        with pytest.raises(InputRefused):
            check(signed, issuer)


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=9), st.integers(0, 2**53)))
def test_what_is_signed_holds(subject: dict[str, Any]) -> None:
    document = {"@context": ["https://www.w3.org/ns/credentials/v2"], "credentialSubject": subject}
    signed = sign(document, KEY, method=METHOD, created=datetime(2025, 1, 1, tzinfo=UTC))
    check(json.loads(json.dumps(signed)), multikey(KEY))


@given(st.binary(max_size=80))
def test_multibase_there_and_back(data: bytes) -> None:
    assert from_multibase(multibase(data)) == data


def test_the_jwt_is_signed_by_the_same_key() -> None:
    unsigned = json.loads(GIVEN["unsigned.json"])
    token = to_jwt(unsigned, KEY, method=METHOD)
    header, body, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")
    )
    assert json.loads(header) == {"alg": "EdDSA", "cty": "vc", "kid": METHOD, "typ": "vc+jwt"}
    assert json.loads(body) == unsigned
    KEY.public_key().verify(signature, token.rpartition(".")[0].encode())
