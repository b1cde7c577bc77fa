"""The public log: 1,000 entries appended to a million, a proof, and the whole log computed again.

An append writes tiles, waits for the disk, reads everything back, signs and renames. The design
asks for at most 50 ms of it; the hashes alone are shown beside it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tanhui.books.translog.folder import LogFolder
from tanhui.books.translog.notes import Ed25519Signer, key_of

from .measure import Facts, measure
from .report import Row

SIZE, APPENDED = 1_000_000, 1_000
APPEND_S_MAX = 0.050
APPENDS, PROOFS = 25, 1_000
ORIGIN = "log.example.com/bench"


def growing(folder: str) -> Generator[None, None, Facts]:
    """Seconds to build the log, of an append (median), of the hashes alone, of a proof."""
    signer = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    log = LogFolder(Path(folder), ORIGIN, (key_of(signer),))
    yield
    built = _seconds(lambda: log.publish(_entries, SIZE, signer))
    appended = [
        _seconds(lambda end=end: log.publish(_entries, end, signer))  # type: ignore[misc]
        for end in range(SIZE + APPENDED, SIZE + (APPENDS + 1) * APPENDED, APPENDED)
    ]
    some = _entries(0, APPENDED)
    hashed = _seconds(lambda: [hashlib.sha256(entry).digest() for entry in some])
    proven = _seconds(lambda: [log.proof(at * (SIZE // PROOFS)) for at in range(PROOFS)])
    checked = _seconds(log.check)
    return {
        "built_s": built,
        "append_s": median(appended),
        "append_s_max": max(appended),
        "hash_s": hashed,
        "proof_s": proven / PROOFS,
        "check_s": checked,
    }


def _entries(first: int, end: int) -> list[bytes]:
    """Entries as a batch leaves them: 140 bytes."""
    start = b'{"act":"%d","at":"2026-11-22T00:00:00.000Z","digest":"%064d","kind":"books.batch"}'
    return [start % (number, number) for number in range(first, end)]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rows(folder: Path) -> Iterator[Row]:
    """The rows of the report; the log lives under `folder`."""
    done = measure("log:growing", folder=str(folder))
    facts = done.facts
    yield Row(
        "log/append",
        f"log: {APPENDED:,} entries on {SIZE:,}, tiles, signed checkpoint, in units of 50 ms",
        f"{facts['append_s'] * 1e3:.1f} ms",
        f"50 ms (SHA-256 of the same bytes {facts['hash_s'] * 1e3:.1f} ms)",
        facts["append_s"] / APPEND_S_MAX,
        1.0,
        facts,
    )
    yield Row(
        "log/whole",
        f"log: {SIZE:,} entries built from nothing, against computing them again to check",
        f"{facts['built_s']:.1f} s, {done.memory_bytes / 1e6:,.0f} MB",
        f"{facts['check_s']:.1f} s; one proof {facts['proof_s'] * 1e3:.2f} ms",
        facts["built_s"] / facts["check_s"],
        0,
        facts,
    )
