"""The array path of one bucket: rows of persons whose batch holds no corrections.

Positions run over the bucket's history first, then over the fresh rows, so a position is arrival
order; what concerns history is only read, never answered again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .caps import capped
from .duplicates import repeats
from .events import RESULT_TYPES, Column, Columns, length
from .overlaps import overlaps, timeline
from .ranks import dense_ranks
from .status import OCCUPYING, Detail, Status

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

OPEN = np.uint8(Status.CREDITED)  # until a rule says otherwise


def settle_plain(fresh: Columns, history: Columns, batch: int) -> Columns:
    """Results of the fresh rows, in their order."""
    rows = length(fresh)
    results = {name: np.zeros(rows, dtype=kind) for name, kind in RESULT_TYPES.items()}
    results["row"][:] = fresh["row"]
    results["quantified"][:] = fresh["quantified"]
    if rows:
        bucket = _Bucket(fresh, history, results, batch)
        bucket.refuse_unquantified()
        bucket.refuse_duplicates()
        bucket.settle_in_time()
        bucket.earn_points()
    return results


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

    def settle_in_time(self) -> None:
        """Overlaps, then caps, over the rows still open and the history that holds its place."""
        live = np.flatnonzero(self.results["status"] == OPEN)
        if not len(live):
            return
        person = self._joined("person", live)
        rank = dense_ranks(person)
        scene = self._joined("scene", live).astype(np.int64)
        group = rank * (int(scene.max()) + 1) + scene
        stays = np.ones(len(group), dtype=bool)
        stays[len(self.held) :] = ~self.fresh["exclusive"][live]
        if not stays.all():
            line = timeline(group, self._joined("start", live), self._joined("end", live))
            later, first = overlaps(line, stays)
            positions = np.concatenate([self.held, live + self.earlier])
            self._refuse(positions[later] - self.earlier, positions[first], Status.OVERLAPPING)
        self._cap(live, group)

    def _cap(self, live: I64, group: I64) -> None:
        """Credit what the caps leave; `group` covers the held history, then the live rows."""
        open_rows = self.results["status"][live] == OPEN
        rows = live[open_rows]
        wanted = self.fresh["quantified"][rows]
        day = self._joined("day", live).astype(np.int64)
        day -= day.min()
        place = dense_ranks(group * (int(day.max()) + 1) + day)
        used = np.zeros(int(place.max()) + 1, dtype=np.int64)
        np.add.at(used, place[: len(self.held)], self.history["mg"][self.held])
        mg = capped(place[len(self.held) :][open_rows], wanted, self.fresh["cap"][rows], used)
        self.results["mg"][rows] = mg
        cut = mg != wanted
        self.results["status"][rows[cut]] = np.where(
            mg[cut] == 0, np.uint8(Status.CAPPED), np.uint8(Status.PARTLY_CAPPED)
        )

    def earn_points(self) -> None:
        """Whole steps of the programme's points rule; no rule, no points."""
        step = self.fresh["mg_per_step"]
        steps = self.results["mg"] // np.maximum(step, 1)
        self.results["points"][:] = np.where(step > 0, steps * self.fresh["points_per_step"], 0)

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
