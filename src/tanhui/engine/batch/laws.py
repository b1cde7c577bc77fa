"""What settling needs to know of each methodology, in the numbers of one batch.

A law is a methodology's terms with scenes as the batch numbers them and fields as column slots.
Rows of earlier batches have laws too: who was there first may have declared the exclusion.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..closure import closure
from ..integer import IntegerForm
from ..intexpr import NARROW_MAX
from ..kernel import quantify
from ..methodology import Field, Methodology
from ..terms import WHOLE_TO_PERSON, Allocation, Cap, History, Period, Window
from .events import Column
from .periods import RANK

NO_CAP = -1
NO_SLOT = -1

Reading = tuple[str, Fraction]
"""Column and step of a field: two versions of a methodology with the same read the same thing."""


@dataclass(frozen=True)
class Limit:
    """The most a person is credited in one period over some scenes, in mg or in events."""

    per: Period
    scenes: frozenset[int]
    most: int
    of_events: bool = False

    @property
    def breadth(self) -> tuple[int, int, bool]:
        """Limits are asked from the narrowest to the widest; of equal answers the last counts."""
        return len(self.scenes), RANK[self.per], self.of_events

    def lies_in(self, other: Limit) -> bool:
        """Whether each place of this limit lies inside one of the other."""
        return self.scenes <= other.scenes and RANK[self.per] <= RANK[other.per]


@dataclass(frozen=True)
class Exclusion:
    """In one period a person is credited for the law's own scene or for one of these."""

    per: Period
    scenes: frozenset[int]


@dataclass(frozen=True)
class Baseline:
    """Two fields filled from earlier records: slots of what is read, of its sum and the count.

    A reading outside `bounds`, which another version of the methodology may have let in, does not
    count: the integer form is proven for sums of readings inside.
    """

    of: int
    window: Window
    sum_slot: int
    count_slot: int
    bounds: tuple[int, int] = (-NARROW_MAX, NARROW_MAX)  # both ends belong


class Quantifier(Protocol):
    """The equations of one methodology, for a column of rows and for one record."""

    def rows(self, slots: Sequence[Column], cells: Column) -> tuple[Column, Column]:
        """mg and code (of engine.kernel) of each row."""
        ...

    def one(self, cell: int, counts: tuple[int, ...]) -> tuple[int, int]:
        """mg and code of one record."""
        ...


@dataclass(frozen=True)
class FormQuantifier:
    """The integer form: by the kernel, and by its closure."""

    form: IntegerForm

    def rows(self, slots: Sequence[Column], cells: Column) -> tuple[Column, Column]:
        """By the kernel."""
        answer = quantify(self.form, slots[: len(self.form.bounds)], cells)
        return answer.mg, answer.code

    def one(self, cell: int, counts: tuple[int, ...]) -> tuple[int, int]:
        """By the closure."""
        return self._closure(cell, counts[: len(self.form.bounds)])

    @cached_property
    def _closure(self) -> Callable[[int, tuple[int, ...]], tuple[int, int]]:
        return closure(self.form)

    def __getstate__(self) -> dict[str, Any]:
        """The form alone travels to another process; a closure is made again there."""
        return {"form": self.form}


@dataclass(frozen=True)
class Law:
    """The rules of one methodology; `limits` from the narrowest to the widest."""

    scene: int
    limits: tuple[Limit, ...] = ()
    exclusive: bool = True  # whether it may not overlap another of the same person and scene
    exclusions: tuple[Exclusion, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    readings: tuple[Reading, ...] = ()  # of each slot that a partner fills
    allocation: Allocation = WHOLE_TO_PERSON
    claim_days: int | None = None  # days after its own day on which a record may still arrive
    quantifier: Quantifier | None = None

    @property
    def observes(self) -> bool:
        """Whether its records are readings: each stands on its own, credited or not."""
        return bool(self.baselines)

    @property
    def day_cap(self) -> int:
        """The cap in mg when it is the only limit and holds per day and own scene, or NO_CAP."""
        if len(self.limits) != 1:
            return NO_CAP
        (limit,) = self.limits
        is_plain = limit == Limit("day", frozenset({self.scene}), limit.most)
        return limit.most if is_plain else NO_CAP

    @property
    def has_several_limits(self) -> bool:
        """Whether its limits are more than the one that `day_cap` tells."""
        return bool(self.limits) and self.day_cap == NO_CAP

    def slot_of(self, reading: Reading) -> int:
        """The slot of that reading, or NO_SLOT."""
        return self.readings.index(reading) if reading in self.readings else NO_SLOT


def limit_of(cap: Cap, scenes: MutableMapping[str, int]) -> Limit:
    """A cap in the numbers of `scenes`; scenes it names are numbered there."""
    over = frozenset(scenes.setdefault(name, len(scenes)) for name in cap.scenes)
    return Limit(cap.per, over, cap.max_events or cap.max_mg or 0, not cap.max_mg)


def law_of(method: Methodology, form: IntegerForm | None, scenes: MutableMapping[str, int]) -> Law:
    """The law of a methodology; scenes it names are numbered in `scenes`."""

    def numbers(names: Sequence[str]) -> frozenset[int]:
        return frozenset(scenes.setdefault(name, len(scenes)) for name in names)

    limits = [limit_of(cap, scenes) for cap in method.caps]
    return Law(
        scene=scenes.setdefault(method.scene, len(scenes)),
        limits=tuple(sorted(limits, key=lambda limit: limit.breadth)),
        exclusive=method.overlap,
        exclusions=tuple(Exclusion(e.per, numbers(e.scenes)) for e in method.exclusive_with),
        baselines=tuple(_baseline(each, method.fields) for each in method.history),
        readings=tuple((each.column, each.step) for each in method.reported_fields),
        allocation=method.allocation,
        claim_days=None
        if method.claim is None
        else method.claim.after_days + method.claim.within_days,
        quantifier=None if form is None else FormQuantifier(form),
    )


def _baseline(history: History, fields: Sequence[Field]) -> Baseline:
    slots = {each.name: slot for slot, each in enumerate(fields)}
    of = fields[slots[history.of]]
    return Baseline(
        slots[history.of],
        history.window,
        slots[history.sum_field],
        slots[history.count_field],
        (of.min_count, of.max_count),
    )


class Laws:
    """The laws of a batch, then those of the past it meets, as lookup arrays; the last is none.

    A row's `law` is a place in here; `no_law` is that of rows without a methodology.
    """

    def __init__(self, laws: Sequence[Law], past: Sequence[Law] = ()) -> None:
        self.items = (*laws, *past, Law(scene=-1, exclusive=False))
        self.no_law = len(self.items) - 1
        self.day_cap = self._column([law.day_cap for law in self.items])
        self.exclusive = self._mask([law.exclusive for law in self.items])
        self.several = self._mask([law.has_several_limits for law in self.items])
        self.observes = self._mask([law.observes for law in self.items])
        whole = [law.allocation.is_whole_to_person for law in laws]
        self.splits = self._mask([not each for each in whole] + [False] * (len(past) + 1))
        self.excludes = any(law.exclusions for law in self.items)

    def __getitem__(self, number: int) -> Law:
        return self.items[number]

    def _column(self, values: Sequence[int]) -> npt.NDArray[np.int64]:
        return np.array(values, dtype=np.int64)

    def _mask(self, values: Sequence[Any]) -> npt.NDArray[np.bool_]:
        return np.array(values, dtype=bool)
