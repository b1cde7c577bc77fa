"""Person references (`scheme:value`) and their keyed digests.

An unsalted hash of a card or phone number falls in seconds; HMAC-SHA256 under a key that is
kept outside the database does not (design: trust, privacy).
"""

from __future__ import annotations

import hashlib
import hmac

from .errors import reference_malformed

SCHEME_MAX = 32
DIGEST_BYTES = 32


def scheme_of(ref: str) -> str:
    """
    >>> scheme_of("szt:FIAAAEIFD")
    'szt'
    """
    scheme, colon, value = ref.partition(":")
    if not (colon and value and 0 < len(scheme) <= SCHEME_MAX and scheme.isprintable()):
        raise reference_malformed(ref)
    return scheme


def digest_of(ref: str, *, key: bytes) -> bytes:
    """HMAC-SHA256 of the whole reference, scheme included."""
    return hmac.digest(key, ref.encode(), hashlib.sha256)
