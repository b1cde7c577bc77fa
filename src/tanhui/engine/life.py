"""The life of a methodology as data: who took which step, on which day, and where it says so.

    life:
      - {state: submitted, on: 2024-03-01, by: ..., source: ...}
      - {state: in_force, on: 2024-09-02, since: 2023-08-18, by: ..., source: ...}

The states come in the order of the local rules (submitted, expert review, public notice, filed, in
force, revised, withdrawn); one that is not known is left out, never guessed. A methodology that
tells its life is credited from the day it is in force (`since`, where its text reaches back) until
the day it is revised by a later version or withdrawn; one that does not, by its effective days.
"""

from __future__ import annotations

from dataclasses import dataclass

from tanhui.core.period import day_number, day_of

from .problems import Problems, Unreadable, Where
from .section import Section, Text
from .yamlfile import Node

STATES = (
    "submitted",
    "expert_review",
    "public_notice",
    "filed",
    "in_force",
    "revised",
    "withdrawn",
)
ENDED = ("revised", "withdrawn")
LIFE_KEYS = ("state", "on", "by", "source", "source_url", "since", "note")
STATE_NAMES = {
    "submitted": Text("已申报", "submitted"),
    "expert_review": Text("专家评审", "expert review"),
    "public_notice": Text("公示", "public notice"),
    "filed": Text("已备案", "filed"),
    "in_force": Text("施行", "in force"),
    "revised": Text("已修订", "revised"),
    "withdrawn": Text("已废止", "withdrawn"),
}


@dataclass(frozen=True)
class Step:
    """One step; `since_day` is the first day of behaviour it covers, for `in_force` only."""

    state: str
    day: int
    by: str
    source: str
    source_url: str | None
    since_day: int | None
    note: Text | None
    where: Where


@dataclass(frozen=True)
class Life:
    """The steps in order of their days."""

    steps: tuple[Step, ...]

    def step(self, state: str) -> Step | None:
        """The step of that name, if it was taken."""
        return next((each for each in self.steps if each.state == state), None)

    def state_on(self, day: int) -> str | None:
        """The last state reached by that day; None before the first."""
        reached = [each.state for each in self.steps if each.day <= day]
        return reached[-1] if reached else None

    @property
    def first_day(self) -> int | None:
        """The first day of behaviour that may be credited; None when never in force."""
        step = self.step("in_force")
        if step is None:
            return None
        return step.day if step.since_day is None else step.since_day

    @property
    def end_day(self) -> int | None:
        """The day from which nothing is credited any more, if there is one."""
        return min((each.day for each in self.steps if each.state in ENDED), default=None)

    def creditable_on(self, day: int) -> bool:
        """Whether behaviour of that day may be credited."""
        if self.first_day is None or day < self.first_day:
            return False
        return self.end_day is None or day < self.end_day


def read_life(section: Section) -> Life | None:
    """The `life` block of a methodology of either kind; None when it tells none."""
    if "life" not in section:
        return None
    problems = section.problems
    nodes = section.items("life")
    if not nodes:
        raise problems.stop(
            section.at("life"),
            zh="life 是空的；请写至少一步，或删去 life。",
            en="life is empty; write at least one step or remove it",
        )
    before = len(problems.found)
    steps: list[Step] = []
    for node in nodes:
        with problems.part():
            step = _read_step(node, problems)
            _refuse_disorder(step, steps, problems)
            steps.append(step)
    if len(problems.found) > before:
        raise Unreadable
    return Life(tuple(steps))


def _read_step(node: Node, problems: Problems) -> Step:
    section = Section(
        node,
        problems,
        what="life",
        required=("state", "on", "by", "source"),
        optional=LIFE_KEYS,
    )
    state, day = section.choice("state", STATES), day_number(section.day("on"))
    since = section.optional_day("since")
    if since is not None and state != "in_force":
        raise problems.stop(
            section.at("since"),
            zh=f"since 只能写在 in_force；请从 {state} 删去。",
            en=f"'since' belongs to in_force only; remove it from {state}",
        )
    if since is not None and day_number(since) > day:
        raise problems.stop(
            section.at("since"),
            zh=f"since（{since}）晚于施行日 {day_of(day)}；不追溯时请删去 since。",
            en=f"'since' ({since}) is after the day in force ({day_of(day)}); remove it where the "
            "text does not reach back",
        )
    return Step(
        state,
        day,
        section.text("by"),
        section.text("source"),
        section.optional_text("source_url"),
        None if since is None else day_number(since),
        section.optional_bilingual("note"),
        node.where,
    )


def _refuse_disorder(step: Step, earlier: list[Step], problems: Problems) -> None:
    if not earlier:
        return
    last = earlier[-1]
    if STATES.index(step.state) <= STATES.index(last.state):
        raise problems.stop(
            step.where,
            zh=f"{step.state} 不能在第 {last.where.line} 行的 {last.state} 之后；"
            f"顺序为 {' → '.join(STATES)}，每种至多一次。",
            en=f"{step.state} cannot follow {last.state} of line {last.where.line}; the order is "
            f"{', '.join(STATES)}, each at most once",
        )
    if step.day < last.day:
        raise problems.stop(
            step.where,
            zh=f"{step.state}（{day_of(step.day)}）早于第 {last.where.line} 行的 {last.state}"
            f"（{day_of(last.day)}）；请核对日期。",
            en=f"{step.state} ({day_of(step.day)}) lies before {last.state} of line "
            f"{last.where.line} ({day_of(last.day)}); check the days",
        )
