"""The array path of one bucket: rows of persons whose batch holds no corrections.

Positions run over the bucket's history first, then over the fresh rows, so a position is arrival
order; what concerns history is only read, never answered again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .caps import NO_CAP, capped
from .duplicates import repeats
from .events import RESULT_TYPES, Column, Columns, length
from .overlaps import overlaps, timeline
from .places import Places, places
from .ranks import dense_ranks
from .status import OCCUPYING, Detail, Status
from .totals import TOTAL_KEYS, by_region, no_totals

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

CREDITS = ("mg", "points")
NO_LIMIT = np.iinfo(np.int64).max
OPEN = np.uint8(Status.CREDITED)  # until a rule says otherwise


def settle_plain(fresh: Columns, history: Columns, batch: int) -> tuple[Columns, Columns]:
    """Results of the fresh rows in their order, and their totals (TOTAL_TYPES)."""
    rows = length(fresh)
    results = {name: np.zeros(rows, dtype=kind) for name, kind in RESULT_TYPES.items()}
    results["row"][:] = fresh["row"]
    results["quantified"][:] = fresh["quantified"]
    if not rows:
        return results, no_totals()
    bucket = _Bucket(fresh, history, results, batch)
    bucket.refuse_unquantified()
    bucket.refuse_duplicates()
    return results, bucket.settle_in_time()


class _Bucket:
    """The working arrays of one bucket."""

    def __init__(self, fresh: Columns, history: Columns, results: Columns, batch: int) -> None:
        self.fresh = fresh
        self.history = history
        self.results = results
        self.batch = batch
        self.earlier = length(history)
        held = np.isin(history["status"], [int(s) for s in OCCUPYING]) & ~history["reversed"]
        self.held = np.flatnonzero(held)

    def refuse_unquantified(self) -> None:
        """Rows without parameter or outside the methodology (codes of engine.kernel)."""
        code, status, detail = self.fresh["code"], self.results["status"], self.results["detail"]
        status[code == 1] = Status.NO_PARAMETER
        clause = code >= 2
        status[clause] = Status.NOT_APPLICABLE
        detail[clause] = np.where(
            code[clause] == 255, np.uint8(Detail.NEGATIVE), code[clause] + (Detail.CLAUSE - 2)
        )

    def refuse_duplicates(self) -> None:
        """Rows whose id stood before, in this batch or an earlier one."""
        later, first = repeats(self._both("key_hi"), self._both("key_lo"))
        fresh = later >= self.earlier
        later, first = later[fresh], first[fresh]
        payload = self._both("payload")
        self.results["detail"][later - self.earlier] = np.where(
            payload[later] == payload[first], Detail.NONE, Detail.OTHER_PAYLOAD
        )
        self._refuse(later - self.earlier, first, Status.DUPLICATE)

    def settle_in_time(self) -> Columns:
        """Overlaps, caps and points of the rows still open; returns their totals.

        One order of person, scene and time serves all three.
        """
        live = np.flatnonzero(self.results["status"] == OPEN)
        if not len(live):
            return no_totals()
        rank = dense_ranks(self._joined("person", live))
        scene = self._joined("scene", live).astype(np.int64)
        group = rank * (int(scene.max()) + 1) + scene
        stays = np.ones(len(group), dtype=bool)
        stays[len(self.held) :] = ~self.fresh["exclusive"][live]
        line = timeline(group, self._joined("start", live), self._joined("end", live))
        if not stays.all():
            later, first = overlaps(line, stays)
            positions = np.concatenate([self.held, live + self.earlier])
            self._refuse(positions[later] - self.earlier, positions[first], Status.OVERLAPPING)
        where = places(line.order, line.group, self._joined("day", live))
        self._cap(live, where)
        self._earn_points(live)
        return self._totals(live, where)

    def _cap(self, live: I64, where: Places) -> None:
        """Credit what the caps leave; places cover the held history, then the live rows."""
        is_open = self.results["status"][live] == OPEN
        wanted = np.where(is_open, self.fresh["quantified"][live], 0)
        self.results["mg"][live] = wanted
        cap = np.where(is_open, self.fresh["cap"][live], NO_CAP)
        if (cap == NO_CAP).all():
            return
        used = self._over_places(self.history["mg"][self.held], np.zeros_like(wanted))
        asked = where.sums(self._over_places(used[: len(self.held)], wanted))
        limit = np.where(cap == NO_CAP, NO_LIMIT, cap)
        lowest = where.lowest(self._over_places(np.full_like(self.held, NO_LIMIT), limit))
        tight = np.flatnonzero(asked > lowest)
        if not len(tight):
            return
        positions, place = where.members(tight)
        used_there = np.zeros(len(tight), dtype=np.int64)
        np.add.at(used_there, place, used[positions])
        inside = positions - len(self.held)
        mine = (inside >= 0) & is_open[np.maximum(inside, 0)]
        inside = inside[mine]
        mg = capped(place[mine], wanted[inside], cap[inside], used_there)
        cut = mg != wanted[inside]
        rows = live[inside]
        self.results["mg"][rows] = mg
        self.results["status"][rows[cut]] = np.where(
            mg[cut] == 0, np.uint8(Status.CAPPED), np.uint8(Status.PARTLY_CAPPED)
        )

    def _earn_points(self, live: I64) -> None:
        """Whole steps of the programme's points rule; no rule, no points."""
        step = self.fresh["mg_per_step"][live]
        steps = self.results["mg"][live] // np.maximum(step, 1)
        steps *= self.fresh["points_per_step"][live]
        steps[step == 0] = 0
        self.results["points"][live] = steps

    def _totals(self, live: I64, where: Places) -> Columns:
        """Credited mg, points and events per place; a place in two regions is told apart."""
        columns = {name: self._joined(name, live) for name in TOTAL_KEYS}
        nothing = np.zeros_like(self.held)
        amounts = {name: self._over_places(nothing, self.results[name][live]) for name in CREDITS}
        amounts["n_events"] = (amounts["mg"] > 0).astype(np.int64)
        region = columns["region"][where.order]
        moved = np.zeros(len(region), dtype=bool)
        moved[1:] = region[1:] != region[:-1]
        moved[where.starts] = False
        if moved.any():
            return by_region(columns, amounts)
        heads = where.order[where.starts]
        sums = {name: where.sums(amount) for name, amount in amounts.items()}
        credited = np.flatnonzero(sums["mg"])
        keys = {name: column[heads[credited]] for name, column in columns.items()}
        return keys | {name: column[credited] for name, column in sums.items()}

    def _over_places(self, past: I64, present: I64) -> I64:
        """By position: values of the held history, then of the live rows."""
        return np.concatenate([past, present]) if len(past) else present

    def _refuse(self, rows: I64, first: I64, status: Status) -> None:
        """Answer `rows` with `status`, naming the event at position `first`."""
        self.results["status"][rows] = status
        in_history = first < self.earlier
        past = first[in_history]
        self.results["other_batch"][rows] = self.batch
        self.results["other_batch"][rows[in_history]] = self.history["batch"][past]
        self.results["other_row"][rows[in_history]] = self.history["row"][past]
        present = first[~in_history] - self.earlier
        self.results["other_row"][rows[~in_history]] = self.fresh["row"][present]

    def _both(self, name: str) -> Column:
        return np.concatenate([self.history[name], self.fresh[name]])

    def _joined(self, name: str, live: I64) -> Column:
        """The column over the history that holds its place, then over the live rows."""
        if not len(self.held):
            return self.fresh[name][live]
        return np.concatenate([self.history[name][self.held], self.fresh[name][live]])
