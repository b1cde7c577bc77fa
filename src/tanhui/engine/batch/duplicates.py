"""Same id, same event: the first to arrive is the event, every later one is a duplicate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]


class Repeats(NamedTuple):
    """Positions of the later ones and, for each, the position of the first."""

    later: Positions
    first: Positions


def repeats(key_hi: U64, key_lo: U64) -> Repeats:
    """Every position whose 128-bit key stood at an earlier position.

    Positions are arrival order. One quick sort finds whether there is anything to look at; only
    the rows that share a key half are ordered exactly.

    >>> key = np.array([7, 8, 7, 7], dtype=np.uint64)
    >>> [part.tolist() for part in repeats(key, key)]
    [[2, 3], [0, 0]]
    """
    order = np.argsort(key_hi)
    ranked = key_hi[order]
    same = ranked[1:] == ranked[:-1]
    if not same.any():
        nothing = np.empty(0, dtype=np.int64)
        return Repeats(nothing, nothing)
    shared = np.zeros(len(order), dtype=bool)
    shared[1:] = same
    shared[:-1] |= same
    some = order[shared]
    some = some[np.lexsort((some, key_lo[some], key_hi[some]))]
    fresh_run = np.ones(len(some), dtype=bool)
    fresh_run[1:] = (key_hi[some[1:]] != key_hi[some[:-1]]) | (
        key_lo[some[1:]] != key_lo[some[:-1]]
    )
    heads = some[np.maximum.accumulate(np.where(fresh_run, np.arange(len(some)), 0))]
    later = ~fresh_run
    return Repeats(some[later], heads[later])
