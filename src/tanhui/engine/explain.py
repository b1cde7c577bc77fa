"""Why a record gives what it gives: formula, numbers of law with source, and every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from tanhui.core.period import day_of

from .expression import Expression, Stepped, parts
from .methodology import Methodology, ParameterValue
from .record import Record
from .reference import Outcome, evaluate, quantity_of
from .rendering import number_text, render, steps_text
from .section import Text
from .steps import StepTable
from .terms import History
from .units import UNIT_NAMES

ROUNDING_TEXT = {
    "half_away": Text(
        "四舍五入到整毫克（恰好一半时远离零）", "to the nearest milligram, halves away from zero"
    ),
    "down": Text("舍去不足一毫克的部分", "down to whole milligrams"),
}


def explain(methodology: Methodology, record: Record, *, cell: int | None = None) -> dict[str, Any]:
    """The explanation of one record, ready for JSON: every number is exact text, `mg` an int.

    `code` is that of `reference.evaluate`, `cell` as there; raises `InputRefused` as it does.
    """
    outcome = evaluate(methodology, record, cell=cell)
    return {
        "methodology": _about(methodology),
        "formula": [
            {"symbol": name, "expression": equation.source}
            for name, equation in methodology.equations.items()
        ],
        "inputs": [
            {
                "symbol": field.name,
                "name_zh": field.title.zh,
                "name_en": field.title.en,
                "value": number_text(record.quantities[field.name]),
                "unit": field.unit.text,
            }
            for field in methodology.fields
        ],
        "parameters": [
            _parameter(methodology, name, entry) for name, entry in outcome.trace.parameters.items()
        ],
        "tables": _tables(methodology, outcome),
        "history": [_history(each, record) for each in methodology.history],
        "group": None if methodology.group is None else methodology.group.members,
        "applies": _clauses(methodology, record, outcome),
        "steps": _steps(methodology, record, outcome),
        "rounding": {
            "exact": None if outcome.exact is None else number_text(outcome.exact),
            "unit": "mgCO2e",
            "mode": methodology.round,
            "mode_zh": ROUNDING_TEXT[methodology.round].zh,
            "mode_en": ROUNDING_TEXT[methodology.round].en,
            "mg": outcome.mg,
        },
        "cell": outcome.cell,
        "clause": outcome.clause,
        "mg": outcome.mg,
        "code": outcome.code,
    }


def _about(methodology: Methodology) -> dict[str, Any]:
    status = methodology.status
    return {
        "code": methodology.code,
        "version": methodology.version,
        "digest": methodology.digest,
        "title_zh": methodology.title.zh,
        "title_en": methodology.title.en,
        "evidence": status.equations,
        "inclusion_only": methodology.inclusion_only,
        "note_zh": status.note.zh,
        "note_en": status.note.en,
        "source": status.source,
        "source_url": status.source_url,
        "enabled": methodology.enabled,
        "disabled_zh": None if methodology.disabled is None else methodology.disabled.zh,
        "disabled_en": None if methodology.disabled is None else methodology.disabled.en,
    }


def _parameter(methodology: Methodology, name: str, entry: ParameterValue | None) -> dict[str, Any]:
    parameter = methodology.parameters[name]
    found: dict[str, Any] = {
        "symbol": name,
        "name_zh": parameter.title.zh,
        "name_en": parameter.title.en,
        "value": None,
        "unit": parameter.unit.text,
        "factor": parameter.factor,
        "region": None,
        "class": None,
        "valid_from": None,
        "valid_to": None,
        "source": None,
        "source_url": None,
        "evidence": "unknown",
        "note_zh": None,
        "note_en": None,
        "filled_by": None,
        "filled_on": None,
        "overlay": None,
    }
    if entry is not None:
        found |= {
            "value": _content_text(entry),
            "region": entry.region,
            "class": entry.class_ or None,
            "valid_from": day_of(entry.first_day).isoformat(),
            "valid_to": None if entry.end_day is None else day_of(entry.end_day).isoformat(),
            "source": entry.source,
            "source_url": entry.source_url,
            "evidence": entry.evidence,
            "note_zh": None if entry.note is None else entry.note.zh,
            "note_en": None if entry.note is None else entry.note.en,
        } | filled_row(entry)
    return found


def filled_row(entry: ParameterValue) -> dict[str, Any]:
    """Who filled the value in, when and in which overlay; nulls where the methodology has it."""
    filled = entry.filled
    return {
        "filled_by": None if filled is None else filled.by,
        "filled_on": None if filled is None else day_of(filled.day).isoformat(),
        "overlay": None if filled is None else filled.file,
    }


def _content_text(entry: ParameterValue) -> str | None:
    """The number, or a line of all steps; None where it is unknown."""
    if entry.steps is not None:
        return steps_text(entry.steps)
    return None if entry.value is None else number_text(entry.value)


def _history(history: History, record: Record) -> dict[str, Any]:
    """Which earlier periods a baseline of own history looked at, how many it found and needs."""
    return {
        "symbol": history.name,
        "of": history.of,
        "window": history.window.kind,
        "window_length": history.window.count,
        "at_least": history.at_least,
        "found": number_text(record.quantities[history.count_field]),
        "sum": history.sum_field,
        "count": history.count_field,
    }


def _tables(methodology: Methodology, outcome: Outcome) -> list[dict[str, Any]]:
    """For each step table called: the quantity, the step it fell on and the bounds of that step.

    `from` belongs to the step, `below` no longer; None is without bound. All exact text.
    """
    known = outcome.trace.known
    found: dict[Stepped, dict[str, Any]] = {}
    trees = [equation.expression for equation in methodology.equations.values()]
    trees += [clause.expression for clause in methodology.clauses]
    for call in [call for tree in trees for call in _calls(tree)] if known else []:
        table, parameter = known[call.table], methodology.parameters[call.table]
        assert isinstance(table, StepTable)
        assert parameter.argument is not None
        quantity = quantity_of(call.of, known.__getitem__)
        at, by = table.step_of(quantity), parameter.argument
        starts = [number_text(start / by.factor) for start in table.starts]
        found[call] = {
            "symbol": call.table,
            "argument": render(call.of),
            "quantity": number_text(quantity / by.factor),
            "quantity_unit": by.text,
            "step": at + 1,
            "from": starts[at] if at >= 0 else None,
            "below": starts[at + 1] if at + 1 < len(starts) else None,
            "value": number_text(table.value_of(quantity) / parameter.unit.factor),
            "unit": parameter.unit.text,
        }
    return list(found.values())


def _calls(expression: Expression) -> Iterator[Stepped]:
    if isinstance(expression, Stepped):
        yield expression
    for part in parts(expression):
        yield from _calls(part)


def _shown(methodology: Methodology, record: Record, outcome: Outcome) -> Callable[[str], str]:
    """How a name reads once the values of this record are put in."""
    texts = {name: name for name in UNIT_NAMES}
    for field in methodology.fields:
        texts[field.name] = _with_unit(record.quantities[field.name], field.unit.text)
    for name, entry in outcome.trace.parameters.items():
        texts[name] = name
        if entry is not None and entry.value is not None:
            texts[name] = _with_unit(entry.value, methodology.parameters[name].unit.text)
    for name, value in outcome.trace.equations.items():
        unit = methodology.equations[name].unit
        texts[name] = _with_unit(value / unit.factor, unit.text)
    return texts.__getitem__


def _with_unit(value: Fraction, unit: str) -> str:
    text = number_text(value)
    return text if unit == "1" else f"{text} {unit}"


def _clauses(methodology: Methodology, record: Record, outcome: Outcome) -> list[dict[str, Any]]:
    if not outcome.trace.clauses:
        return []
    shown = _shown(methodology, record, outcome)
    return [
        {
            "clause": clause.source,
            "holds": holds,
            "substituted": render(clause.expression, shown),
        }
        for clause, holds in zip(methodology.clauses, outcome.trace.clauses, strict=True)
    ]


def _steps(methodology: Methodology, record: Record, outcome: Outcome) -> list[dict[str, Any]]:
    shown = _shown(methodology, record, outcome)
    steps = []
    for name, value in outcome.trace.equations.items():
        equation = methodology.equations[name]
        steps.append(
            {
                "symbol": name,
                "expression": equation.source,
                "substituted": render(equation.expression, shown),
                "value": number_text(value / equation.unit.factor),
                "unit": equation.unit.text,
            }
        )
    return steps
