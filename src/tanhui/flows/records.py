"""A person's records, read from the evidence of the batches that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from tanhui.books import queries as books
from tanhui.books.models import Batch
from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.core.period import day_of
from tanhui.engine.batch.cut import folders_of, groups_of
from tanhui.engine.batch.events import (
    BUCKETS,
    NO_METHOD,
    QUANTITIES,
    RESULT_TYPES,
    SHARE_TYPES,
    Columns,
    take,
)
from tanhui.engine.batch.files import (
    EVENTS_FILE,
    RESULTS_FILE,
    REVERSALS_FILE,
    event_names,
    has_column,
    read_columns,
)
from tanhui.engine.batch.past import RowGroup
from tanhui.engine.batch.status import Status
from tanhui.engine.cells import index_cells
from tanhui.engine.methodology import Methodology
from tanhui.engine.record import Record

from .platform import Platform
from .reasons import settled_reason
from .sealed_law import find_law

FindLaw = Callable[[Platform, Mapping[str, str], int], Methodology | None]
"""Finds the methodology that a batch (its number) names."""
TakenBack = dict[ResultId, ResultId]
"""Record -> the correction that took it back."""


@dataclass(frozen=True)
class StoredRecord:
    """One event row with its answer, as the evidence files hold them."""

    batch: Batch
    event: dict[str, int]
    result: dict[str, int]
    scene: str
    methodology: Methodology | None
    reversed_by: ResultId | None = None
    """The correction that took this record back, if one came."""

    @property
    def id(self) -> ResultId:
        """Batch and row."""
        return ResultId(self.batch.seq, self.event["row"])

    @property
    def status(self) -> Status:
        """The row's one status."""
        return Status(self.result["status"])

    @property
    def reason(self) -> str:
        """Reason code, empty for a credited row."""
        return settled_reason(self.status, self.result["detail"], self.methodology)

    @property
    def related(self) -> ResultId | None:
        """The row this one duplicates, overlaps or corrects."""
        if not self.result["other_batch"]:
            return None
        return ResultId(self.result["other_batch"], self.result["other_row"])

    @property
    def shares(self) -> tuple[int, int, int]:
        """What person, platform and operator received of the credited milligrams."""
        mg = self.result["mg"]
        person, platform = self.result.get("person_mg", mg), self.result.get("platform_mg", 0)
        return person, platform, mg - person - platform

    @property
    def claim(self) -> tuple[int, int] | None:
        """First and last day on which the record could be claimed, where there are such days."""
        terms = None if self.methodology is None else self.methodology.claim
        if terms is None:
            return None
        first = self.event["day"] + terms.after_days
        return first, first + terms.within_days

    @property
    def quantities(self) -> list[int]:
        """Counts of each field's step, in field order."""
        fields = () if self.methodology is None else self.methodology.fields
        return [self.event[slot] for slot, _ in zip(QUANTITIES, fields, strict=False)]

    def as_record(self) -> Record:
        """What the engine computes from; only with a methodology."""
        assert self.methodology is not None
        cell = self.event["cell"]
        class_ = index_cells(self.methodology).cells[cell].class_ if cell >= 0 else ""
        return Record.of_counts(
            self.methodology,
            self.quantities,
            region=f"{self.event['region']:06d}",
            day=self.event["day"],
            class_=class_,
        )


