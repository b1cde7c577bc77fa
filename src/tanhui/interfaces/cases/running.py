"""Run a case: take its steps, then look at its figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tanhui.interfaces.platform import clock_set_to

from .case import Case, Figure
from .deliveries import csv_of
from .stage import Answer, Stage
from .supply import NotSupplied, supply

_PART = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]")


@dataclass(frozen=True, kw_only=True)
class Obtained:
    """A figure with what came out."""

    figure: Figure
    obtained: str

    @property
    def ok(self) -> bool:
        """Whether it is what was expected; numbers are compared as numbers."""
        return same(self.figure.expected, self.obtained)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A case that was run: its figures, or the step at which it stopped."""

    case: Case
    figures: tuple[Obtained, ...]
    stopped: str = ""

    @property
    def ok(self) -> bool:
        """Whether every figure came out."""
        return not self.stopped and all(one.ok for one in self.figures)


class _Stopped(Exception):
    """A step was not answered as the case says."""


def run_case(case: Case) -> Outcome:
    """Take every step on a new stage; what cannot be taken stops the case and says where."""
    stage = Stage(case.id)
    saved: dict[str, Any] = {}
    with clock_set_to(lambda: stage.now):
        for number, step in enumerate(case.steps, start=1):
            try:
                _take(stage, step, saved)
            except _Stopped as stopped:
                return Outcome(case=case, figures=(), stopped=f"step {number}: {stopped}")
    figures = tuple(
        Obtained(figure=figure, obtained=_text(resolved(figure.place, saved)))
        for figure in case.figures
    )
    return Outcome(case=case, figures=figures)


def _take(stage: Stage, step: Mapping[str, Any], saved: dict[str, Any]) -> None:
    kind = next(name for name in _TAKERS if name in step)
    given = {name: resolved(value, saved) for name, value in step.items()}
    try:
        answer = _TAKERS[kind](stage, given)
    except NotSupplied as refused:
        raise _Stopped(f"{kind}: {refused}") from refused
    wanted = given.get("refused")
    if answer is None:
        return
    if wanted is not None:
        code = answer.document.get("code") if isinstance(answer.document, dict) else None
        if answer.status < 400 or code != wanted:
            raise _Stopped(f"{kind}: expected the refusal {wanted}, got {answer.status} {code}")
    elif answer.status >= 400:
        raise _Stopped(f"{kind}: {answer.status} {_text(answer.document)[:400]}")
    if "save" in given:
        saved[given["save"]] = answer.document


def _at(stage: Stage, given: Mapping[str, Any]) -> None:
    stage.now = datetime.fromisoformat(given["at"])
    assert stage.now.tzinfo is not None, "a moment has its offset: 2025-05-23T09:00:00+08:00"


def _organisation(stage: Stage, given: Mapping[str, Any]) -> Answer:
    return Answer(200, stage.organisation(given["organisation"], given))


def _person(stage: Stage, given: Mapping[str, Any]) -> Answer:
    return Answer(200, stage.person(given["person"], given))


def _citizen(stage: Stage, given: Mapping[str, Any]) -> Answer:
    return Answer(200, stage.citizen(given["citizen"], given["reference"]))


def _open(stage: Stage, given: Mapping[str, Any]) -> Answer:
    document = {
        "kind": given["open"],
        "region": given["region"],
        "title": given["title"],
        "parent": given.get("parent", ""),
        "data": given.get("data", {}),
        "organisation": stage.organisations.get(given.get("for", "")),
    }
    return stage.ask(given["as"], "POST", "/api/v1/matters", document)


def _step(stage: Stage, given: Mapping[str, Any]) -> Answer:
    document = {"verb": given["step"], "data": given.get("data", {}), "note": given.get("note", "")}
    return stage.ask(given["as"], "POST", f"/api/v1/matters/{given['matter']}/steps", document)


def _paper(stage: Stage, given: Mapping[str, Any]) -> Answer:
    content = given.get("content", f"{given['paper']} / {given['matter']}").encode()
    return stage.paper(given["as"], given["matter"], given["paper"], content)


def _deliver(stage: Stage, given: Mapping[str, Any]) -> Answer:
    rows = given["rows"]
    mark = f"{stage.case}-{given['deliver']}".lower()
    content = csv_of(rows, mark=f"{mark}-{stage.turn}" if given.get("new_people") else mark)
    return stage.deliver(given["deliver"], f"{mark}.csv", content)


def _get(stage: Stage, given: Mapping[str, Any]) -> Answer:
    return stage.ask(given.get("as", ""), "GET", given["get"])


def _post(stage: Stage, given: Mapping[str, Any]) -> Answer:
    data = given.get("data", {})
    numbers = {name: int(data[name]) for name in given.get("numbers", ())}
    return stage.ask(given.get("as", ""), "POST", given["post"], data | numbers)


_TAKERS: Mapping[str, Callable[[Stage, Mapping[str, Any]], Answer | None]] = {
    "at": _at,
    "organisation": _organisation,
    "person": _person,
    "open": _open,
    "step": _step,
    "paper": _paper,
    "citizen": _citizen,
    "supply": supply,
    "deliver": _deliver,
    "get": _get,
    "post": _post,
}


def resolved(value: Any, saved: Mapping[str, Any]) -> Any:
    """The value with what earlier steps answered in place of `$name.path`, also inside texts."""
    if isinstance(value, dict):
        return {key: resolved(one, saved) for key, one in value.items()}
    if isinstance(value, list):
        return [resolved(one, saved) for one in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    if value.startswith("$") and "{" not in value:
        return _found(value[1:], saved)
    return re.sub(r"\$\{([^}]+)\}", lambda hit: _text(_found(hit[1], saved)), value)


def _found(path: str, saved: Mapping[str, Any]) -> Any:
    here: Any = saved
    for name, place in _PART.findall(path):
        try:
            here = here[int(place)] if place else here[name]
        except (KeyError, IndexError, TypeError):
            return f"(no {path})"
    return here


def same(expected: str, obtained: str) -> bool:
    """
    >>> same("4544.76", "4544.760"), same("3", "2.62"), same("held", "held")
    (True, False, True)
    """
    try:
        return Decimal(expected) == Decimal(obtained)
    except InvalidOperation:
        return expected == obtained


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
