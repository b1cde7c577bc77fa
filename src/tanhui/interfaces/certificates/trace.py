"""Where the units of a certificate came from: the issue, its batches, and their log entries.

Each step names an entry of the public log that anybody can fetch and prove, so an auditor follows
a certificate down to the root of a batch, and a person's own proof leads up to the same root.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tanhui.books.models import RETIRED, Batch, CreditBlock, Issue, Journal
from tanhui.books.translog.browsing import places_of
from tanhui.core.serials import SerialRange
from tanhui.domain.pools import queries as pools

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


@dataclass(frozen=True)
class Around:
    """What the log's entries say of each other: where units came from, what became of them."""

    batches: tuple[LogStep, ...] = ()
    issues: tuple[LogStep, ...] = ()
    retirements: tuple[LogStep, ...] = ()
    more: int = 0


def around(journal: int) -> Around:
    """The batches, issues and retirements that belong to a batch, an issue or a retirement.

    Empty for every other act, and for acts without units.
    """
    if Issue.objects.filter(journal_id=journal).exists():
        found = _trace(journal)
        blocks = CreditBlock.objects.filter(issue_id=journal, state=RETIRED)
        acts = sorted(set(blocks.values_list("opened_by_id", flat=True)))
        return Around(batches=found.batches, retirements=_steps(acts), more=found.more)
    sources = CreditBlock.objects.filter(opened_by_id=journal, state=RETIRED)
    issues = sorted(set(sources.values_list("issue_id", flat=True)))
    seq = Batch.objects.filter(journal_id=journal).values_list("seq", flat=True).first()
    if seq is not None:
        used = Issue.objects.filter(journal__detail__from__contains=[seq])
        issues = sorted({*used.values_list("journal_id", flat=True), *pools.issuing_acts(seq)})
    names = dict(Issue.objects.filter(pk__in=issues).values_list("journal_id", "batch"))
    return Around(issues=_steps(issues, names))


def _steps(acts: list[int], names: Mapping[int, str] | None = None) -> tuple[LogStep, ...]:
    """Entries of the log, named by what `names` calls them or by their act."""
    places = places_of(acts)
    return tuple(_step((names or {}).get(act, str(act)), places.get(act)) for act in acts)


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
    numbers = Journal.objects.get(id=issue).detail.get("from", []) or pools.batches_of(issue)
    shown = Batch.objects.filter(seq__in=numbers[:BATCHES_SHOWN]).order_by("seq")
    places = places_of([issue, *(row.journal_id for row in shown)])
    return Trace(
        _step(batch, places.get(issue)),
        tuple(_step(str(row.seq), places.get(row.journal_id)) for row in shown),
        max(len(numbers) - BATCHES_SHOWN, 0),
    )


def _step(name: str, place: tuple[int, int] | None) -> LogStep:
    return LogStep(name, *(place or (None, None)))
