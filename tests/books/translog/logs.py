"""Logs for tests: entries, keys from a seed, and a folder that holds them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tanhui.books.translog.folder import LogFolder
from tanhui.books.translog.notes import Ed25519Signer, key_of

ORIGIN = "log.example.com/2026"


def a_key(seed: str) -> Ed25519PrivateKey:
    """The same key for the same seed."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())


SIGNER = Ed25519Signer(ORIGIN, a_key("log"))


def a_log(folder: Path) -> LogFolder:
    """An empty log of ORIGIN."""
    return LogFolder(folder, ORIGIN, (key_of(SIGNER),))


def entry(index: int, history: str = "") -> bytes:
    """The entry at an index of one history."""
    return b'{"index":"%d%s"}' % (index, history.encode())


def entries(first: int, end: int) -> list[bytes]:
    """Entries of the plain history."""
    return [entry(index) for index in range(first, end)]
