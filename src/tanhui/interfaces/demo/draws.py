"""Chance that is the same on every machine: a number drawn for a purpose at a place.

A draw is SplitMix64's finaliser chained over the purpose and the places (person, day, ride), in
wrapping 64-bit integers. Nothing is drawn in sequence, so changing one part of the city leaves all
other parts as they were, and no library's generator can change the bytes.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

SEED = "tanhui demo city 1"


def draw(purpose: str, below: int, *places: I64) -> I64:
    """Numbers in 0 .. below-1, one per broadcast place.

    >>> people = np.arange(3, dtype=np.int64)
    >>> first = draw("example", 10, people)
    >>> bool((first == draw("example", 10, people)).all()), bool(first.max() < 10)
    (True, True)
    """
    digest = blake2b(f"{SEED}/{purpose}".encode(), digest_size=8).digest()
    state: U64 = np.full(1, int.from_bytes(digest, "big"), dtype=np.uint64)
    for place in places:
        state = _mix(state ^ place.astype(np.uint64))
    return (state % np.uint64(below)).astype(np.int64)


def hill(purpose: str, below: int, *places: I64) -> I64:
    """Numbers in 0 .. below-1 that crowd around the middle (the mean of two draws)."""
    return (draw(f"{purpose}, one", below, *places) + draw(f"{purpose}, two", below, *places)) // 2


def share(purpose: str, per_mille: I64 | int, *places: I64) -> npt.NDArray[np.bool_]:
    """Whether something that happens `per_mille` times in a thousand happens here."""
    chosen: npt.NDArray[np.bool_] = draw(purpose, 1000, *places) < per_mille
    return chosen


def _mix(value: U64) -> U64:
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
