"""The two keys of the claim register: the salt that peers share, and one that nobody else has.

What the table holds is digested once more, so who knows the salt cannot read it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from tanhui.domain.claims.digests import public_digest, stored_digest
from tanhui.flows.platform import Platform


def salt_of(platform: Platform) -> bytes:
    """The salt that peers share: given to each by the operator, never published."""
    return hmac.digest(platform.identity_key, b"tanhui claims salt 1", hashlib.sha256)


def stored(platform: Platform, public: Sequence[bytes]) -> list[bytes]:
    """What the table holds of public digests, in their order."""
    key = hmac.digest(platform.identity_key, b"tanhui claims register 1", hashlib.sha256)
    return [stored_digest(digest, key=key) for digest in public]


def own_digests(platform: Platform, texts: Sequence[str]) -> list[bytes]:
    """What the table holds of some texts, each once."""
    salt = salt_of(platform)
    return stored(platform, [public_digest(text, salt=salt) for text in dict.fromkeys(texts)])
