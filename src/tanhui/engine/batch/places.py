"""Places: the rows of one person, scene and day, side by side in the order of the timeline."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]


class Places(NamedTuple):
    """`order` holds positions; place number n is order[starts[n]] up to the next start."""

    order: I64
    starts: I64

    def sums(self, amount: I64) -> I64:
        """Exact sum per place of an amount given by position."""
        sums: I64 = np.add.reduceat(amount[self.order], self.starts)
        return sums

    def lowest(self, amount: I64) -> I64:
        """Smallest value per place of an amount given by position."""
        lowest: I64 = np.minimum.reduceat(amount[self.order], self.starts)
        return lowest

    def members(self, chosen: I64) -> tuple[I64, I64]:
        """Positions inside the chosen places in arrival order, and each one's index in `chosen`."""
        sizes = np.diff(self.starts, append=len(self.order))[chosen]
        shift = np.repeat(self.starts[chosen] - np.cumsum(sizes) + sizes, sizes)
        positions = self.order[shift + np.arange(sizes.sum())]
        arrival = np.argsort(positions)
        return positions[arrival], np.repeat(np.arange(len(chosen)), sizes)[arrival]


def places(order: I64, group: I64, day: I64) -> Places:
    """Places of rows ordered by `group` and time; `group` is in that order, `day` by position."""
    days = day[order].astype(np.int64)
    same_group = group[1:] == group[:-1]
    if (same_group & (days[1:] < days[:-1])).any():  # two zones: a later instant, an earlier day
        arranged = np.lexsort((days, group))
        order, group, days = order[arranged], group[arranged], days[arranged]
        same_group = group[1:] == group[:-1]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = ~(same_group & (days[1:] == days[:-1]))
    return Places(order, np.flatnonzero(fresh))
