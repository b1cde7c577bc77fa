"""Signed notes (C2SP signed-note): a text, and lines that say who signed it.

A note ends with a newline; after an empty line come the signature lines. Unknown keys are passed
over; a known key whose signature does not fit refuses the whole note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from tanhui.core.errors import InputRefused

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
SM2 = b"\xffsm2-with-sm3\n"  # a type of our own, spelled out as the format asks

NOTE_BYTES_MAX = 65_536
SIGNATURES_MAX = 100
_KEY_ID_BYTES = 4
_TIME_BYTES = 8


class NoteRefused(InputRefused):
    """A part of a signed note or a log that cannot be accepted; `zh` and `en` name the part."""

    def __init__(self, code: str, *, zh: str, en: str) -> None:
        super().__init__(
            code,
            zh=f"不能接受{zh}：格式不对或签名不符。请核对来源和公钥。",
            en=f"Cannot accept {en}: the form is wrong or a signature does not fit. "
            "Check where it came from and the keys you trust.",
        )


class Signer(Protocol):
    """Signs for a name with a key that may live in a file or in a device."""

    @property
    def name(self) -> str:
        """The key's name, such as `log.example.com/2026`."""

    @property
    def public(self) -> bytes:
        """Type and public key, as they stand in a verifier key."""

    def sign(self, text: bytes) -> bytes:
        """The signature of a note's text, without key id."""


@dataclass(frozen=True)
class Ed25519Signer:
    """Signs notes with an Ed25519 key in memory."""

    name: str
    key: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """Type byte and the 32 bytes of the public key."""
        return ED25519 + self.key.public_key().public_bytes_raw()

    def sign(self, text: bytes) -> bytes:
        """64 bytes."""
        return self.key.sign(text)


@dataclass(frozen=True)
class Cosigner:
    """A witness: signs a checkpoint together with the moment it saw it (tlog-cosignature)."""

    name: str
    key: Ed25519PrivateKey
    time_s: int

    @property
    def public(self) -> bytes:
        """Type byte and the 32 bytes of the public key."""
        return COSIGNATURE + self.key.public_key().public_bytes_raw()

    def sign(self, text: bytes) -> bytes:
        """Eight bytes of time, then the signature over time and text."""
        return self.time_s.to_bytes(_TIME_BYTES, "big") + self.key.sign(_timed(self.time_s, text))


@dataclass(frozen=True)
class VerifierKey:
    """A public key by which notes are known: name, type and key."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """From `name+hash+key`; raises NoteRefused when the hash does not fit."""
        parts = text.strip().split("+", 2)
        key = _decode(parts[2]) if len(parts) == 3 else b""
        found = cls(parts[0], key)
        if len(parts) != 3 or not _is_name(parts[0]) or parts[1] != found.key_id.hex():
            raise NoteRefused("note.key.malformed", zh="公钥文本", en="the verifier key")
        return found

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, type and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.public).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self.public).decode()}"

    def is_signature(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature fits the text; a type that is not known never does."""
        if self.public.startswith(SM2):
            from .sm2 import is_signature

            return is_signature(self.public[len(SM2) :], text, signature)
        kind, key = self.public[:1], self.public[1:]
        if kind == COSIGNATURE and len(signature) > _TIME_BYTES:
            time_s = int.from_bytes(signature[:_TIME_BYTES], "big")
            return _is_ed25519(key, _timed(time_s, text), signature[_TIME_BYTES:])
        return kind == ED25519 and _is_ed25519(key, text, signature)


def key_of(signer: Signer) -> VerifierKey:
    """The public half of a signer."""
    return VerifierKey(signer.name, signer.public)


@dataclass(frozen=True)
class OpenedNote:
    """A note whose known signatures all fit."""

    text: str
    signed_by: tuple[VerifierKey, ...]


def signature_line(text: str, signer: Signer) -> str:
    """One signature line for a text."""
    signed = key_of(signer).key_id + signer.sign(text.encode())
    return f"— {signer.name} {base64.b64encode(signed).decode()}\n"


def sign(text: str, signers: Sequence[Signer]) -> str:
    """The note: the text (which ends with a newline), an empty line, one line per signer."""
    assert text.endswith("\n"), "a note's text ends with a newline"
    return text + "\n" + "".join(signature_line(text, signer) for signer in signers)


def split(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Text and signatures (name, key id, signature); raises NoteRefused for another form."""
    at = note.rfind("\n\n")
    lines = note[at + 2 :].split("\n")
    is_plain = all(char == "\n" or char >= " " for char in note)
    if at < 0 or not note.endswith("\n") or not is_plain or len(note) > NOTE_BYTES_MAX:
        raise NoteRefused("note.malformed", zh="签名文本", en="the note")
    signatures = [_signature(line) for line in lines[:-1]]
    if not 0 < len(signatures) <= SIGNATURES_MAX:
        raise NoteRefused("note.malformed", zh="签名文本", en="the note")
    return note[: at + 1], signatures


def open_note(note: str, keys: Sequence[VerifierKey]) -> OpenedNote:
    """Check every signature of a known key; raises NoteRefused when one is wrong or none known."""
    text, signatures = split(note)
    known = {(key.name, key.key_id): key for key in keys}
    found: list[VerifierKey] = []
    for name, key_id, signature in signatures:
        key = known.get((name, key_id))
        if key is None or key in found:
            continue
        if not key.is_signature(text.encode(), signature):
            raise NoteRefused(
                "note.signature.wrong", zh=f"“{name}”的签名", en=f"the signature of '{name}'"
            )
        found.append(key)
    if not found:
        raise NoteRefused(
            "note.signature.unknown", zh="签名者（均不认识）", en="the signers (none is known)"
        )
    return OpenedNote(text, tuple(found))


def _signature(line: str) -> tuple[str, bytes, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not _is_name(parts[1]):
        raise NoteRefused("note.malformed", zh="签名行", en="a signature line")
    data = _decode(parts[2])
    if len(data) <= _KEY_ID_BYTES:
        raise NoteRefused("note.malformed", zh="签名行", en="a signature line")
    return parts[1], data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:]


def _is_name(name: str) -> bool:
    return bool(name) and not any(char.isspace() or char == "+" for char in name)


def _decode(text: str) -> bytes:
    """Canonical base64 only: no other text may stand for the same bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or base64.b64encode(data).decode() != text:
        raise NoteRefused("note.malformed", zh="base64 内容", en="a base64 value")
    return data


def _timed(time_s: int, text: bytes) -> bytes:
    return b"cosignature/v1\ntime %d\n" % time_s + text


def _is_ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
