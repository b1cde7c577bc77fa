"""Nothing is lost and nothing counts twice over random histories (`make conserve`: 2,000 of them).

And a history notices: each of the mistakes of `mutants` makes one of a few fail.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conserving.history import Violation
from tests.conserving.mutants import MUTANTS
from tests.conserving.telling import Told, a_world, tell
from tests.conserving.world import World

pytestmark = pytest.mark.django_db

HISTORIES = 8
HISTORIES_TO_CATCH_MAX = 40


def test_histories_lose_and_double_nothing(tmp_path: Path) -> None:
    told = Told()
    with a_world(0, tmp_path) as world:
        for seed in range(HISTORIES):
            told.add(tell(world, seed))
    assert told.acts > 6 * HISTORIES
    assert min(told.units[state] for state in ("held", "locked", "retired")) > 0


@pytest.mark.slow
def test_a_history_notices_every_mistake(tmp_path: Path) -> None:
    with a_world(0, tmp_path) as world:
        survived = [each.__name__ for each in MUTANTS if not is_caught(world, each)]
    assert survived == []


def is_caught(world: World, mutant: Callable[[pytest.MonkeyPatch], None]) -> bool:
    """Whether one of the first histories of its acts fails with a mistake switched on."""
    with pytest.MonkeyPatch.context() as patch:
        mutant(patch)
        for seed in range(HISTORIES_TO_CATCH_MAX):
            try:
                tell(world, seed, MUTANTS[mutant])
            except Violation:
                return True
    return False
