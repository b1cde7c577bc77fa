"""Why a record gives what it gives: formula, numbers of law with source, and every step."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tanhui.core.period import day_of

from .methodology import Methodology, ParameterValue
from .record import Record
from .reference import Outcome, evaluate
from .rendering import number_text, render
from .section import Text
from .units import UNIT_NAMES

ROUNDING_TEXT = {
    "half_away": Text(
        "四舍五入到整毫克（恰好一半时远离零）", "to the nearest milligram, halves away from zero"
    ),
    "down": Text("舍去不足一毫克的部分", "down to whole milligrams"),
}


def explain(methodology: Methodology, record: Record) -> dict[str, Any]:
    """The explanation of one record, ready for JSON: every number is exact text, `mg` an int.

    `code` is that of `reference.evaluate`; raises `InputRefused` as it does.
    """
    outcome = evaluate(methodology, record)
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
    }
    if entry is not None:
        found |= {
            "value": None if entry.value is None else number_text(entry.value),
            "region": entry.region,
            "class": entry.class_ or None,
            "valid_from": day_of(entry.first_day).isoformat(),
            "valid_to": None if entry.end_day is None else day_of(entry.end_day).isoformat(),
            "source": entry.source,
            "source_url": entry.source_url,
            "evidence": entry.evidence,
            "note_zh": None if entry.note is None else entry.note.zh,
            "note_en": None if entry.note is None else entry.note.en,
        }
    return found


def _shown(methodology: Methodology, record: Record, outcome: Outcome) -> Callable[[str], str]:
    """How a name reads once the values of this record are put in."""
    texts = {name: name for name in UNIT_NAMES}
    for field in methodology.fields:
        texts[field.name] = _with_unit(record.quantities[field.name], field.unit.text)
    for name, entry in outcome.trace.parameters.items():
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
