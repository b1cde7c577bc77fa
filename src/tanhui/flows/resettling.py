"""What is in the evidence, settled once more with a new version of one methodology in its place.

All records of the people concerned go through the batch rules again, in order of arrival and as one
batch: duplicates, overlaps, exclusions, own history, caps and corrections. Every record keeps the
law it was settled under, but those of the methodology in the period take the new one. Settling in
one piece or in many gives the same answers, so what differs comes from the new version alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tanhui.books import queries as books
from tanhui.books.models import Batch
from tanhui.core.period import local_day
from tanhui.engine.batch.cut import folders_of, groups_of
from tanhui.engine.batch.events import (
    BUCKETS,
    FRESH_TYPES,
    NO_METHOD,
    QUANTITIES,
    Columns,
    bucket_of,
    concatenate,
    length,
    take,
)
from tanhui.engine.batch.files import EVENTS_FILE, RESULTS_FILE, read_columns
from tanhui.engine.batch.history import no_history
from tanhui.engine.batch.laws import Laws, law_of
from tanhui.engine.batch.past import rows_taken_back
from tanhui.engine.batch.settle import settle_bucket
from tanhui.engine.batch.status import Detail, Status
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.methodology import CODE_FIRST_CLAUSE, CODE_NO_PARAMETER, Methodology
from tanhui.engine.requantify import Requantifier

from .platform import Platform
from .sealed_law import find_law

CHUNK_ROWS = 400_000
FROM_EVENTS = (
    "row", "key_hi", "key_lo", "payload", "person", "scene", "region", "start", "end", "day",
    "method", "cell", "corrects_hi", "corrects_lo",
)  # fmt: skip
FROM_RESULTS = ("status", "detail", "quantified", "mg")
TYPES: dict[str, str] = {
    **dict.fromkeys((*FROM_EVENTS, *QUANTITIES, *FROM_RESULTS), "i8"),
    **dict.fromkeys(("key_hi", "key_lo", "payload", "corrects_hi", "corrects_lo"), "u8"),
    "law": "i8",  # the place of its methodology among the laws
    "own": "?",  # of the methodology, in the period
    "late_days": "i8",  # from its day to the day it arrived, in the zone of the new version
    "gone": "?",  # taken back by a correction
}

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Resettled:
    """Rows of the people concerned: as stored (`rows`, TYPES) and as they are settled anew.

    Masses are mg after caps, 0 where a correction took the record back; `quantified` is before.
    """

    rows: Columns
    comparable: Mask
    status: npt.NDArray[Any]
    quantified: npt.NDArray[Any]
    mg: npt.NDArray[Any]
    gone: Mask


class Resettling:
    """The evidence of all batches under `new`, for its methodology from `first` to `last` day.

    Raises NotFound when the law of a batch is lost, InputRefused when `new` asks for a field that
    the evidence does not have.
    """

    def __init__(self, platform: Platform, new: Methodology, *, first: int, last: int) -> None:
        self.platform, self.new, self.days = platform, new, (first, last)
        self.batches = list(books.batches().order_by("seq"))
        self.scenes: dict[str, int] = {}
        self.methods: list[Methodology] = []
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._laws_of = {batch.seq: self._number_laws(batch) for batch in self.batches}
        self._scenes_of = {batch.seq: self._number_scenes(batch) for batch in self.batches}
        self.laws = Laws(
            [
                law_of(each, compile_form(each) if each.history else None, self.scenes)
                for each in (*self.methods, new)
            ]
        )
        self._requantifiers: dict[int, Requantifier] = {}
        folders = [
            folder
            for batch in self.batches
            if batch.buckets["reversals"]
            for folder in folders_of(platform.evidence / batch.uri, batch.buckets)
        ]
        self._taken_back = rows_taken_back(folders)

    @property
    def used(self) -> list[Methodology]:
        """The versions that records of the period were settled under."""
        return [self.methods[number] for number in sorted(self._requantifiers)]

    def chunks(self) -> Iterator[tuple[int, Resettled | None]]:
        """Buckets settled so far (of BUCKETS), and what the next ones came to."""
        pieces, rows_there = 1, sum(batch.n_rows for batch in self.batches)
        while pieces < BUCKETS and rows_there > CHUNK_ROWS * pieces:
            pieces *= 2
        step = BUCKETS // pieces
        for first in range(0, BUCKETS, step):
            rows = self._read(first, first + step)
            concerned = np.isin(rows["person"], np.unique(rows["person"][rows["own"]]))
            rows = take(rows, concerned)
            yield first + step, self._settle(rows) if length(rows) else None

    def _number_laws(self, batch: Batch) -> npt.NDArray[np.int64]:
        numbers = []
        for named in batch.methodologies:
            identity = named["code"], named["version"], named["digest"]
            if identity not in self._numbers:
                self._numbers[identity] = len(self.methods)
                self.methods.append(find_law(self.platform, named, batch=batch.seq))
            numbers.append(self._numbers[identity])
        return np.array(numbers, dtype=np.int64)

    def _number_scenes(self, batch: Batch) -> npt.NDArray[np.int64]:
        names = batch.buckets["scenes"]
        numbers = [self.scenes.setdefault(name, len(self.scenes)) for name in names]
        return np.array(numbers, dtype=np.int64)

    def _read(self, first: int, end: int) -> Columns:
        """Every record of these buckets in order of arrival (TYPES)."""
        parts = []
        for batch in self.batches:
            groups = groups_of(self.platform.evidence / batch.uri, batch.buckets)
            inside = [each for each in groups if each.first < end and first < each.end]
            own = [self._part(batch, each.folder, each.number, (first, end)) for each in inside]
            part = concatenate(own, TYPES)
            parts.append(take(part, np.argsort(part["row"], kind="stable")))
        return concatenate(parts, TYPES)

    def _part(self, batch: Batch, folder: Any, group: int, buckets: tuple[int, int]) -> Columns:
        events = read_columns(
            folder / EVENTS_FILE, FROM_EVENTS, group, where_present=list(QUANTITIES)
        )
        rows = events | read_columns(folder / RESULTS_FILE, FROM_RESULTS, group)
        place = bucket_of(rows["person"])
        rows = take(rows, (buckets[0] <= place) & (place < buckets[1]))
        count = length(rows)
        nothing = np.zeros(count, dtype=np.int64)
        rows = {**dict.fromkeys(QUANTITIES, nothing), **rows}
        rows["scene"] = self._scenes_of[batch.seq][rows["scene"]]
        laws = np.append(self._laws_of[batch.seq], self.laws.no_law)
        has_law = rows["method"] != NO_METHOD
        rows["law"] = laws[np.where(has_law, rows["method"], len(laws) - 1)]
        codes = [each.code == self.new.code for each in (*self.methods, self.new)]
        is_own = np.array([*codes, False])[rows["law"]]
        rows["own"] = is_own & (rows["day"] >= self.days[0]) & (rows["day"] <= self.days[1])
        arrived = local_day(int(batch.received_at.timestamp() * 1000), self.new.offset_min)
        rows["late_days"] = arrived - rows["day"].astype(np.int64)
        gone = self._taken_back.get(batch.seq)
        rows["gone"] = np.zeros(count, dtype=bool) if gone is None else np.isin(rows["row"], gone)
        return {name: rows[name].astype(kind) for name, kind in TYPES.items()}

    def _settle(self, rows: Columns) -> Resettled:
        count = length(rows)
        fresh = _as_fresh(rows, self.laws)
        comparable = np.ones(count, dtype=bool)
        for number in np.unique(rows["law"][rows["own"]]).tolist():
            mine = np.flatnonzero(rows["own"] & (rows["law"] == number))
            comparable[mine] = self._put_new_law(fresh, rows, number, mine)
        types = FRESH_TYPES | {"cell": "i4", **dict.fromkeys(QUANTITIES, "i8")}
        fresh = {name: fresh[name].astype(kind) for name, kind in types.items()}
        past = no_history(readings=bool(self.laws.observes.any()))
        settled = settle_bucket(fresh, past, self.laws, batch=0)
        gone = np.isin(fresh["row"], settled.reversals["origin_row"])
        mg = np.where(gone, 0, settled.results["mg"])
        return Resettled(
            rows, comparable, settled.results["status"], settled.results["quantified"], mg, gone
        )

    def _put_new_law(
        self, fresh: Columns, rows: Columns, number: int, mine: npt.NDArray[np.intp]
    ) -> Mask:
        """Give the rows at `mine`, so far under law `number`, the new one where it can read them;
        returns where it can.
        """
        if number not in self._requantifiers:
            self._requantifiers[number] = Requantifier(self.methods[number], self.new)
        answer = self._requantifiers[number].rows(take(rows, mine))
        at, kept = mine[answer.comparable], answer.comparable
        law = self.laws[len(self.methods)]
        fresh["law"][at] = len(self.methods)
        fresh["quantified"][at], fresh["code"][at] = answer.mg[kept], answer.code[kept]
        fresh["cell"][at] = answer.cells[kept]
        for slot, counts in zip(QUANTITIES, answer.quantities, strict=False):
            fresh[slot][at] = counts[kept]
        lapsed = np.zeros(len(at), dtype=bool)
        if law.claim_days is not None:
            lapsed = rows["late_days"][at] > law.claim_days
        fresh["lapsed"][at] = lapsed
        return kept


def _as_fresh(rows: Columns, laws: Laws) -> Columns:
    """The records as they stood before their answers, numbered from 1 in order of arrival."""
    status, detail = rows["status"], rows["detail"]
    is_lapsed = (status == Status.NOT_APPLICABLE) & (detail == Detail.LAPSED)
    code = np.where(detail >= Detail.HISTORY_SHORT, detail, detail - Detail.CLAUSE)
    code = np.where(detail < Detail.HISTORY_SHORT, code + CODE_FIRST_CLAUSE, code)
    code = np.where((status == Status.NOT_APPLICABLE) & ~is_lapsed, code, 0)
    code = np.where(status == Status.NO_PARAMETER, CODE_NO_PARAMETER, code)
    waits = laws.observes[rows["law"]]  # its own history quantifies it in its turn
    nothing = np.zeros(length(rows), dtype=np.int64)
    own: Mapping[str, npt.NDArray[Any]] = {
        "row": np.arange(1, length(rows) + 1),
        "quantified": np.where(waits, 0, rows["quantified"]),
        "code": np.where(waits, 0, code),
        "lapsed": is_lapsed,
        "mg_per_step": nothing,
        "points_per_step": nothing,
    }
    names = (*FRESH_TYPES, "cell", *QUANTITIES)
    return {name: (own[name] if name in own else rows[name]).copy() for name in names}
