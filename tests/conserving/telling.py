"""Histories told one after another, each from its seed alone and undone afterwards."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction
from tests.conserving import acts_of_grams as grams
from tests.conserving import acts_of_projects as projects
from tests.conserving import acts_of_units as units
from tests.conserving.history import History, Violation
from tests.conserving.proofs import check
from tests.conserving.world import World
from tests.flows.registry.shared_law import shared_law

HISTORIES_OF_A_WORLD = 100
PROVED_EACH = 10  # of so many histories one is proved down to every row of evidence
ACTS_MIN, ACTS_MAX = 6, (12, 24, 48)  # many short histories, some long ones
Act = Callable[[History], None]

ACTS: dict[Act, int] = {
    grams.rides_come: 2,
    grams.a_pool_gathers: 5,
    grams.a_pool_issues: 6,
    grams.a_pool_is_cancelled: 1,
    projects.a_period_is_settled: 4,
    projects.a_forest_burns: 2,
    units.units_are_offered: 4,
    units.an_offer_is_answered: 8,
    units.units_are_shared_out: 2,
    units.recognition_is_requested: 4,
    units.a_request_is_decided: 8,
    units.recognition_ends: 4,
    units.units_are_frozen: 3,
    units.a_freeze_ends: 6,
    units.units_are_retired: 4,
    units.an_offset_is_applied_for: 3,
    units.an_offset_is_decided: 6,
    units.days_go_by: 2,
}
"""Each act, and how often it is tried among the others."""

FIRST = (grams.a_pool_gathers, grams.a_pool_issues, projects.a_period_is_settled)
"""How every history begins, so that there is something to act on."""


@dataclass
class Told:
    """What was told: histories, acts, refusals as foretold, units, and grams in them."""

    histories: int = 0
    acts: int = 0
    refused: int = 0
    units: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    filled: int = 0

    def add(self, history: History) -> None:
        """Count a history that held."""
        self.histories += 1
        self.acts += len(history.told)
        self.refused += history.refused
        self.units += history.units.totals()
        self.rows += len(history.grams.rows)
        self.filled += len(history.grams.filled)

    @property
    def shown(self) -> str:
        """All of it in a line."""
        states = ", ".join(f"{units:,} {state}" for state, units in sorted(self.units.items()))
        return (
            f"{self.histories:,} histories of {self.acts:,} acts, {self.refused:,} of them refused "
            f"as foretold; {self.rows:,} rides; {self.units.total():,} units ({states}), "
            f"{self.filled:,} of them pooled"
        )


@contextmanager
def a_world(seed: int, folder: Path) -> Iterator[World]:
    """The world in which the histories around a seed are told; nothing of it stays."""
    try:
        with transaction.atomic(), shared_law(folder):
            yield World(random.Random(f"world {seed // HISTORIES_OF_A_WORLD}"), folder)
            raise _Undo
    except _Undo:
        pass


def tell(world: World, seed: int, acts: Mapping[Act, int] = ACTS) -> History:
    """The history of a seed, checked after each act and at its end; raises Violation."""
    luck, now = random.Random(f"history {seed}"), world.office.now
    history = History(world, luck)
    try:
        with transaction.atomic():
            told = luck.randint(ACTS_MIN, luck.choice(ACTS_MAX))
            for act in (*FIRST, *luck.choices([*acts], [*acts.values()], k=4 * told)):
                act(history)  # which may find nothing to do
                history.compare()
                if len(history.told) >= told:
                    break
            check(history, luck, whole=seed % PROVED_EACH == 0)
            raise _Undo
    except _Undo:
        return history
    except Exception as error:
        so_far = "\n  ".join(history.told[-40:])
        raise Violation(f"history {seed}: {error!r}, after\n  {so_far}") from error
    finally:
        world.office.now = now
        shutil.rmtree(settings.TANHUI_HOME / "log", ignore_errors=True)


class _Undo(Exception):
    """Takes a history's rows back."""
