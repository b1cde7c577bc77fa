"""The rules of one person's events, one event at a time, in plain Python.

Arrival order decides: what a person was told stays true, and a late record never changes an
earlier answer. This is the meaning of the batch rules; the vectorised path (settle.py) must give
the same answers and is tested against this one. It also settles the rare persons whose batch holds
corrections, and single events that arrive online.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..terms import PERIODS, Period, Window
from .laws import NO_SLOT, Baseline, Law, Limit
from .periods import MONTHS_PER_YEAR, period_of
from .status import CAP_DETAILS, OCCUPYING, STANDING, Detail, Status

Key = tuple[int, int]


@dataclass(slots=True)
class Event:
    """A quantified event and, once settled, its answer. Masses in mg, instants in epoch ms.

    Under a law with baselines it is quantified only when its turn has come.
    """

    batch: int
    row: int
    key: Key
    payload: int
    scene: int
    start: int
    end: int
    day: int
    law: Law
    quantified: int = 0
    code: int = 0  # of engine.kernel: 0 quantified, 1 no parameter, 2+k clause k, 255 negative
    is_lapsed: bool = False  # arrived later than the claim window allows
    cell: int = -1
    counts: list[int] = field(default_factory=list)  # by slot; only where history is read
    mg_per_step: int = 0  # 0: the programme has no points rule on that day
    points_per_step: int = 0
    corrects: Key | None = None
    status: Status = Status.CREDITED
    detail: int = Detail.NONE
    mg: int = 0
    shares: tuple[int, int, int] = (0, 0, 0)  # of the mg: person, platform, operator
    points: int = 0
    other: Event | None = None
    is_reversed: bool = False

    @property
    def occupies(self) -> bool:
        """Whether it counts against caps and exclusions."""
        return self.status in OCCUPYING and not self.is_reversed

    @property
    def stands(self) -> bool:
        """Whether it holds its place in time: as a reading it does so without any credit."""
        is_reading = self.law.observes and (
            self.status in STANDING or self.detail == Detail.EXCLUDED
        )
        return self.occupies or (is_reading and not self.is_reversed)

    def intersects(self, other: Event) -> bool:
        """Whether the two share an instant; an event without length lasts one millisecond."""
        return self.start < max(other.end, other.start + 1) and other.start < max(
            self.end, self.start + 1
        )

    def excludes(self, other: Event) -> bool:
        """Whether its methodology lets only one of the two be credited."""
        return any(
            other.scene in rule.scenes
            and period_of(other.day, rule.per) == period_of(self.day, rule.per)
            for rule in self.law.exclusions
        )


@dataclass(slots=True)
class _Memory:
    """What the person's earlier events leave for the next one."""

    by_key: dict[Key, Event] = field(default_factory=dict)
    standing: list[Event] = field(default_factory=list)  # in order of arrival
    by_scene: dict[int, list[Event]] = field(default_factory=dict)
    credited: dict[tuple[int, Period, int], list[int]] = field(default_factory=dict)
    """(scene, period, number of the period) -> [mg, events]."""

    def remember(self, event: Event) -> None:
        """Take a settled event into account; a refused correction leaves its number free."""
        if event.status is not Status.REJECTED:
            self.by_key.setdefault(event.key, event)
        if event.stands:
            self.standing.append(event)
            self.by_scene.setdefault(event.scene, []).append(event)
            self._count(event, 1)

    def reverse(self, target: Event) -> None:
        """The target no longer counts, nor holds its place."""
        if target.stands:
            self.standing.remove(target)
            self.by_scene[target.scene].remove(target)
            self._count(target, -1)
        target.is_reversed = True

    def _count(self, event: Event, sign: int) -> None:
        for per in PERIODS:
            place = (event.scene, per, period_of(event.day, per))
            amounts = self.credited.setdefault(place, [0, 0])
            amounts[0] += sign * event.mg
            amounts[1] += sign * (event.mg > 0)

    def room(self, limit: Limit, day: int) -> int:
        """What the limit leaves in the period of that day."""
        number = period_of(day, limit.per)
        used = sum(
            self.credited.get((scene, limit.per, number), (0, 0))[limit.of_events]
            for scene in limit.scenes
        )
        return max(limit.most - used, 0)


def settle_person(history: Sequence[Event], fresh: Sequence[Event]) -> list[tuple[Event, Event]]:
    """Settle `fresh` in arrival order after `history`; returns (correction, reversed event) pairs.

    Both in arrival order, of one person. `fresh` events get their answer in place; every
    history event already has one.
    """
    memory = _Memory()
    for event in history:
        memory.remember(event)
    reversals: list[tuple[Event, Event]] = []
    for event in fresh:
        target = _settle(event, memory)
        if target is not None:
            reversals.append((event, target))
        memory.remember(event)
    return reversals


