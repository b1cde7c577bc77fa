"""Verifiable credentials (W3C VC 2.0) signed by the platform: eddsa-jcs-2022, and VC-JWT.

The document is hashed in canonical form (RFC 8785), so whoever keeps the JSON can check it with
nothing but the issuer's public key. Keys are Ed25519, written as multikeys (`z6Mk...`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from tanhui.core.canonical import canonical_json
from tanhui.core.clock import utc_seconds
from tanhui.core.errors import InputRefused

CRYPTOSUITE = "eddsa-jcs-2022"
SIGNATURE_BYTES = 64
_ED25519 = b"\xed\x01"  # multicodec of an Ed25519 public key
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def multikey(key: Ed25519PrivateKey) -> str:
    """The public half as a multikey, `z6Mk...`."""
    return multibase(_ED25519 + key.public_key().public_bytes_raw())


def multibase(data: bytes) -> str:
    """Base58btc with its prefix.

    >>> multibase(b"\\x00\\x01")
    'z12'
    """
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + text


def from_multibase(text: str) -> bytes:
    """The bytes of a base58btc text; raises InputRefused."""
    body = text.removeprefix("z")
    if body == text or not set(body) <= set(_BASE58):
        raise _refused()
    number = 0
    for char in body:
        number = number * 58 + _BASE58.index(char)
    zeros = len(body) - len(body.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def sign(
    document: Mapping[str, Any], key: Ed25519PrivateKey, *, method: str, created: datetime
) -> dict[str, Any]:
    """The credential with its proof; `method` is the address of the key."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": utc_seconds(created),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    signature = key.sign(_hashed(document, proof))
    return {**document, "proof": proof | {"proofValue": multibase(signature)}}


def check(credential: Mapping[str, Any], issuer: str) -> None:
    """Raises InputRefused unless the issuer (a multikey) signed exactly this credential."""
    proof = dict(credential.get("proof", {}))
    signature = from_multibase(str(proof.pop("proofValue", "")))
    document = {name: value for name, value in credential.items() if name != "proof"}
    raw = from_multibase(issuer)
    is_known = (
        proof.get("type") == "DataIntegrityProof"
        and proof.get("cryptosuite") == CRYPTOSUITE
        and proof.get("proofPurpose") == "assertionMethod"
        and proof.get("@context", document.get("@context")) == document.get("@context")
    )
    if not is_known or not raw.startswith(_ED25519) or len(signature) != SIGNATURE_BYTES:
        raise _refused()
    try:
        key = Ed25519PublicKey.from_public_bytes(raw.removeprefix(_ED25519))
        key.verify(signature, _hashed(document, proof))
    except (InvalidSignature, ValueError) as error:
        raise _refused() from error


def to_jwt(document: Mapping[str, Any], key: Ed25519PrivateKey, *, method: str) -> str:
    """The same credential as VC-JWT (VC-JOSE-COSE): header, document, signature."""
    header = {"alg": "EdDSA", "cty": "vc", "kid": method, "typ": "vc+jwt"}
    parts = [_base64url(canonical_json(each)) for each in (header, document)]
    signature = key.sign(".".join(parts).encode())
    return ".".join([*parts, _base64url(signature)])


def _hashed(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    """What is signed: the hash of the proof's configuration, then the hash of the document."""
    return b"".join(hashlib.sha256(canonical_json(each)).digest() for each in (proof, document))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _refused() -> InputRefused:
    return InputRefused(
        "credential.wrong",
        zh="凭证的签名不符，或不是该签发方所签；请核对来源。",
        en="The credential's signature does not fit, or another issuer signed it; "
        "check where it came from.",
    )
