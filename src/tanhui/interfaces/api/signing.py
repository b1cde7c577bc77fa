"""Check an HTTP Message Signature (RFC 9421) with Ed25519 (RFC 8032), one strict form only.

One signature a request, plain components without parameters, no escapes in strings: whatever
the standard allows beyond that is refused with a sentence that says what to send instead. Why
this is ours and not a library: decisions/0006-partner-signatures.md. Knows no web framework.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tanhui.core.errors import Denied, InputRefused

from .limits import (
    NONCE_CHARS_MAX,
    NONCE_CHARS_MIN,
    SIGNATURE_AGE_MAX_S,
    SIGNATURE_AHEAD_MAX_S,
    SIGNATURE_HEADER_CHARS_MAX,
)

READ_COMPONENTS = ("@method", "@authority", "@path", "@query")
WRITE_COMPONENTS = (*READ_COMPONENTS, "content-digest", "idempotency-key")

_TEXT = r'"[\x20\x21\x23-\x5b\x5d-\x7e]*"'
_INPUT = re.compile(
    r"(?P<label>[a-z*][a-z0-9_.*-]{0,31})="
    r'(?P<value>\((?P<components>"[a-z0-9@-]+"(?: "[a-z0-9@-]+")*)\)'
    rf"(?P<parameters>(?:;[a-z]+=(?:[0-9]{{1,15}}|{_TEXT}))+))"
)
_PARAMETER = re.compile(rf";([a-z]+)=([0-9]{{1,15}}|{_TEXT})")
_SIGNATURE = re.compile(r"(?P<label>[a-z*][a-z0-9_.*-]{0,31})=:(?P<bytes>[A-Za-z0-9+/]{86}==):")
_DIGEST = re.compile(r"sha-256=:(?P<bytes>[A-Za-z0-9+/]{43}=):")


@dataclass(frozen=True)
class RequestSignature:
    """The parts of `Signature-Input` and `Signature`; `value` is the text that was signed."""

    components: tuple[str, ...]
    value: str
    created: int
    keyid: str
    nonce: str
    signature: bytes


def accepted_form(components: tuple[str, ...]) -> str:
    """The `Accept-Signature` field (RFC 9421, 5.1) that tells a caller what to sign.

    >>> accepted_form(("@method", "@path"))
    'sig=("@method" "@path");created;keyid;nonce;alg="ed25519"'
    """
    names = " ".join(f'"{name}"' for name in components)
    return f'sig=({names});created;keyid;nonce;alg="ed25519"'


def read_signature(signature_input: str, signature: str) -> RequestSignature:
    """Take the two header fields apart; raises `Denied` when they are not of our one form."""
    if max(len(signature_input), len(signature)) > SIGNATURE_HEADER_CHARS_MAX:
        raise _malformed("too long")
    form = _INPUT.fullmatch(signature_input.strip())
    proof = _SIGNATURE.fullmatch(signature.strip())
    if form is None:
        raise _malformed("Signature-Input")
    if proof is None or proof["label"] != form["label"]:
        raise _malformed("Signature")
    pairs = _PARAMETER.findall(form["parameters"])
    parameters = {name: value.strip('"') for name, value in pairs}
    if len(parameters) != len(pairs):
        raise _malformed("a parameter twice")
    if unknown := sorted(set(parameters) - {"created", "keyid", "nonce", "alg"}):
        raise _malformed(f"unknown parameter {unknown[0]}")
    if missing := sorted({"created", "keyid", "nonce"} - set(parameters)):
        raise _malformed(f"parameter {missing[0]} is missing")
    if any((name == "created") == value.startswith('"') for name, value in pairs):
        raise _malformed("created is a whole number of seconds, the others are quoted strings")
    if parameters.get("alg", "ed25519") != "ed25519":
        raise _malformed('alg must be "ed25519"')
    if not NONCE_CHARS_MIN <= len(parameters["nonce"]) <= NONCE_CHARS_MAX:
        raise _malformed(f"nonce must have {NONCE_CHARS_MIN} to {NONCE_CHARS_MAX} characters")
    return RequestSignature(
        components=tuple(name.strip('"') for name in form["components"].split(" ")),
        value=form["value"],
        created=int(parameters["created"]),
        keyid=parameters["keyid"],
        nonce=parameters["nonce"],
        signature=base64.b64decode(proof["bytes"]),
    )


def check_coverage(signature: RequestSignature, required: tuple[str, ...]) -> None:
    """Every required component must be under the signature, and nothing twice."""
    covered = signature.components
    missing = [name for name in required if name not in covered]
    if missing or len(set(covered)) != len(covered):
        what = f'"{missing[0]}"' if missing else "a component twice"
        raise Denied(
            "signature.component_missing",
            zh=f"签名没有覆盖 {what}；必须且只能各覆盖一次：{' '.join(required)}。",
            en=f"The signature does not cover {what}; cover each once: {' '.join(required)}.",
            required=list(required),
        )


def check_freshness(signature: RequestSignature, now_s: int) -> None:
    """`created` must lie in the written window; raises `Denied` with the server's time."""
    age = now_s - signature.created
    if -SIGNATURE_AHEAD_MAX_S <= age <= SIGNATURE_AGE_MAX_S:
        return
    word_zh, word_en = ("过期", "too old") if age > 0 else ("超前", "from the future")
    raise Denied(
        "signature.stale" if age > 0 else "signature.in_future",
        zh=f"签名时间{word_zh}（相差 {age} 秒；允许 -{SIGNATURE_AHEAD_MAX_S} 至 "
        f"{SIGNATURE_AGE_MAX_S} 秒）；请校准时钟并重新签名，Idempotency-Key 不变。",
        en=f"The signature is {word_en} ({age} s off; -{SIGNATURE_AHEAD_MAX_S} to "
        f"{SIGNATURE_AGE_MAX_S} s allowed); set the clock and sign again with the same "
        "Idempotency-Key.",
        server_time=now_s,
        created=signature.created,
    )


