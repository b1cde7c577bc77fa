"""Draws that anybody can redo: the lots are hashes of a public seed with each name.

The seed comes from an entry of the public log that was written before the draw, so whoever draws
cannot choose it, and a stranger who has the entry and the list draws the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def seed_of(entry: bytes, purpose: str) -> str:
    """The seed that a log entry gives for one purpose, as hex.

    >>> seed_of(b"{}", "verifier/M-310000-2025-0001")[:16]
    '1a23e60058012a2a'
    """
    return hashlib.sha256(purpose.encode() + b"\n" + entry).hexdigest()


def drawn(seed: str, names: Iterable[str], count: int) -> list[str]:
    """`count` of the names, in the order of SHA-256(seed/name); all of them where there are fewer.

    >>> drawn("00", ["7", "8", "9"], 2)
    ['7', '8']
    """
    return sorted(set(names), key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest())[
        :count
    ]
