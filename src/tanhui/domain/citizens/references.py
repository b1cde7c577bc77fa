"""Person references (`scheme:value`) and their keyed digests.

An unsalted hash of a card or phone number falls in seconds; HMAC-SHA256 under a key that is
kept outside the database does not (design: trust, privacy).
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

from tanhui.core.errors import InputRefused

from .errors import reference_malformed

SCHEME_MAX = 32
LOG_IN = "log-in"
DIGEST_BYTES = 32
BLOCK_BYTES = 64


def scheme_of(ref: str) -> str:
    """
    >>> scheme_of("szt:FIAAAEIFD")
    'szt'
    """
    scheme, colon, value = ref.partition(":")
    if not (colon and value and 0 < len(scheme) <= SCHEME_MAX and scheme.isprintable()):
        raise reference_malformed(ref)
    return scheme


def is_reference(ref: str) -> bool:
    """Whether somebody can go by this text.

    >>> is_reference("szt:FIAAAEIFD"), is_reference("FIAAAEIFD"), is_reference("a:\\ud800")
    (True, False, False)
    """
    try:
        scheme_of(ref)
        ref.encode()
    except (InputRefused, UnicodeEncodeError):
        return False
    return True


def digest_of(ref: str, *, key: bytes) -> bytes:
    """HMAC-SHA256 of the whole reference, scheme included; half a character is refused."""
    try:
        return hmac.digest(key, ref.encode(), hashlib.sha256)
    except UnicodeEncodeError:
        raise reference_malformed(ref.encode(errors="replace").decode()) from None


def log_in_digest(name: str, *, key: bytes) -> bytes:
    """The keyed digest of a log-in name; no reference that a partner can send has the same."""
    return digest_of(f"{LOG_IN}\0{unicodedata.normalize('NFKC', name)}", key=key)


def digests_of(refs: Iterable[str], *, key: bytes) -> bytes:
    """The digests of many references, one after another; equal to `digest_of` of each.

    HMAC hashes two key blocks first; for a million references they are hashed once and copied,
    which takes a third of the time.
    """
    if len(key) > BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    block = key.ljust(BLOCK_BYTES, b"\0")
    inner_start = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
    outer_start = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(ref: str) -> bytes:
        inner, outer = inner_start.copy(), outer_start.copy()
        inner.update(ref.encode())
        outer.update(inner.digest())
        return outer.digest()

    return b"".join([digest(ref) for ref in refs])
