"""Where the units of a certificate came from: the issue, its batches, and their log entries.

Each step names an entry of the public log that anybody can fetch and prove, so an auditor follows
a certificate down to the root of a batch, and a person's own proof leads up to the same root.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tanhui.books.models import RETIRED, Batch, CreditBlock, Issue, Journal
from tanhui.books.translog.browsing import places_of
from tanhui.core.serials import SerialRange
from tanhui.domain.pools import queries as pools
from tanhui.flows.registry.public_matters import public_matters

BATCHES_SHOWN = 500
BAR = 1_000


@dataclass(frozen=True)
class LogStep:
    """One entry of the log: `index` is None until it is published."""

    name: str
    year: int | None
    index: int | None


@dataclass(frozen=True)
class Trace:
    """One issue that units of a certificate come from, with its batches of reductions.

    `source` is the public matter it was issued from, '' where there is none. Of its `units` the
    certificate names `own`, and `retired` are retired altogether.
    """

    issue: LogStep
    batches: tuple[LogStep, ...]
    more: int
    source: str = ""
    region: str = ""
    units: int = 0
    own: int = 0
    retired: int = 0

    @property
    def own_width(self) -> int:
        """Of a bar of BAR, for the units of the certificate; never invisible."""
        return max(1, self.own * BAR // self.units)

    @property
    def retired_width(self) -> int:
        """Of the same bar, for all that is retired."""
        return max(self.own_width, self.retired * BAR // self.units)


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
    """The issues of the serials, in order of issue; a range of serials has one issue."""
    own: Counter[int] = Counter()
    for part in serials:
        own[_issue_of(part.first)] += part.units
    return [_with_units(_trace(issue), issue, own[issue]) for issue in sorted(own)]


def _with_units(found: Trace, act: int, own: int) -> Trace:
    issue = Issue.objects.get(journal_id=act)
    gone = CreditBlock.objects.filter(issue=issue, state=RETIRED, closed_by__isnull=True)
    public = public_matters().filter(number=issue.source).exists()
    return replace(
        found,
        source=issue.source if public else "",
        region=issue.region,
        units=issue.serials.upper - issue.serials.lower,
        own=own,
        retired=sum(one.serials.upper - one.serials.lower for one in gone),
    )


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
