"""What a new version of a methodology would have made of a past period, from the evidence alone.

Nothing is changed, and the new version is taken as if it had always been in force. Amounts are
those before caps: what a record is worth, not what a person was credited. Compared are records
that stand: not duplicates, overlaps, rejected or corrected ones, because those are decided before
the methodology speaks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np

from tanhui.books import queries as books
from tanhui.books.models import Batch
from tanhui.core.errors import NotFound
from tanhui.core.period import day_number
from tanhui.engine.batch.events import Columns
from tanhui.engine.batch.files import EVENTS_FILE, RESULTS_FILE, read_columns
from tanhui.engine.batch.past import RowGroup, rows_taken_back
from tanhui.engine.batch.status import OCCUPYING, Detail, Status
from tanhui.engine.methodology import CODE_NO_PARAMETER, Methodology
from tanhui.engine.requantify import Requantifier, exact_sum, subset

from .history import folders_of, groups_of
from .platform import Platform
from .sealed_law import find_law

COMPARED = [int(status) for status in (*OCCUPYING, Status.NOT_APPLICABLE, Status.NO_PARAMETER)]
EVENT_COLUMNS = ("row", "scene", "region", "day", "method", "cell")
Progress = Callable[[int, int], None]
"""Hears (rows read, rows there are)."""


@dataclass
class Tally:
    """One scene and region: events and milligrams under both versions."""

    events: int = 0
    mg_old: int = 0
    mg_new: int = 0
    up: int = 0
    down: int = 0
    same: int = 0
    newly_not_applicable: int = 0
    newly_applicable: int = 0
    no_parameter: int = 0
    not_comparable: int = 0

    def add(self, other: Tally) -> None:
        """Add the figures of another."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def as_json(self) -> dict[str, int]:
        """With the difference."""
        return asdict(self) | {"difference_mg": self.mg_new - self.mg_old}


@dataclass
class Impact:
    """What was read and what it came to."""

    tallies: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    batches: int = 0
    versions: set[tuple[str, str, str]] = field(default_factory=set)


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
    days = day_number(first), day_number(last)
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
    found = Impact(batches=len(batches))
    total, done = sum(batch.n_rows for batch in batches), 0
    gone = _taken_back(platform)
    for batch in batches:
        for group in groups_of(platform.evidence / batch.uri, batch.buckets):
            _compare(platform, batch, group, new, days=days, gone=gone, into=found)
        done += batch.n_rows
        progress(done, total)
    return _document(found, new, first, last)


def _taken_back(platform: Platform) -> dict[int, Any]:
    """Rows of each batch that a correction took back."""
    corrected = []
    for batch in books.batches().filter(buckets__reversals__gt=0):
        corrected += folders_of(platform.evidence / batch.uri, batch.buckets)
    return rows_taken_back(corrected)


def _compare(
    platform: Platform,
    batch: Batch,
    group: RowGroup,
    new: Methodology,
    *,
    days: tuple[int, int],
    gone: dict[int, Any],
    into: Impact,
) -> None:
    """Add one row group."""
    path = group.folder / EVENTS_FILE
    for number, old in _versions(platform, batch, new.code):
        requantifier = Requantifier(old, new)
        names = [*EVENT_COLUMNS, *dict.fromkeys(requantifier.slots)]
        events = read_columns(path, names, group.number)
        results = read_columns(
            group.folder / RESULTS_FILE, ["status", "detail", "quantified"], group.number
        )
        stands = (events["method"] == number) & np.isin(results["status"], COMPARED)
        stands &= ~(
            (results["status"] == Status.NOT_APPLICABLE) & (results["detail"] == Detail.LAPSED)
        )
        stands &= (events["day"] >= days[0]) & (events["day"] <= days[1])
        if batch.seq in gone:
            stands &= ~np.isin(events["row"], gone[batch.seq])
        rows = np.flatnonzero(stands)
        if not len(rows):
            continue
        into.versions.add(old.identity)
        own = subset(events, names, rows)
        answer = requantifier.rows(own)
        before = results["quantified"][rows]
        was = results["status"][rows]
        for key, at in _places(own, batch.buckets["scenes"]):
            kept = at[answer.comparable[at]]
            tally = _tally(before[kept], was[kept], answer.mg[kept], answer.code[kept])
            tally.not_comparable = len(at) - len(kept)
            into.tallies[key].add(tally)


def _versions(platform: Platform, batch: Batch, code: str) -> Iterator[tuple[int, Methodology]]:
    """The batch's number of each version of the methodology, and the version."""
    for number, each in enumerate(batch.methodologies):
        if each["code"] == code:
            yield number, find_law(platform, each, batch=batch.seq)


def _places(events: Columns, scenes: list[str]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Scene and region, and the rows there."""
    pairs = np.stack([events["scene"], events["region"]]).astype(np.int64)
    unique, inverse = np.unique(pairs, axis=1, return_inverse=True)
    for index, (scene, region) in enumerate(unique.T.tolist()):
        yield (scenes[scene], f"{region:06d}"), np.flatnonzero(inverse.reshape(-1) == index)


def _tally(before: Any, was: Any, after: Any, code: Any) -> Tally:
    counted = ~np.isin(was, [int(Status.NOT_APPLICABLE), int(Status.NO_PARAMETER)])
    counts = code == 0
    both = counted & counts
    return Tally(
        events=len(before),
        mg_old=exact_sum(before),
        mg_new=exact_sum(after),
        up=int((both & (after > before)).sum()),
        down=int((both & (after < before)).sum()),
        same=int((both & (after == before)).sum()),
        newly_not_applicable=int((counted & ~counts & (code != CODE_NO_PARAMETER)).sum()),
        newly_applicable=int((~counted & counts).sum()),
        no_parameter=int((code == CODE_NO_PARAMETER).sum()),
    )


def _document(found: Impact, new: Methodology, first: date, last: date) -> dict[str, Any]:
    total = Tally()
    for tally in found.tallies.values():
        total.add(tally)
    return {
        "new": {"code": new.code, "version": new.version, "digest": new.digest},
        "old": [
            {"code": code, "version": version, "digest": digest}
            for code, version, digest in sorted(found.versions)
        ],
        "from": first.isoformat(),
        "to": last.isoformat(),
        "batches": found.batches,
        "rows": [
            {"scene": scene, "region": region} | tally.as_json()
            for (scene, region), tally in sorted(found.tallies.items())
        ],
        "total": total.as_json(),
    }