def _settle(event: Event, memory: _Memory) -> Event | None:
    """Give one event its answer; returns the event it reversed, if any."""
    first = memory.by_key.get(event.key)
    if first is not None:
        event.status, event.other = Status.DUPLICATE, first
        event.detail = Detail.NONE if first.payload == event.payload else Detail.OTHER_PAYLOAD
        return None
    target = None
    if event.corrects is not None:
        target = memory.by_key.get(event.corrects)
        if target is None or target.is_reversed:
            event.status = Status.REJECTED
            event.detail = (
                Detail.TARGET_UNKNOWN if target is None else Detail.TARGET_ALREADY_CORRECTED
            )
            return None
        memory.reverse(target)
        event.other = target
    _credit(event, memory)
    return target


def _credit(event: Event, memory: _Memory) -> None:
    """Applicability, overlap, exclusion, caps, shares and points, in this order.

    A reading is compared with the others first: its own answer needs the ones that stand.
    """
    if event.law.observes:
        if _is_overlapping(event, memory):
            return
        _observe(event, memory)
    if event.code:
        event.status, event.detail = refusal_of(event.code)
        return
    if event.is_lapsed:
        event.status, event.detail = Status.NOT_APPLICABLE, Detail.LAPSED
        return
    if not event.law.observes and _is_overlapping(event, memory):
        return
    rival = next(
        (e for e in memory.standing if e.occupies and (event.excludes(e) or e.excludes(event))),
        None,
    )
    if rival is not None:
        event.status, event.detail, event.other = Status.OVERLAPPING, Detail.EXCLUDED, rival
        return
    event.mg = event.quantified
    for limit in event.law.limits:
        allowed = _allowed(event.quantified, limit, memory.room(limit, event.day))
        if allowed < event.quantified and allowed <= event.mg:
            event.mg, event.detail = allowed, CAP_DETAILS[limit.per, limit.of_events]
    event.status = cap_status(event.mg, event.quantified)
    event.shares = event.law.allocation.split(event.mg)
    if event.mg_per_step:
        event.points = event.shares[0] // event.mg_per_step * event.points_per_step


def _allowed(wanted: int, limit: Limit, room: int) -> int:
    if limit.of_events:
        return wanted if room else 0
    return min(wanted, room)


def _is_overlapping(event: Event, memory: _Memory) -> bool:
    """Answer an event that shares time with one of its scene that was there before."""
    if not event.law.exclusive:
        return False
    rival = next((e for e in memory.by_scene.get(event.scene, ()) if event.intersects(e)), None)
    if rival is not None:
        event.status, event.other = Status.OVERLAPPING, rival
    return rival is not None


def _observe(event: Event, memory: _Memory) -> None:
    """Fill the fields that own history gives, then quantify."""
    earlier = memory.by_scene.get(event.scene, ())
    for baseline in event.law.baselines:
        found = list(_readings(event, baseline, earlier))
        event.counts[baseline.sum_slot] = sum(found)
        event.counts[baseline.count_slot] = len(found)
    assert event.law.quantifier is not None
    event.quantified, event.code = event.law.quantifier.one(event.cell, tuple(event.counts))


def _readings(event: Event, baseline: Baseline, earlier: Sequence[Event]) -> Iterator[int]:
    """The first reading of each period of the window, as counts of the field's step."""
    wanted = event.law.readings[baseline.of]
    low, high = baseline.bounds
    per, numbers = window_periods(baseline.window, event.day)
    for number in numbers:
        for other in earlier:
            slot = other.law.slot_of(wanted)
            if slot == NO_SLOT or not low <= other.counts[slot] <= high:
                continue
            if period_of(other.day, per) == number:
                yield other.counts[slot]
                break


def window_periods(window: Window, day: int) -> tuple[Period, range]:
    """The periods of a window before a day, by their numbers.

    >>> window_periods(Window("days", 7), 40)
    ('day', range(33, 40))
    >>> window_periods(Window("same_period_years", 2), 800)
    ('month', range(2, 26, 12))
    """
    if window.kind == "days":
        return "day", range(day - window.count, day)
    month = period_of(day, "month")
    step = 1 if window.kind == "months" else MONTHS_PER_YEAR
    return "month", range(month - window.count * step, month, step)


def refusal_of(code: int) -> tuple[Status, int]:
    """Status and detail of a row that the methodology did not quantify.

    >>> refusal_of(1), refusal_of(3)[1], refusal_of(255)[1]
    ((<Status.NO_PARAMETER: 6>, <Detail.NONE: 0>), 11, <Detail.NEGATIVE: 255>)
    """
    if code == 1:
        return Status.NO_PARAMETER, Detail.NONE
    if code in (Detail.HISTORY_SHORT, Detail.NEGATIVE):
        return Status.NOT_APPLICABLE, Detail(code)
    return Status.NOT_APPLICABLE, Detail.CLAUSE + code - 2


def cap_status(mg: int, quantified: int) -> Status:
    """
    >>> [cap_status(mg, 5).label for mg in (5, 2, 0)]
    ['credited', 'partly_capped', 'capped']
    """
    if mg == quantified:
        return Status.CREDITED
    return Status.PARTLY_CAPPED if mg else Status.CAPPED
