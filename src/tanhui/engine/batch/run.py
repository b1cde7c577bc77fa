"""Run a landed batch: quantify, settle, write, total - stretch by stretch, one kernel.

The caller decides where rows come from and where files go; nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from tanhui.core.period import day_number, local_day

from ..integer import IntegerForm
from ..kernel import quantify
from ..methodology import CODE_QUANTIFIED, Methodology
from .events import (
    FRESH_TYPES,
    QUANTITIES,
    Column,
    Columns,
    length,
    widened,
)
from .files import ResultFiles
from .laws import Law, Laws, law_of
from .settle import Settled, settle_bucket
from .shares import Shares
from .spool import Stretch
from .status import Status
from .totals import Sums, TotalsFile, read_totals, reversed_totals

History = Callable[[Stretch, Column], Columns]
"""Stretch and its persons -> what earlier batches left of them (HISTORY_TYPES)."""


@dataclass(frozen=True)
class PointsStep:
    """From `first` on, every whole `mg` earns `points`; `mg` 0 earns none (key points.earn)."""

    first: date
    mg: int
    points: int


class Rules:
    """What settling needs to know of the methodologies and the programme, as lookup arrays.

    `scenes` numbers the scenes of the batch, `past` holds laws of earlier batches; `received_ms`
    is when the batch arrived, which decides what has lapsed.
    """

    def __init__(
        self,
        methods: Sequence[Methodology],
        forms: Sequence[IntegerForm],
        points: Sequence[PointsStep],
        *,
        scenes: MutableMapping[str, int] | None = None,
        past: Sequence[Law] = (),
        received_ms: int = 0,
    ) -> None:
        self.forms = list(forms)
        numbers = {} if scenes is None else scenes
        own = [law_of(m, form, numbers) for m, form in zip(methods, forms, strict=True)]
        self.laws = Laws(own, past)
        self._oldest_day = _oldest_days(methods, own, len(self.laws.items), received_ms)
        steps = sorted(points, key=lambda step: step.first)
        self._point_days = np.array([day_number(step.first) for step in steps], dtype=np.int64)
        self._point_mg = np.array([0, *(step.mg for step in steps)], dtype=np.int64)
        self._point_points = np.array([0, *(step.points for step in steps)], dtype=np.int64)

    def fresh(self, events: Columns) -> Columns:
        """Quantify the events and give each row the rules that hold for it.

        Rows under a law that reads own history are left for their turn, with their quantities.
        """
        law = np.minimum(events["method"], self.laws.no_law)
        quantified, code = self._quantify(events, law.astype(np.intp))
        step = np.searchsorted(self._point_days, events["day"], side="right")
        if self._oldest_day is None:
            lapsed = np.zeros(len(law), dtype=bool)
        else:
            lapsed = events["day"] < self._oldest_day[law]
        own: Columns = {
            "quantified": quantified,
            "code": code,
            "law": law,
            "lapsed": lapsed,
            "mg_per_step": self._point_mg[step],
            "points_per_step": self._point_points[step],
        }
        fresh = {name: own[name] if name in own else events[name] for name in FRESH_TYPES}
        if self.laws.observes.any():
            wide = widened(events)
            fresh |= {name: wide[name] for name in ("cell", *QUANTITIES)}
        return fresh

    def _quantify(
        self, events: Columns, method: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
        """The kernel over each methodology's rows."""
        order = np.argsort(method.astype(np.uint16), kind="stable")
        edges = np.searchsorted(method[order], np.arange(len(self.forms) + 1))
        mg = np.zeros(len(order), dtype=np.int64)
        code = np.ones(len(order), dtype=np.uint8)  # no parameter, until a methodology says more
        for index, form in enumerate(self.forms):
            rows = order[edges[index] : edges[index + 1]]
            if self.laws[index].observes:
                code[rows] = CODE_QUANTIFIED
            elif len(rows):
                used = QUANTITIES[: len(form.bounds)]
                slots: list[Column] = [events[slot][rows] for slot in used]
                answer = quantify(form, slots, events["cell"][rows])
                mg[rows], code[rows] = answer.mg, answer.code
        return mg, code


def _oldest_days(
    methods: Sequence[Methodology], own: Sequence[Law], laws: int, received_ms: int
) -> npt.NDArray[np.int64] | None:
    """The oldest day of each law whose records have not lapsed yet; None where none ever do."""
    if all(law.claim_days is None for law in own):
        return None
    days = np.full(laws, np.iinfo(np.int64).min)
    for number, (method, law) in enumerate(zip(methods, own, strict=True)):
        if law.claim_days is not None:
            days[number] = local_day(received_ms, method.offset_min) - law.claim_days
    return days