def signature_base(signature: RequestSignature, values: Mapping[str, str]) -> bytes:
    """The bytes under the signature (RFC 9421, 2.5); `values` by component name."""
    lines = []
    for name in signature.components:
        if name not in values:
            raise _malformed(f'component "{name}" is not in the request or not supported')
        lines.append(f'"{name}": {values[name].strip()}')
    lines.append(f'"@signature-params": {signature.value}')
    text = "\n".join(lines)
    if not text.isascii() or "\r" in text or text.count("\n") != len(lines) - 1:
        raise _malformed("a signed value is not printable ASCII")
    return text.encode()


def verify(signature: RequestSignature, base: bytes, public_key: bytes) -> None:
    """Raises `Denied` unless `public_key` (32 raw bytes) made this signature over `base`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature.signature, base)
    except (InvalidSignature, ValueError) as error:
        raise Denied(
            "signature.wrong",
            zh="签名与请求内容不符；请核对私钥、请求地址（含查询串）与被签名的各头部。",
            en="The signature does not fit the request; check the private key, the address "
            "with its query, and the signed header fields.",
            keyid=signature.keyid,
        ) from error


def content_sha256(content_digest: str) -> bytes:
    """The SHA-256 of a `Content-Digest` field (RFC 9530); raises `InputRefused`."""
    found = [
        form for part in content_digest.split(",") if (form := _DIGEST.fullmatch(part.strip()))
    ]
    if len(found) == 1:
        try:
            return base64.b64decode(found[0]["bytes"], validate=True)
        except binascii.Error:
            pass
    raise InputRefused(
        "digest.malformed",
        zh="Content-Digest 无法识别；应形如 sha-256=:<Base64>:（RFC 9530）。",
        en="Content-Digest is not readable; send sha-256=:<Base64>: (RFC 9530).",
    )


def _malformed(what: str) -> Denied:
    return Denied(
        "signature.malformed",
        zh=f"签名头部不合规（{what}）；请按 Accept-Signature 的形式签名，见合作平台接入文档。",
        en=f"The signature header fields are not of the accepted form ({what}); sign as "
        "Accept-Signature says, see the partner guide.",
    )
