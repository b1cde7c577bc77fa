"""What a new version of a methodology would have made of a past period, from the evidence alone.

Nothing is changed, and the new version is taken as if it had always been in force. The people of
the period are settled again by the batch rules (see `resettling`), so amounts are after caps: what
a person was credited, and would have been. A record counts in its scene and region whatever its
answer; left out are duplicates and rejected or corrected records, which no methodology decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np

from tanhui.books import queries as books
from tanhui.core.errors import NotFound
from tanhui.core.period import day_number
from tanhui.engine.batch.events import BUCKETS
from tanhui.engine.batch.status import OCCUPYING, Status
from tanhui.engine.methodology import Methodology
from tanhui.engine.requantify import exact_sum

from .platform import Platform
from .resettling import Resettled, Resettling

COUNTED = [int(status) for status in OCCUPYING]
PASSED_OVER = [int(Status.DUPLICATE), int(Status.REJECTED)]
Progress = Callable[[int, int], None]
"""Hears (rows read, rows there are)."""


@dataclass
class Tally:
    """One scene and region: events and milligrams under both versions.

    events = up + down + same + newly_not_applicable + newly_applicable + not_applicable_both
    + not_comparable; `no_parameter` are those of them without a value under the new version.
    """

    events: int = 0
    mg_old: int = 0
    mg_new: int = 0
    before_caps_old_mg: int = 0
    before_caps_new_mg: int = 0
    up: int = 0
    down: int = 0
    same: int = 0
    newly_not_applicable: int = 0
    newly_applicable: int = 0
    not_applicable_both: int = 0
    no_parameter: int = 0
    not_comparable: int = 0

    def add(self, other: Tally) -> None:
        """Add the figures of another."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def as_json(self) -> dict[str, int]:
        """With the difference."""
        return asdict(self) | {"difference_mg": self.mg_new - self.mg_old}


Tallies = dict[tuple[str, str], Tally]


@dataclass
class Impact:
    """What was read and what it came to: of the methodology, and of other records of the same
    people whose credit changes with it, because caps, exclusions or history join them.
    """

    own: Tallies = field(default_factory=lambda: defaultdict(Tally))
    elsewhere: Tallies = field(default_factory=lambda: defaultdict(Tally))

    def add(self, found: Resettled, scenes: list[str]) -> None:
        """Count the rows of one chunk."""
        rows = found.rows
        stands = ~np.isin(rows["status"], PASSED_OVER) & ~rows["gone"] & ~found.gone
        old = np.where(rows["gone"], 0, rows["mg"])
        changed = ~rows["own"] & (old != found.mg)
        for into, chosen in ((self.own, rows["own"] & stands), (self.elsewhere, changed)):
            for place, at in _places(found, scenes, np.flatnonzero(chosen)):
                into[place].add(_tally(found, at))


def impact(
    platform: Platform,
    new: Methodology,
    *,
    first: date,
    last: date,
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Records of `new.code` from `first` to `last` (both belong) under `new`, by scene and region.

    Raises NotFound when no batch of that time used the methodology, InputRefused when the new
    version asks for a field that the evidence does not have.
    """
    batches = [
        batch
        for batch in books.batches().filter(first_day__lte=last, last_day__gte=first)
        if any(each["code"] == new.code for each in batch.methodologies)
    ]
    if not batches:
        raise NotFound(
            "impact.nothing",
            zh=f"{first} 至 {last} 没有批次用过 {new.code}；请核对编号与日期。",
            en=f"No batch from {first} to {last} used {new.code}; check the code and the days.",
        )
    again = Resettling(platform, new, first=day_number(first), last=day_number(last))
    found, scenes = Impact(), list(again.scenes)
    total = sum(batch.n_rows for batch in again.batches)
    for buckets, chunk in again.chunks():
        if chunk is not None:
            found.add(chunk, scenes)
        progress(total * buckets // BUCKETS, total)
    return _document(found, again, new) | {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "batches": len(batches),
    }


def _places(found: Resettled, scenes: list[str], at: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """Scene and region, and the rows there among those `at`."""
    pairs = np.stack([found.rows["scene"][at], found.rows["region"][at]])
    unique, inverse = np.unique(pairs, axis=1, return_inverse=True)
    for index, (scene, region) in enumerate(unique.T.tolist()):
        yield (scenes[scene], f"{region:06d}"), at[inverse.reshape(-1) == index]


def _tally(found: Resettled, at: Any) -> Tally:
    """The figures of some rows."""
    comparable = found.comparable[at]
    kept = at[comparable]
    rows = found.rows
    was, became = (np.isin(status[kept], COUNTED) for status in (rows["status"], found.status))
    was, became = was & ~rows["gone"][kept], became & ~found.gone[kept]
    before = np.where(was, rows["mg"][kept], 0)
    after = np.where(became, found.mg[kept], 0)
    both = was & became
    return Tally(
        events=len(at),
        mg_old=exact_sum(before),
        mg_new=exact_sum(after),
        before_caps_old_mg=exact_sum(np.where(was, rows["quantified"][kept], 0)),
        before_caps_new_mg=exact_sum(np.where(became, found.quantified[kept], 0)),
        up=int((both & (after > before)).sum()),
        down=int((both & (after < before)).sum()),
        same=int((both & (after == before)).sum()),
        newly_not_applicable=int((was & ~became).sum()),
        newly_applicable=int((~was & became).sum()),
        not_applicable_both=int((~was & ~became).sum()),
        no_parameter=int((found.status[kept] == Status.NO_PARAMETER).sum()),
        not_comparable=len(at) - len(kept),
    )


def _document(found: Impact, again: Resettling, new: Methodology) -> dict[str, Any]:
    total, elsewhere = Tally(), Tally()
    for sum_, tallies in ((total, found.own), (elsewhere, found.elsewhere)):
        for tally in tallies.values():
            sum_.add(tally)
    return {
        "new": {"code": new.code, "version": new.version, "digest": new.digest},
        "old": [
            {"code": code, "version": version, "digest": digest}
            for code, version, digest in sorted(each.identity for each in again.used)
        ],
        "rows": _rows(found.own),
        "total": total.as_json(),
        "elsewhere": _rows(found.elsewhere),
        "elsewhere_total": elsewhere.as_json(),
    }


def _rows(tallies: Tallies) -> list[dict[str, Any]]:
    return [
        {"scene": scene, "region": region} | tally.as_json()
        for (scene, region), tally in sorted(tallies.items())
    ]
