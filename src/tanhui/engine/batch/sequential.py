"""The rules of one person's events, one event at a time, in plain Python.

Arrival order decides: what a person was told stays true, and a late record never changes an
earlier answer. This is the meaning of the batch rules; the vectorised path (settle.py) must give
the same answers and is tested against this one. It also settles the rare persons whose batch holds
corrections, and single events that arrive online.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .status import OCCUPYING, Detail, Status

Key = tuple[int, int]
NO_CAP = -1


@dataclass(slots=True)
class Event:
    """A quantified event and, once settled, its answer. Masses in mg, instants in epoch ms."""

    batch: int
    row: int
    key: Key
    payload: int
    scene: int
    start: int
    end: int
    day: int
    quantified: int = 0
    code: int = 0  # of engine.kernel: 0 quantified, 1 no parameter, 2+k clause k, 255 negative
    cap: int = NO_CAP
    exclusive: bool = True  # whether it may not overlap another of the same person and scene
    mg_per_step: int = 0  # 0: the programme has no points rule on that day
    points_per_step: int = 0
    corrects: Key | None = None
    status: Status = Status.CREDITED
    detail: int = Detail.NONE
    mg: int = 0
    points: int = 0
    other: Event | None = None
    is_reversed: bool = False

    @property
    def occupies(self) -> bool:
        """Whether it holds its place in time."""
        return self.status in OCCUPYING and not self.is_reversed

    def intersects(self, other: Event) -> bool:
        """Whether the two share an instant; an event without length lasts one millisecond."""
        return self.start < max(other.end, other.start + 1) and other.start < max(
            self.end, self.start + 1
        )


@dataclass(slots=True)
class _Memory:
    """What the person's earlier events leave for the next one."""

    by_key: dict[Key, Event] = field(default_factory=dict)
    by_scene: dict[int, list[Event]] = field(default_factory=dict)
    used: dict[tuple[int, int], int] = field(default_factory=dict)

    def remember(self, event: Event) -> None:
        """Take a settled event into account; a refused correction leaves its number free."""
        if event.status is not Status.REJECTED:
            self.by_key.setdefault(event.key, event)
        if event.occupies:
            self.by_scene.setdefault(event.scene, []).append(event)
            place = (event.scene, event.day)
            self.used[place] = self.used.get(place, 0) + event.mg

    def reverse(self, target: Event) -> None:
        """The target no longer counts, nor holds its place."""
        if target.occupies:
            self.by_scene[target.scene].remove(target)
            self.used[target.scene, target.day] -= target.mg
        target.is_reversed = True


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
    """Applicability, overlap, cap and points, in this order."""
    if event.code:
        event.status, event.detail = refusal_of(event.code)
        return
    if event.exclusive:
        rival = next((e for e in memory.by_scene.get(event.scene, ()) if event.intersects(e)), None)
        if rival is not None:
            event.status, event.other = Status.OVERLAPPING, rival
            return
    event.mg = event.quantified
    if event.cap != NO_CAP:
        left = event.cap - memory.used.get((event.scene, event.day), 0)
        event.mg = min(event.quantified, max(left, 0))
    event.status = cap_status(event.mg, event.quantified)
    if event.mg_per_step:
        event.points = event.mg // event.mg_per_step * event.points_per_step


def refusal_of(code: int) -> tuple[Status, int]:
    """Status and detail of a row that the methodology did not quantify.

    >>> refusal_of(1), refusal_of(3)[1], refusal_of(255)[1]
    ((<Status.NO_PARAMETER: 6>, <Detail.NONE: 0>), 11, <Detail.NEGATIVE: 255>)
    """
    if code == 1:
        return Status.NO_PARAMETER, Detail.NONE
    if code == 255:
        return Status.NOT_APPLICABLE, Detail.NEGATIVE
    return Status.NOT_APPLICABLE, Detail.CLAUSE + code - 2


def cap_status(mg: int, quantified: int) -> Status:
    """
    >>> [cap_status(mg, 5).label for mg in (5, 2, 0)]
    ['credited', 'partly_capped', 'capped']
    """
    if mg == quantified:
        return Status.CREDITED
    return Status.PARTLY_CAPPED if mg else Status.CAPPED