@dataclass
class BatchOutcome:
    """What a settled batch, or a part of one, adds up to."""

    totals: list[Path] = field(default_factory=list)
    """Files of what persons received, per person, region, scene and day."""
    shares: Shares = field(default_factory=Shares)
    """What platform and operator received, per region, scene and day."""
    sums: Sums = field(default_factory=Sums)
    """Grand totals over all persons."""
    counts: dict[tuple[Status, int, int], int] = field(default_factory=dict)
    """(status, detail, number of the methodology or -1) -> rows."""
    rejected: list[tuple[int, int]] = field(default_factory=list)
    """(row, detail) of the rows that settling refused."""
    days: tuple[int, int] | None = None
    """First and last day of any event, credited or not."""

    def total(self, scenes: Sequence[str]) -> pl.DataFrame:
        """Totals per person, region, scene and day; scene numbers become names."""
        frame = read_totals(self.totals)
        names = pl.Series(scenes, dtype=pl.String)
        return frame.with_columns(scene=names.gather(frame["scene"]))

    def add(self, other: BatchOutcome) -> None:
        """Add what the next part of the same batch came to."""
        self.totals += other.totals
        self.shares.add(other.shares)
        self.sums.add(other.sums)
        for key, rows in other.counts.items():
            _add(self, key, rows)
        self.rejected += other.rejected
        if other.days is not None:
            _stretch_days(self, np.array(other.days))


def run_stretches(
    stretches: Iterable[tuple[Stretch, Columns]],
    rules: Rules,
    history: History,
    files: ResultFiles,
    *,
    totals: Path,
    batch: int,
    progress: Callable[[int], None],
) -> BatchOutcome:
    """Settle every stretch, write its results, and its totals to the file `totals`.

    `progress` hears the rows done.
    """
    with TotalsFile(totals) as written:
        outcome = BatchOutcome([totals], sums=written.sums)
        for stretch, events in stretches:
            fresh = rules.fresh(events)
            past = history(stretch, fresh["person"])
            settled = settle_bucket(fresh, past, rules.laws, batch=batch)
            files.write(
                stretch, events | _filled(settled, events), settled.results, settled.reversals
            )
            _count(settled.results, events["method"], len(rules.forms), outcome)
            written.add_credited(settled.totals)
            _stretch_days(outcome, events["day"])
            if length(settled.reversals):
                written.add_reversed(reversed_totals(settled.reversals))
            _share_out(settled, fresh, outcome)
            progress(length(events))
    return outcome


def _filled(settled: Settled, events: Columns) -> Columns:
    """The quantities that own history filled, in the slots that the batch keeps."""
    return {name: column for name, column in settled.quantities.items() if name in events}


def _share_out(settled: Settled, fresh: Columns, outcome: BatchOutcome) -> None:
    """Add what platform and operator received and gave back; it is part of what was credited."""
    found = Shares()
    if "person_mg" in settled.results:
        outcome.sums.mg_credited += found.credit(fresh, settled.results)
    if length(settled.reversals):
        outcome.sums.mg_reversed += found.take_back(settled.reversals)
    outcome.shares.add(found)


def _count(results: Columns, method: Column, methods: int, outcome: BatchOutcome) -> None:
    """Add these rows per status and detail, and per methodology where a clause failed."""
    both = results["status"].astype(np.intp) * 256 + results["detail"]
    outside = results["status"] == Status.NOT_APPLICABLE
    rows_of = np.bincount(both[~outside])
    for code in np.flatnonzero(rows_of).tolist():
        _add(outcome, (Status(code // 256), code % 256, -1), int(rows_of[code]))
    if outside.any():
        pairs = method[outside].astype(np.intp) * 256 + results["detail"][outside]
        for code, rows in zip(*np.unique(pairs, return_counts=True), strict=True):
            _add(outcome, (Status.NOT_APPLICABLE, int(code) % 256, int(code) // 256), int(rows))
    refused = results["status"] == Status.REJECTED
    outcome.rejected += zip(
        results["row"][refused].tolist(), results["detail"][refused].tolist(), strict=True
    )


def _stretch_days(outcome: BatchOutcome, day: Column) -> None:
    first, last = int(day.min()), int(day.max())
    if outcome.days is not None:
        first, last = min(first, outcome.days[0]), max(last, outcome.days[1])
    outcome.days = (first, last)


def _add(outcome: BatchOutcome, key: tuple[Status, int, int], rows: int) -> None:
    if rows:
        outcome.counts[key] = outcome.counts.get(key, 0) + rows
