"""Where the units of a certificate came from: the issue, its batches, and their log entries.

Each step names an entry of the public log that anybody can fetch and prove, so an auditor follows
a certificate down to the root of a batch, and a person's own proof leads up to the same root.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tanhui.books.models import Batch, CreditBlock, Issue, Journal, LogPlace
from tanhui.core.serials import SerialRange

BATCHES_SHOWN = 500


@dataclass(frozen=True)
class LogStep:
    """One entry of the log: `index` is None until it is published."""

    name: str
    year: int | None
    index: int | None


@dataclass(frozen=True)
class Trace:
    """One issue that units of a certificate come from, with its batches of reductions."""

    issue: LogStep
    batches: tuple[LogStep, ...]
    more: int


def trace(serials: Iterable[SerialRange]) -> list[Trace]:
    """The issues of the serials, in order of issue."""
    issues = {_issue_of(part.first) for part in serials}
    return [_trace(issue) for issue in sorted(issues)]


def _issue_of(serial: int) -> int:
    block = CreditBlock.objects.filter(serials__contains=serial).order_by("id").first()
    assert block is not None, "a certificate names issued units"
    return int(block.issue_id)


def _trace(issue: int) -> Trace:
    batch = Issue.objects.get(journal_id=issue).batch
    numbers = Journal.objects.get(id=issue).detail["from"]
    shown = Batch.objects.filter(seq__in=numbers[:BATCHES_SHOWN]).order_by("seq")
    places = _places([issue, *(row.journal_id for row in shown)])
    return Trace(
        _step(batch, places.get(issue)),
        tuple(_step(str(row.seq), places.get(row.journal_id)) for row in shown),
        max(len(numbers) - BATCHES_SHOWN, 0),
    )


def _places(journals: list[int]) -> dict[int, tuple[int, int]]:
    rows = LogPlace.objects.filter(entry__journal_id__in=journals)
    return {
        journal: (year, index)
        for journal, year, index in rows.values_list("entry__journal_id", "year", "index")
    }


def _step(name: str, place: tuple[int, int] | None) -> LogStep:
    return LogStep(name, *(place or (None, None)))
