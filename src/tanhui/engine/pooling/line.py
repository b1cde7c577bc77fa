"""The line of milligrams: rows lie on it one behind another, and units are cut off its front.

A discount takes an exact part of the whole; who gives the odd milligrams is decided by the largest
remainder, so the rows add up to the floor of the total and to nothing else. What fills no whole
unit stays at the end of the line and begins the next one: nothing is lost to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
LINE_MG_MAX = 2**62
DENOMINATOR_MAX = 10**9


def discounted(mg: I64, kept: Fraction) -> I64:
    """What is left of each row (mg >= 0) when `kept` of the whole is; the sum is floor(sum x kept).

    Rows with the largest remainders give up least; of equal ones those in front.

    >>> discounted(np.array([5, 5, 5]), Fraction(9, 10)).tolist()
    [5, 4, 4]
    """
    assert 0 <= kept <= 1, "a discount takes a part"
    assert kept.denominator <= DENOMINATOR_MAX, "the ratio has a denominator of at most a billion"
    if kept == 1 or not len(mg):
        return mg.astype(np.int64, copy=True)
    whole, rest = np.divmod(mg, kept.denominator)
    more, remainder = np.divmod(rest * kept.numerator, kept.denominator)
    left = whole * kept.numerator + more
    odd = sum_of(mg) * kept.numerator // kept.denominator - sum_of(left)
    left[_largest(remainder, odd)] += 1
    return left


def sum_of(mg: I64) -> int:
    """The exact sum; raises OverflowError beyond what one line can hold."""
    total = (int((mg >> 32).sum()) << 32) + int((mg & 0xFFFF_FFFF).sum())
    if total > LINE_MG_MAX:
        raise OverflowError("a pool holds at most 2**62 mg")
    return total


def _largest(remainder: I64, how_many: int) -> I64:
    """The places of the largest remainders, equal ones from the front."""
    if how_many == 0:
        return np.empty(0, dtype=np.int64)
    at = len(remainder) - how_many
    threshold = np.partition(remainder, at)[at]
    above = np.flatnonzero(remainder > threshold)
    equal = np.flatnonzero(remainder == threshold)[: how_many - len(above)]
    return np.concatenate([above, equal])


@dataclass(frozen=True)
class Cut:
    """How a line is cut: first what makes good an earlier debt, then whole units, then the rest.

    `carried` begins the next line; `owed` is the debt that is left when the line was too short.
    """

    total: int
    unit_mg: int
    made_good: int
    units: int
    carried: int
    owed: int

    @property
    def spent(self) -> int:
        """Where the last unit ends: what lies in front is used, the rest is carried."""
        return self.made_good + self.units * self.unit_mg

    def first_of(self, unit: int) -> int:
        """The milligram at which a unit (from 0) begins; it holds `unit_mg` of them."""
        assert 0 <= unit < self.units, "a unit of this line"
        return self.made_good + unit * self.unit_mg

    def unit_at(self, mg: int) -> int | None:
        """The unit that holds a milligram, None for one that made good a debt or is carried."""
        if not self.made_good <= mg < self.spent:
            return None
        return (mg - self.made_good) // self.unit_mg


def cut_line(total: int, *, owed: int, unit_mg: int) -> Cut:
    """Cut a line of `total` mg on which a debt of `owed` mg stands first.

    >>> cut_line(1_250, owed=100, unit_mg=500)
    Cut(total=1250, unit_mg=500, made_good=100, units=2, carried=150, owed=0)
    """
    assert min(total, owed) >= 0, "a line and a debt are no less than nothing"
    assert unit_mg > 0, "a unit holds something"
    made_good = min(total, owed)
    units, carried = divmod(total - made_good, unit_mg)
    return Cut(total, unit_mg, made_good, units, carried, owed - made_good)


def inside(ends: I64, first: int, end: int) -> I64:
    """How much of each row lies in the stretch from `first` up to `end`; `ends` are cumulative.

    >>> inside(np.array([3, 5, 9]), 2, 6).tolist()
    [1, 2, 1]
    """
    begins = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])
    found: I64 = np.maximum(np.minimum(ends, end) - np.maximum(begins, first), 0)
    return found


def parts_of(used: I64, shares: tuple[I64, I64, I64]) -> tuple[I64, I64, I64]:
    """Split what is used of each row among its three holders as the row itself was split.

    By largest remainder, equal ones in that order; nobody gives more than was theirs. `shares`
    add up to the row, of which `used` is at most all.

    >>> one = np.array([1])
    >>> [each.tolist() for each in parts_of(np.array([2]), (one, one, one))]
    [[1], [1], [0]]
    """
    whole = np.maximum(shares[0] + shares[1] + shares[2], 1)
    parts, remainders = [], []
    for share in shares:
        part, remainder = _times(used, share, whole)
        parts.append(part)
        remainders.append(remainder)
    left = used - parts[0] - parts[1] - parts[2]
    ranked = np.argsort(-np.stack(remainders), axis=0, kind="stable")
    for place in range(2):
        for who in range(3):
            parts[who] += (ranked[place] == who) & (left > place)
    return parts[0], parts[1], parts[2]


def _times(used: I64, share: I64, whole: I64) -> tuple[I64, I64]:
    """used x share divided by whole: quotient and remainder, wide where 64 bits are not enough."""
    if not len(used) or int(used.max()) * int(share.max()) < 2**63:
        quotient, remainder = np.divmod(used * share, whole)
        return quotient, remainder
    wide = used.astype(object) * share.astype(object)
    quotients, remainders = wide // whole, wide % whole
    return quotients.astype(np.int64), remainders.astype(np.int64)