def instant(epoch_ms: int) -> str:
    """An instant as ISO 8601 text in UTC."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat().replace("+00:00", "Z")


def find_record(platform: Platform, result_id: ResultId) -> StoredRecord:
    """The record with this id; raises NotFound for a row that is no event."""
    batch = books.batch(result_id.batch)
    for group in groups_of(platform.evidence / batch.uri, batch.buckets):
        events = group.folder / EVENTS_FILE
        rows = read_columns(events, ["row"], group.number)["row"]
        found = np.flatnonzero(rows == result_id.row)
        if len(found):
            owner = read_columns(events, ["person"], group.number)["person"][found[0]]
            return next(_records(platform, batch, group, found, _taken_back(platform, int(owner))))
    raise NotFound(
        "result.unknown",
        zh=f"批次 {result_id.batch} 的第 {result_id.row} 行没有形成记录；请在回执中查看其状态。",
        en=f"Row {result_id.row} of batch {result_id.batch} became no record; "
        "its status is in the receipt.",
    )


def records_until(platform: Platform, last: StoredRecord) -> list[StoredRecord]:
    """The records of the same person in order of arrival, up to this one, which ends the list.

    Earlier ones whose law is lost (evidence of older releases has none) are without methodology:
    their stored answers are all that caps need of them.
    """
    person = last.event["person"]
    found = [
        record
        for _, rows in person_records(platform, person, upto=last.batch.seq, law=_law_if_kept)
        for record in rows
        if record.id < last.id
    ]
    return [*sorted(found, key=lambda record: record.id), last]


def _law(platform: Platform, named: Mapping[str, str], batch: int) -> Methodology:
    return find_law(platform, named, batch=batch)


def _law_if_kept(platform: Platform, named: Mapping[str, str], batch: int) -> Methodology | None:
    try:
        return find_law(platform, named, batch=batch)
    except NotFound:
        return None


def person_records(
    platform: Platform, person: int, *, upto: int | None = None, law: FindLaw = _law
) -> Iterator[tuple[Batch, list[StoredRecord]]]:
    """The person's records batch by batch, batches with the newest last day first.

    `upto` is the number of the last batch to look at.
    """
    bucket = person & (BUCKETS - 1)
    taken_back = _taken_back(platform, person)
    batches = books.batches().filter(last_day__isnull=False)
    if upto is not None:
        batches = batches.filter(seq__lte=upto)
    for batch in batches.order_by("-last_day", "-seq"):
        group = group_of(platform, batch, bucket)
        if group is None:
            continue
        owner = read_columns(group.folder / EVENTS_FILE, ["person"], group.number)
        found = np.flatnonzero(owner["person"] == person)
        if len(found):
            yield batch, list(_records(platform, batch, group, found, taken_back, law=law))


def group_of(platform: Platform, batch: Batch, bucket: int) -> RowGroup | None:
    """The row group of a batch that holds a bucket."""
    for group in groups_of(platform.evidence / batch.uri, batch.buckets):
        if group.first <= bucket < group.end:
            return group
    return None


def _records(
    platform: Platform,
    batch: Batch,
    group: RowGroup,
    rows: np.ndarray[Any, Any],
    taken_back: TakenBack,
    *,
    law: FindLaw = _law,
) -> Iterator[StoredRecord]:
    folder, number = group.folder, group.number
    path = folder / EVENTS_FILE
    events = take(read_columns(path, event_names(path), number), rows)
    answers = folder / RESULTS_FILE
    names = [*RESULT_TYPES, *(SHARE_TYPES if has_column(answers, "person_mg") else ())]
    results = take(read_columns(answers, names, number), rows)
    methods = [law(platform, named, batch.seq) for named in batch.methodologies]
    for event, result in zip(_rows(events), _rows(results), strict=True):
        method = event["method"]
        yield StoredRecord(
            batch=batch,
            event=event,
            result=result,
            scene=batch.buckets["scenes"][event["scene"]],
            methodology=None if method == NO_METHOD else methods[method],
            reversed_by=taken_back.get(ResultId(batch.seq, event["row"])),
        )


def _taken_back(platform: Platform, person: int) -> TakenBack:
    """Every record of the person that a correction took back, and which correction."""
    found = {}
    for batch in books.batches().filter(buckets__reversals__gt=0):
        names = ["row", "origin_batch", "origin_row", "person"]
        for folder in folders_of(platform.evidence / batch.uri, batch.buckets):
            each = read_columns(folder / REVERSALS_FILE, names)
            own = each["person"] == person
            origins = zip(each["origin_batch"][own], each["origin_row"][own], strict=True)
            for (seq, origin), row in zip(origins, each["row"][own], strict=True):
                found[ResultId(int(seq), int(origin))] = ResultId(batch.seq, int(row))
    return found


def _rows(columns: Columns) -> Iterator[dict[str, int]]:
    names = list(columns)
    for values in zip(*(column.tolist() for column in columns.values()), strict=True):
        yield dict(zip(names, values, strict=True))


def local_date(record: StoredRecord) -> str:
    """The record's day in its region, ISO text."""
    return day_of(record.event["day"]).isoformat()
