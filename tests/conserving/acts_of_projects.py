"""Acts over projects: a period issues units beside its buffer, or its loss is replaced; a fire."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from tests.conserving.history import Carry, History, Violation
from tests.conserving.units_model import CANCELLED, CREDITED
from tests.conserving.world import PROJECT_UNIT_MG, Forest

from tanhui.core.serials import read_serials
from tanhui.domain.matters.models import Matter


def a_period_is_settled(history: History) -> None:
    """The next period of a forest issues what it netted, or what it lost is replaced."""
    number = history.luck.randrange(len(history.forests))
    forest, carry = history.world.forests[number], history.forests[number]
    project = Matter.objects.get(pk=forest.project.pk)
    if carry.periods == len(forest.periods) or project.state != "registered":
        return
    period = forest.periods[carry.periods]
    rows = [{key: int(mg) for key, mg in row.items() if mg} for row in period.data["vintages"]]
    before = copy.copy(carry)
    net = sum(row.get("issuable_mg", 0) + row.get("reversal_mg", 0) for row in rows)
    carry.netted += net
    carry.buffered += sum(row.get("buffer_mg", 0) for row in rows)
    kept = carry.buffer_carried // PROJECT_UNIT_MG
    carry.buffer_units += kept
    buffer = history.buffers[project.pk]
    owed = max(-(carry.carried // PROJECT_UNIT_MG), 0) if net < 0 else 0
    made = carry.carried // PROJECT_UNIT_MG if net >= 0 else 0
    carry.units += made - owed
    carry.periods += 1
    is_covered = owed <= history.units.held(buffer) + kept + history.units.held(forest.owner)
    verb, data = ("replace", {}) if net < 0 else ("issue", {"units": made + kept})
    callers = forest.cast.first, forest.cast.second
    what = f"{verb} of {forest.owner}: {made} and {kept} units, {owed} owed"
    done = history.tried(what, is_covered, history.both(callers, period, verb, data=data))
    if done is None:
        history.forests[number] = before
        return
    for account, units in ((forest.owner, made), (buffer, kept)):
        _issue(history, done.result["issued"], account, units, what=what)
    _cancel(history, forest, owed)


def _issue(
    history: History, said: list[Mapping[str, Any]], account: str, units: int, *, what: str
) -> None:
    """The runs of serials that a period issued to an account, so many units in all."""
    kind = "buffer" if account.startswith("buffer") else "organisation"
    runs = [one["serials"] for one in said if one["account"] == kind]
    counts = [part.units for run in runs for part in read_serials(run)]
    if sum(counts) != units:
        raise Violation(f"{what}: {runs} issued to {account}")
    for count in counts:
        history.units.issue(count, owner=account, origin=CREDITED)


def _cancel(history: History, forest: Forest, owed: int) -> None:
    """A loss takes the buffer's units first, then the owner's."""
    buffer = history.buffers[forest.project.pk]
    first = min(owed, history.units.held(buffer))
    for account, units in ((buffer, first), (forest.owner, owed - first)):
        if units:
            history.units.move(history.units.lowest(account, units), state=CANCELLED)


def a_forest_burns(history: History) -> None:
    """A loss between periods: the project is suspended until it is replaced."""
    number = history.luck.randrange(len(history.forests))
    forest, carry = history.world.forests[number], history.forests[number]
    kilograms = history.luck.randint(1, 4_000)
    loss, buffer = kilograms * 10**6, history.buffers[forest.project.pk]
    owed = max(-((carry.carried - loss) // PROJECT_UNIT_MG), 0)
    held = history.units.held(buffer) + history.units.held(forest.owner)
    callers = forest.cast.first, forest.cast.second

    def act() -> None:
        said = {"loss_t": f"{kilograms / 1000:.3f}"}
        history.office.step(forest.cast.first, forest.project, "suspend")
        history.both(callers, forest.project, "reverse", data=said)()
        history.both(callers, forest.project, "resume")()

    history.tried(f"{forest.owner} loses {kilograms} kg", owed <= held, act)
    if owed <= held:
        carry.netted -= loss
        carry.units -= owed
        _cancel(history, forest, owed)


def mg_of(carry: Carry) -> dict[str, str]:
    """What a project's data must say."""
    return {"carried_mg": str(carry.carried), "buffer_carried_mg": str(carry.buffer_carried)}
