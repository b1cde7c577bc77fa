"""Mistakes that a history must catch, switched on in the code of a test alone.

Each takes the place of one function of the product while histories are told. Some are caught by
the models, some by a check that the product makes itself; either way no history ends well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from tests.conserving import acts_of_grams as grams
from tests.conserving import acts_of_projects as projects
from tests.conserving import acts_of_units as units

from tanhui.core.serials import SerialRange
from tanhui.engine.batch.events import concatenate
from tanhui.engine.pooling import assemble, line
from tanhui.engine.pooling.assemble import PLACED_TYPES
from tanhui.flows.registry import (
    pool_trace,
    pools,
    project_units,
    recalls,
    recognitions,
    sharings,
    transfers,
)
from tanhui.flows.registry.all_effects import EFFECTS

Patch = pytest.MonkeyPatch


def a_remainder_is_dropped(patch: Patch) -> None:
    """What fills no unit does not begin the next pool."""
    patch.setattr(pools, "_carried", lambda *_, **__: (concatenate([], PLACED_TYPES), 0))


def a_debt_is_forgotten(patch: Patch) -> None:
    """Rows that were taken back after they were used are not made good."""
    patch.setattr(pools, "taken_back_since", lambda *_, **__: [])


def a_share_is_rounded_twice(patch: Patch) -> None:
    """A discount of each row by itself, down, instead of once over the whole."""

    def each(mg: line.I64, kept: Fraction) -> line.I64:
        left: line.I64 = mg * kept.numerator // kept.denominator
        return left

    patch.setattr(assemble, "discounted", each)


def the_person_gets_the_platforms_part(patch: Patch) -> None:
    """What a unit takes of a row is all marked as the person's."""

    def all_theirs(used: line.I64, _: object) -> tuple[line.I64, line.I64, line.I64]:
        return used, used * 0, used * 0

    patch.setattr(assemble, "parts_of", all_theirs)


def the_trace_is_one_unit_off(patch: Patch) -> None:
    """A serial is told the rows of its neighbour."""
    fillings = pool_trace.fillings

    def off(platform: Any, issue: Any, part: SerialRange) -> Any:
        first = pool_trace.issued_by(issue.journal_id).first
        moved = max(part.first - 1, first)
        return fillings(platform, issue, SerialRange(moved, moved + part.units - 1))

    patch.setattr(pool_trace, "fillings", off)


def a_recall_leaves_a_block_held(patch: Patch) -> None:
    """Of what an instrument names, the last unit is not locked."""
    lock = recalls.lock

    def too_few(moment: Any, organisation: int, parts: Sequence[SerialRange]) -> None:
        lock(moment, organisation, _without_the_last(parts))

    patch.setattr(recalls, "lock", too_few)


def the_origin_stays_free(patch: Patch) -> None:
    """Recognised abroad, and not locked at home."""
    patch.setattr(recognitions, "lock", lambda *_: None)


def too_much_is_unlocked_at_expiry(patch: Patch) -> None:
    """The origin of recognised units that were used is freed with the rest."""
    patch.setattr(recognitions, "_last", lambda parts, _: parts)


def a_replacement_is_forgotten(patch: Patch) -> None:
    """Who is liable for cancelled units gives none of its own."""
    run = recalls.run_cancel

    def nobody(moment: Any) -> Any:
        return run(replace(moment, data={}))

    _effect(patch, "recall", "cancel", nobody)


def a_declined_offer_is_delivered(patch: Patch) -> None:
    """The other side gets what it did not want."""
    _effect(patch, "transfer", "decline", transfers.run_accept)


def units_are_shared_down(patch: Patch) -> None:
    """Every party gets the floor of its share, and nobody the rest."""

    def floors(whole: int, weights: Sequence[Fraction]) -> list[int]:
        exact = [whole * weight / sum(weights) for weight in weights]
        return [share.numerator // share.denominator for share in exact]

    patch.setattr(sharings, "apportion", floors)


def a_loss_is_rounded_down(patch: Patch) -> None:
    """Of a loss only whole units are replaced, and the rest is forgotten."""

    def down(loss_mg: int, *, carried_mg: int, unit_mg: int) -> tuple[int, int]:
        return loss_mg // unit_mg, carried_mg

    patch.setattr(project_units, "units_owed", down)


def _effect(patch: Patch, kind: str, verb: str, run: Callable[[Any], Any]) -> None:
    assert isinstance(EFFECTS, dict)
    patch.setitem(EFFECTS, (kind, verb), replace(EFFECTS[kind, verb], run=run))


def _without_the_last(parts: Sequence[SerialRange]) -> list[SerialRange]:
    last = parts[-1]
    rest = [SerialRange(last.first, last.last - 1)] if last.units > 1 else []
    return [*parts[:-1], *rest]


POOLS = dict.fromkeys((grams.rides_come, grams.a_pool_gathers, grams.a_pool_issues), 1)
PROJECTS = dict.fromkeys((projects.a_period_is_settled, projects.a_forest_burns), 1)
RECALLS = dict.fromkeys((units.units_are_frozen, units.a_freeze_ends), 1)
OFFERS = dict.fromkeys((units.units_are_offered, units.an_offer_is_answered), 1)
RECOGNITIONS = {
    units.recognition_is_requested: 4,
    units.a_request_is_decided: 4,
    units.units_are_retired: 4,
    units.recognition_ends: 1,
    units.days_go_by: 2,
}

MUTANTS = {
    a_remainder_is_dropped: POOLS,
    a_debt_is_forgotten: POOLS,
    a_share_is_rounded_twice: POOLS,
    the_person_gets_the_platforms_part: POOLS,
    the_trace_is_one_unit_off: POOLS,
    a_recall_leaves_a_block_held: RECALLS,
    a_replacement_is_forgotten: RECALLS,
    the_origin_stays_free: RECOGNITIONS,
    too_much_is_unlocked_at_expiry: RECOGNITIONS,
    a_declined_offer_is_delivered: OFFERS,
    units_are_shared_down: {units.units_are_shared_out: 1},
    a_loss_is_rounded_down: PROJECTS,
}
"""Each mistake, and the acts of the histories in which it is looked for."""
