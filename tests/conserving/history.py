"""One random history: each act is foretold by the models, tried, and compared with the books.

An act that the models allow must succeed and one they forbid must be refused; after either, every
block of the books is where the model has it.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection, transaction
from tests.conserving.grams_model import Grams
from tests.conserving.units_model import RECOGNISED, Shown, Units
from tests.conserving.world import PROJECT_UNIT_MG, Rides, World

from tanhui.books.models import CreditBlock, Issue
from tanhui.core.errors import TanhuiError
from tanhui.core.serials import SerialRange, write_serials
from tanhui.domain.matters.models import Matter, Step
from tanhui.flows.registry.callers import Caller

Found = TypeVar("Found")
FEW = 6  # units that an act is about, at most


class Violation(AssertionError):
    """The registry did what the models forbid, or not what they say."""


@dataclass
class Pending:
    """A matter that waits for its next step: whose units it set aside, and what it is about."""

    matter: Matter
    owner: str
    serials: list[int] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)


@dataclass
class Carry:
    """What a project netted and buffered, and what of it became whole units."""

    netted: int = 0
    buffered: int = 0
    units: int = 0
    buffer_units: int = 0
    periods: int = 0

    @property
    def carried(self) -> int:
        """What is less than a unit, in mg."""
        return self.netted - self.units * PROJECT_UNIT_MG

    @property
    def buffer_carried(self) -> int:
        """The same of the buffer."""
        return self.buffered - self.buffer_units * PROJECT_UNIT_MG


class History:
    """Models, matters under way, and what has been told so far."""

    def __init__(self, world: World, luck: random.Random) -> None:
        self.world, self.luck, self.office = world, luck, world.office
        self.grams: Grams = copy.deepcopy(world.grams)
        self.rides: Rides = copy.deepcopy(world.rides)
        self.units = Units()
        self.forests = [Carry() for _ in world.forests]
        self.pending: dict[str, list[Pending]] = {}
        self.certificates: list[list[int]] = []
        self.recognised: list[Pending] = []
        self.told: list[str] = []
        self.refused = self.compared = 0
        self.names = {body.pk: name for name, body in world.firms.items()}
        self.buffers = {each.project.pk: f"buffer of {each.owner}" for each in world.forests}

    def tried(self, what: str, is_allowed: bool, act: Callable[[], Found]) -> Found | None:
        """Do it or be refused, as foretold; None when refused."""
        self.told.append(f"{what}{'' if is_allowed else ' (to be refused)'}")
        try:
            with transaction.atomic():
                done = act()
        except TanhuiError as error:
            if is_allowed:
                raise Violation(f"{what}: refused with {error.code}: {error.en}") from error
            self.refused += 1
            return None
        if not is_allowed:
            raise Violation(f"{what}: was not refused")
        return done

    def both(
        self, callers: Sequence[Caller], matter: Matter, verb: str, **changes: Any
    ) -> Callable[[], Step]:
        """A step that two people take."""

        def act() -> Step:
            first, second = callers
            self.office.step(first, matter, verb, **changes)
            return self.office.step(second, matter, verb, **changes)

        return act

    def one_of(self, kind: str) -> Pending | None:
        """A matter under way, taken off the list."""
        waiting = self.pending.get(kind, [])
        return waiting.pop(self.luck.randrange(len(waiting))) if waiting else None

    def wait_for(self, kind: str, pending: Pending) -> None:
        """Put a matter on the list."""
        self.pending.setdefault(kind, []).append(pending)

    def a_firm(self, origin: str = "") -> str:
        """Somebody, rather one who holds units, and of the origin that is wanted."""
        names, units = [*self.world.firms], self.units
        holders = [
            name
            for name in names
            if any(origin in ("", units.origin[one.serials[0]]) for one in units.of(name))
        ]
        return self.luck.choice(holders if holders and self.luck.random() < 0.9 else names)

    def some_serials(self, owner: str, origin: str = "") -> list[int]:
        """A few neighbouring serials, mostly the owner's and of the origin that is wanted; now and
        then with one too many.
        """
        blocks = self.units.of(owner) or self.units.blocks
        fit = [one for one in blocks if self.units.origin[one.serials[0]] == origin]
        if fit and self.luck.random() < 0.9:
            blocks = fit
        if not blocks:
            return [1]
        serials = self.luck.choice(blocks).serials
        first = self.luck.randrange(len(serials))
        last = min(first + self.luck.randrange(FEW), len(serials) - 1)
        more = 2 if self.luck.random() < 0.1 else 1
        return list(range(serials[first], serials[last] + more))

    def chosen(self, owner: str, origin: str = "") -> tuple[dict[str, Any], list[int], bool]:
        """What a form says, by number or by serials; which units that are; whether it can be."""
        if origin or self.luck.random() < 0.5:
            serials = self.some_serials(owner, origin)
            can_be = self.units.stand(serials, owner) and not self.lapsed(owner, serials)
            return {"serials": as_text(serials)}, serials, can_be
        units = self.luck.randint(1, min(self.units.held(owner), FEW) + 1)
        serials = self.units.lowest(owner, units)
        can_be = len(serials) == units and not self.lapsed(owner, serials)
        return {"units": units}, serials, can_be

    def agreed(self) -> bool:
        """Whether the agreement of recognition is in force today."""
        return str(self.office.now.date()) < self.world.agreement.data["valid_to"]

    def lapsed(self, owner: str, serials: list[int]) -> bool:
        """Whether one of an owner's units was recognised for it and the agreement is over."""
        own = [one for one in serials if self.units.first_owner.get(one) == owner]
        return not self.agreed() and any(self.units.origin[one] == RECOGNISED for one in own)

    def compare(self) -> None:
        """Every block of the books is where the model has it; raises Violation."""
        if len(self.told) == self.compared:
            return
        self.compared = len(self.told)
        found, wanted = self.books(), self.units.shown()
        if found != wanted:
            only = f"{sorted({*found} - {*wanted})} in the books, {sorted({*wanted} - {*found})}"
            raise Violation(f"after {self.told[-1]}: {only} in the model")

    def books(self) -> list[Shown]:
        """The open blocks, by serial."""
        rows = CreditBlock.objects.filter(closed_by__isnull=True).order_by("serials")
        named = rows.values_list("serials", "owner__owner_kind", "owner__owner_id", "state")
        return [
            (serials.lower, serials.upper - 1, self.name(kind, number), state)
            for serials, kind, number, state in named
        ]

    def name(self, kind: str, number: int) -> str:
        """An account's owner as the model names it."""
        known = {"organisation": self.names, "buffer": self.buffers}.get(kind, {})
        return known.get(number, f"{kind} {number}")


def as_text(serials: list[int]) -> str:
    """Serials as a form says them.

    >>> as_text([3, 4, 5, 9])
    '3-5, 9-9'
    """
    parts: list[list[int]] = []
    for serial in serials:
        if parts and parts[-1][-1] + 1 == serial:
            parts[-1].append(serial)
        else:
            parts.append([serial])
    return write_serials(SerialRange(part[0], part[-1]) for part in parts)


def issued_units() -> int:
    """Units ever issued."""
    with connection.cursor() as cursor:
        table = Issue._meta.db_table
        cursor.execute(f"SELECT coalesce(sum(upper(serials) - lower(serials)), 0) FROM {table}")
        (units,) = cursor.fetchone() or (0,)
    return int(units)
