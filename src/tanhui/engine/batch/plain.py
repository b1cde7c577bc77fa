"""The array path of one bucket: rows of persons whose batch holds no corrections.

Positions run over the bucket's history first, then over the fresh rows, so a position is arrival
order; what concerns history is only read, never answered again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .baselines import Readings, fill
from .caps import capped
from .duplicates import repeats
from .events import QUANTITIES, RESULT_TYPES, SHARE_TYPES, Column, Columns, length
from .exclusions import Standing, refuse_rivals, rivals
from .laws import NO_CAP, Laws
from .overlaps import overlaps, timeline
from .places import Places, places
from .ranks import dense_ranks
from .several_caps import Asked, capped_by_several
from .sharing import split
from .status import OCCUPYING, STANDING, Detail, Status
from .totals import TOTAL_KEYS, by_region, no_totals

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NO_LIMIT = np.iinfo(np.int64).max
OPEN = np.uint8(Status.CREDITED)  # until a rule says otherwise
OCCUPIED = [int(status) for status in OCCUPYING]


class Plain(NamedTuple):
    """Results of the fresh rows in their order, their totals (TOTAL_TYPES), and the quantities
    once history has filled its fields (none where nobody reads it).
    """

    results: Columns
    totals: Columns
    quantities: Columns


def settle_plain(fresh: Columns, history: Columns, laws: Laws, batch: int) -> Plain:
    """Settle rows of persons without corrections."""
    rows = length(fresh)
    types = RESULT_TYPES | (SHARE_TYPES if laws.splits.any() else {})
    results = {name: np.zeros(rows, dtype=kind) for name, kind in types.items()}
    results["row"][:] = fresh["row"]
    results["quantified"][:] = fresh["quantified"]
    bucket = _Bucket(fresh, history, results, laws, batch=batch)
    if not rows:
        return Plain(results, no_totals(), bucket.quantities)
    bucket.refuse_unquantified()
    bucket.refuse_duplicates()
    totals = bucket.settle_in_time()
    return Plain(results, totals, bucket.quantities)


def standing_history(history: Columns, laws: Laws) -> Mask:
    """Rows of history that hold their place in time (sequential.Event.stands)."""
    status = history["status"]
    stands = np.isin(status, OCCUPIED)
    if laws.observes.any():
        on_its_own = np.isin(status, [int(each) for each in STANDING])
        on_its_own |= history["detail"] == Detail.EXCLUDED
        stands |= on_its_own & laws.observes[history["law"]]
    stands &= ~history["reversed"]
    return stands


class _Bucket:
    """The working arrays of one bucket."""

    def __init__(
        self, fresh: Columns, history: Columns, results: Columns, laws: Laws, *, batch: int
    ) -> None:
        self.fresh = fresh
        self.history = history
        self.results = results
        self.laws = laws
        self.batch = batch
        self.earlier = length(history)
        self.held = np.flatnonzero(standing_history(history, laws))
        self.quantities: Columns = {}
        if laws.observes.any():
            self.quantities = {name: fresh[name].copy() for name in QUANTITIES}

    def refuse_unquantified(self) -> None:
        """Rows without parameter, outside the methodology (codes of engine.kernel) or lapsed.

        A reading is asked later: its own answer needs the readings that stand.
        """
        rows = np.flatnonzero(self.fresh["code"])
        lapsed = self.fresh["lapsed"]
        if self.quantities:
            is_reading = self.laws.observes[self.fresh["law"]]
            rows, lapsed = rows[~is_reading[rows]], lapsed & ~is_reading
        self._refuse_by_code(rows, self.fresh["code"][rows])
        self._refuse_lapsed(np.flatnonzero(lapsed))

    def _refuse_by_code(self, rows: I64, code: Column) -> None:
        self.results["status"][rows] = np.where(
            code == 1, np.uint8(Status.NO_PARAMETER), np.uint8(Status.NOT_APPLICABLE)
        )
        clause = np.where(code == 1, np.uint8(Detail.NONE), code + np.uint8(Detail.CLAUSE - 2))
        self.results["detail"][rows] = np.where(code >= Detail.HISTORY_SHORT, code, clause)

    def _refuse_lapsed(self, rows: I64) -> None:
        rows = rows[self.results["status"][rows] == OPEN]
        self.results["status"][rows] = Status.NOT_APPLICABLE
        self.results["detail"][rows] = Detail.LAPSED

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
        """Overlaps, exclusions, caps, shares and points of the rows still open; their totals.

        One order of person, scene and time serves overlaps, caps and totals.
        """
        live = np.flatnonzero(self.results["status"] == OPEN)
        if not len(live):
            return no_totals()
        rank = dense_ranks(self._joined("person", live))
        scene = self._joined("scene", live).astype(np.int64)
        group = rank * (int(scene.max()) + 1) + scene
        stays = np.ones(len(group), dtype=bool)
        stays[len(self.held) :] = ~self.laws.exclusive[self.fresh["law"][live]]
        if self.laws.excludes:
            stays |= self._exclude(live, rank)
        line = timeline(group, self._joined("start", live), self._joined("end", live))
        if not stays.all():
            later, first = overlaps(line, stays)
            positions = np.concatenate([self.held, live + self.earlier])
            self._refuse(positions[later] - self.earlier, positions[first], Status.OVERLAPPING)
        if self.quantities:
            self._observe(live, group)
        where = places(line.order, line.group, self._joined("day", live))
        self._cap(live, where, rank)
        self._share(live)
        self._earn_points(live)
        return self._totals(live, where)

    def _exclude(self, live: I64, rank: I64) -> Mask:
        """Settle overlap and exclusion of persons in whom two scenes meet; their rows are marked.

        None of them has readings (settle.py): those need the order of every single answer.
        """
        is_new = np.ones(len(rank), dtype=bool)
        is_new[: len(self.held)] = False
        counts = is_new.copy()
        counts[: len(self.held)] = np.isin(self.history["status"][self.held], OCCUPIED)
        names = ("scene", "day", "start", "end", "law")
        columns = {name: self._joined(name, live).astype(np.int64) for name in names}
        standing = Standing(person=rank, counts=counts, is_new=is_new, **columns)
        contested = rivals(standing, self.laws)
        if contested.any():
            refused = refuse_rivals(standing, np.flatnonzero(contested), self.laws)
            positions = np.concatenate([self.held, live + self.earlier])
            rows = positions[refused.later] - self.earlier
            self._refuse(rows, positions[refused.first], Status.OVERLAPPING)
            self.results["detail"][rows[refused.excluded]] = Detail.EXCLUDED
        return contested

    def _observe(self, live: I64, group: I64) -> None:
        """Fill the fields that own history gives, quantify, and refuse what does not apply."""
        is_open = self.results["status"][live] == OPEN
        law = self.fresh["law"][live]
        asking = is_open & self.laws.observes[law]
        if not asking.any():
            return
        stands = np.concatenate([np.ones(len(self.held), dtype=bool), is_open])
        asks = np.concatenate([np.zeros(len(self.held), dtype=bool), asking])
        some = np.flatnonzero(stands & np.isin(group, np.unique(group[asks])))
        quantities = {name: self._joined(name, live)[some] for name in QUANTITIES}
        readings = Readings(
            dense_ranks(group[some]),
            self._joined("day", live)[some].astype(np.int64),
            self._joined("law", live)[some].astype(np.int64),
            quantities,
        )
        asked = np.flatnonzero(asks[some])
        filled = fill(readings, asked, self.laws)
        rows = live[some[asked] - len(self.held)]
        for name in QUANTITIES:
            self.quantities[name][rows] = filled[name][asked]
        for number in np.unique(self.fresh["law"][rows]).tolist():
            self._quantify(number, rows[self.fresh["law"][rows] == number])

    def _quantify(self, number: int, rows: I64) -> None:
        quantifier = self.laws[number].quantifier
        assert quantifier is not None
        slots = [self.quantities[name][rows] for name in QUANTITIES]
        mg, code = quantifier.rows(slots, self.fresh["cell"][rows])
        self.results["quantified"][rows] = mg
        failed = np.flatnonzero(code)
        self._refuse_by_code(rows[failed], code[failed])
        self._refuse_lapsed(rows[self.fresh["lapsed"][rows]])

    def _cap(self, live: I64, where: Places, rank: I64) -> None:
        """Credit what the caps leave; places cover the held history, then the live rows."""
        is_open = self.results["status"][live] == OPEN
        wanted = np.where(is_open, self.results["quantified"][live], 0)
        self.results["mg"][live] = wanted
        law = self.fresh["law"][live]
        cap = np.where(is_open, self.laws.day_cap[law], NO_CAP)
        if self.laws.several.any():
            several = self._cap_by_several(live, rank, wanted)
            cap[several] = NO_CAP
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
        self._cut(live[inside[cut]], mg[cut])

    def _cut(self, rows: I64, mg: I64) -> None:
        """Rows credited with less than they were quantified with."""
        self.results["mg"][rows] = mg
        self.results["status"][rows] = np.where(
            mg == 0, np.uint8(Status.CAPPED), np.uint8(Status.PARTLY_CAPPED)
        )

    def _cap_by_several(self, live: I64, rank: I64, wanted: I64) -> Mask:
        """Settle persons with a row under several limits; returns which live rows are theirs."""
        is_open = self.results["status"][live] == OPEN
        own = rank[len(self.held) :]
        several = self.laws.several[self.fresh["law"][live]] & is_open
        if not several.any():
            nobody: Mask = several
            return nobody
        people = np.unique(own[several])
        some = np.isin(rank, people)
        names = ("scene", "day", "law")
        columns = {name: self._joined(name, live).astype(np.int64) for name in names}
        nothing = np.zeros_like(self.held)
        everyone = Asked(
            person=rank,
            asks=np.concatenate([nothing.astype(bool), is_open]),
            used=np.concatenate([self.history["mg"][self.held], np.zeros_like(wanted)]),
            wanted=np.concatenate([nothing, wanted]),
            **columns,
        )
        mg, detail = capped_by_several(everyone.at(some), self.laws)
        inside = np.flatnonzero(some) - len(self.held)
        cut = (inside >= 0) & (mg < everyone.wanted[some])
        rows = live[inside[cut]]
        self._cut(rows, mg[cut])
        self.results["detail"][rows] = detail[cut]
        mine: Mask = some[len(self.held) :]
        return mine

    def _share(self, live: I64) -> None:
        """Split what is credited where a methodology shares it out."""
        if "person_mg" not in self.results:
            return
        self.results["person_mg"][live] = self.results["mg"][live]
        law = self.fresh["law"][live]
        for number in np.flatnonzero(self.laws.splits).tolist():
            rows = live[law == number]
            person, platform, _ = split(self.results["mg"][rows], self.laws[number].allocation)
            self.results["person_mg"][rows] = person
            self.results["platform_mg"][rows] = platform

    def _earn_points(self, live: I64) -> None:
        """Whole steps of the programme's points rule; no rule, no points."""
        step = self.fresh["mg_per_step"][live]
        steps = self._received(live) // np.maximum(step, 1)
        steps *= self.fresh["points_per_step"][live]
        steps[step == 0] = 0
        self.results["points"][live] = steps

    def _received(self, live: I64) -> I64:
        """What the person receives of each row."""
        name = "person_mg" if "person_mg" in self.results else "mg"
        received: I64 = self.results[name][live]
        return received

    def _totals(self, live: I64, where: Places) -> Columns:
        """Received mg, points and events per place; a place in two regions is told apart."""
        columns = {name: self._joined(name, live) for name in TOTAL_KEYS}
        nothing = np.zeros_like(self.held)
        fresh = {"mg": self._received(live), "points": self.results["points"][live]}
        amounts = {name: self._over_places(nothing, column) for name, column in fresh.items()}
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
