"""Methodology files for tests: one good text, and ways to spoil a part of it."""

from __future__ import annotations

import pytest

from tanhui.core.errors import LibraryBroken
from tanhui.engine.loader import load_methodology
from tanhui.engine.methodology import Methodology
from tanhui.engine.parameters import FactorTable
from tanhui.engine.problems import Problems

GOOD = """\
methodology: test-metro
version: "1.0"
title: {zh: 试, en: test}
kind: behaviour
scene: metro
regions: ["420100"]
effective: {from: 2024-01-01, to: 2030-01-01, zone: "+08:00"}
status: {equations: inferred, source: test, note: {zh: 试, en: test}}
fields:
  distance: {name: {zh: 里程, en: distance}, unit: km, step: 0.001, min: 0, max: 300}
parameters:
  rate:
    name: {zh: 系数, en: rate}
    unit: gCO2e/km
    values:
      - {region: "420100", from: 2024-01-01, value: 78.4, source: test, evidence: template}
applies: distance > 0
equations:
  reduction: distance * rate
result: {of: reduction, unit: mgCO2e, round: half_away}
duplicates: {id: [source, external_id], overlap: [person, mode], order: arrival}
allocation: {person: 100%}
examples:
  - {given: {region: "420100", at: 2024-10-01, distance: 10}, expect: {mg: 784000}}
"""

VALUE = '{region: "420100", from: 2024-01-01, value: 78.4, source: test, evidence: template}'


def spoiled(*changes: tuple[str, str]) -> str:
    """GOOD with each first text replaced by the second; the first must be there."""
    text = GOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def load(text: str, *, tables: dict[str, FactorTable] | None = None) -> Methodology:
    """The methodology in `text`; raises `LibraryBroken` with every mistake."""
    problems = Problems()
    methodology = load_methodology(
        text.encode(), file="m.yaml", tables=tables or {}, problems=problems
    )
    problems.refuse()
    assert methodology is not None
    return methodology


def mistakes(text: str) -> list[str]:
    """Every mistake of a broken text, as `file:line: what; fix`."""
    with pytest.raises(LibraryBroken) as caught:
        load(text)
    found = caught.value.values["problems"]
    assert isinstance(found, list)
    return found
