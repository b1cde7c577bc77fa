"""Ids of events and fingerprints of their content.

The id is a 128-bit keyed BLAKE2b of the partner, the person as the partner names it, and the
partner's own number: two partners can use the same numbers, and every rule stays within one
person. The fingerprint mixes the landed integers: same id and same fingerprint is a resend, same
id and another fingerprint is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from .events import NARROW_QUANTITIES, QUANTITIES, Column

U64 = npt.NDArray[np.uint64]

Halves = tuple[U64, U64]

FINGERPRINTED = ("person", "scene", "region", "start", "end", *NARROW_QUANTITIES)


def event_keys(
    partner: str, person_refs: Iterable[str], numbers: Iterable[str], *, key: bytes
) -> Halves:
    """High and low half of the id of each event; without `key` (at most 64 bytes) nobody can tell
    from an id whose card it was.

    >>> hi, lo = event_keys("p", ["a", "a", "a"], ["1", "2", "1"], key=b"k")
    >>> bool(hi[0] == hi[2] and lo[0] == lo[2] and hi[0] != hi[1])
    True
    """
    prefix = f"{partner}\x00"
    digests = b"".join(
        blake2b(f"{prefix}{ref}\x00{number}".encode(), digest_size=16, key=key).digest()
        for ref, number in zip(person_refs, numbers, strict=True)
    )
    halves = np.frombuffer(digests, dtype=">u8").astype(np.uint64).reshape(-1, 2)
    return np.ascontiguousarray(halves[:, 0]), np.ascontiguousarray(halves[:, 1])


def fingerprints(columns: Mapping[str, Column], scene_hashes: U64) -> U64:
    """64-bit fingerprint of each row's content; `scene_hashes` by scene number.

    The further slots count where one is not 0, so a row has the same fingerprint in a wide block
    as in a narrow one.
    """
    mixed: U64 = np.zeros(len(columns["person"]), dtype=np.uint64)
    for name in FINGERPRINTED:
        value = columns[name]
        part = scene_hashes[value] if name == "scene" else value.astype(np.int64).view(np.uint64)
        mixed = _mix(mixed ^ part)
    further = [columns[name].view(np.uint64) for name in QUANTITIES[4:] if name in columns]
    rows = np.flatnonzero(np.any(further, axis=0)) if further else ()
    for value in further:
        mixed[rows] = _mix(mixed[rows] ^ value[rows])
    return mixed


def text_hash(text: str) -> int:
    """A stable 64-bit hash of a text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _mix(value: U64) -> U64:
    """SplitMix64's finaliser: every input bit reaches every output bit; wraps by intent."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
