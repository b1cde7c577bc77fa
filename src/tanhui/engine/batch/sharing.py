"""Who receives a reduction: exact shares of whole milligrams, for a column of amounts."""

from __future__ import annotations

from math import lcm

import numpy as np
import numpy.typing as npt

from ..terms import Allocation

I64 = npt.NDArray[np.int64]


def split(mg: I64, allocation: Allocation) -> tuple[I64, I64, I64]:
    """Shares of person, platform and operator; they add up to `mg`, which is >= 0.

    What the divisions leave goes to the largest remainders, equal ones in that order, as in
    `Allocation.split`. Nothing overflows: whole multiples of the denominator are split apart.

    >>> from fractions import Fraction
    >>> to = Allocation(Fraction(4, 5), Fraction(1, 5), Fraction(0))
    >>> [share.tolist() for share in split(np.array([5, 7, 8]), to)]
    [[4, 6, 6], [1, 1, 2], [0, 0, 0]]
    """
    whole = lcm(*(share.denominator for share in allocation.shares))
    weights = [int(share * whole) for share in allocation.shares]
    times, rest = np.divmod(mg, whole)
    parts, remainders = [], []
    for weight in weights:
        more, remainder = np.divmod(rest * weight, whole)
        parts.append(times * weight + more)
        remainders.append(remainder)
    left = mg - parts[0] - parts[1] - parts[2]
    ranked = np.argsort(-np.stack(remainders), axis=0, kind="stable")
    for place in range(len(parts) - 1):
        for who in range(len(parts)):
            parts[who] += (ranked[place] == who) & (left > place)
    return parts[0], parts[1], parts[2]
