"""A methodology as one document, ready for JSON: what a page, the API and `explain` show of it.

Every number is exact text; what is unknown is there as null with evidence `unknown`,
never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tanhui.core.period import day_of

from .explain import ROUNDING_TEXT, filled_row
from .integer import compile as compile_form
from .life import STATE_NAMES, Life
from .methodology import (
    CODE_FIRST_CLAUSE,
    CODE_HISTORY_SHORT,
    CODE_NEGATIVE,
    CODE_NO_PARAMETER,
    CODE_QUANTIFIED,
    Example,
    Field,
    Methodology,
    Parameter,
    ParameterValue,
)
from .project.nouns import ProjectMethodology
from .rendering import number_text
from .section import Text
from .steps import StepTable
from .terms import RECIPIENTS, Cap, History


def summary(methodology: Methodology | ProjectMethodology) -> dict[str, Any]:
    """One row of a list: names, place, time, status, and how many of its values cannot be used."""
    values = [entry for each in methodology.parameters.values() for entry in each.values]
    return {
        "code": methodology.code,
        "version": methodology.version,
        "kind": methodology.kind,
        "scene": methodology.scene,
        "title_zh": methodology.title.zh,
        "title_en": methodology.title.en,
        "regions": list(methodology.regions),
        "valid_from": iso_day(methodology.first_day),
        "valid_to": iso_day(methodology.end_day),
        "equations": methodology.status.equations,
        "enabled": methodology.enabled,
        "life": life_rows(methodology.life),
        "values": len(values),
        "values_unknown": sum(not entry.usable for entry in values),
    }


def life_rows(life: Life | None) -> list[dict[str, Any]]:
    """The steps of a life, first to last; none when the file tells none."""
    return [
        {
            "state": step.state,
            "state_zh": STATE_NAMES[step.state].zh,
            "state_en": STATE_NAMES[step.state].en,
            "on": iso_day(step.day),
            "since": iso_day(step.since_day),
            "by": step.by,
            "source": step.source,
            "source_url": step.source_url,
            "note_zh": None if step.note is None else step.note.zh,
            "note_en": None if step.note is None else step.note.en,
        }
        for step in (() if life is None else life.steps)
    ]


def describe(
    methodology: Methodology,
    cases: Sequence[Example] = (),
    versions: Iterable[Methodology] = (),
) -> dict[str, Any]:
    """Everything a reader may ask of a methodology; `versions` are all files of its code."""
    status = methodology.status
    return summary(methodology) | {
        "digest": methodology.digest,
        "file": methodology.file,
        "zone_minutes": methodology.offset_min,
        "status": {
            "equations": status.equations,
            "note_zh": status.note.zh,
            "note_en": status.note.en,
            "source": status.source,
            "source_url": status.source_url,
        },
        "disabled_zh": None if methodology.disabled is None else methodology.disabled.zh,
        "disabled_en": None if methodology.disabled is None else methodology.disabled.en,
        "skeleton": [
            {"part": part, "zh": text.zh, "en": text.en}
            for part, text in methodology.skeleton.items()
        ],
        "fields": [_field(field) for field in methodology.fields],
        "parameters": [describe_parameter(each) for each in methodology.parameters.values()],
        "applies": [clause.source for clause in methodology.clauses],
        "formula": [
            {"symbol": name, "expression": equation.source, "unit": equation.unit.text}
            for name, equation in methodology.equations.items()
        ],
        "result": _result(methodology),
        **_terms(methodology),
        "cases": [_case(methodology, case) for case in (*methodology.examples, *cases)],
        "versions": [_version(each) for each in versions],
        "limits": _limits(methodology),
    }


def answer_text(methodology: Methodology, code: int) -> str:
    """What a result code means: `quantified`, `no_parameter`, `negative`, `history.too_short`,
    or the clause that does not hold.

    The codes are those of `reference.evaluate`.
    """
    if code == CODE_QUANTIFIED:
        return "quantified"
    if code == CODE_NO_PARAMETER:
        return "no_parameter"
    if code == CODE_NEGATIVE:
        return "negative"
    if code == CODE_HISTORY_SHORT:
        return "history.too_short"
    return methodology.clauses[code - CODE_FIRST_CLAUSE].source


def _field(field: Field) -> dict[str, Any]:
    return {
        "symbol": field.name,
        "name_zh": field.title.zh,
        "name_en": field.title.en,
        "column": None if field.derived else field.column,
        "unit": field.unit.text,
        "step": number_text(field.step),
        "min": number_text(field.min_count * field.step),
        "max": number_text(field.max_count * field.step),
    }


def describe_parameter(parameter: Parameter) -> dict[str, Any]:
    """A number of law with all its values."""
    return {
        "symbol": parameter.name,
        "name_zh": parameter.title.zh,
        "name_en": parameter.title.en,
        "unit": parameter.unit.text,
        "of": None if parameter.argument is None else parameter.argument.text,
        "factor": parameter.factor,
        "values": [_value(entry) for entry in parameter.values],
    }


def _value(entry: ParameterValue) -> dict[str, Any]:
    return {
        "region": entry.region,
        "class": entry.class_ or None,
        "valid_from": iso_day(entry.first_day),
        "valid_to": iso_day(entry.end_day),
        "value": None if entry.value is None else number_text(entry.value),
        "steps": None if entry.steps is None else _steps(entry.steps),
        "source": entry.source,
        "source_url": entry.source_url,
        "evidence": entry.evidence,
        "usable": entry.usable,
        **bilingual("note", entry.note),
        **filled_row(entry),
    }


def _steps(table: StepTable) -> dict[str, Any]:
    """What holds below the first step, and each step from its own start on."""
    return {
        "below": number_text(table.below),
        "steps": [
            {"from": number_text(start), "value": number_text(value)}
            for start, value in zip(table.starts, table.values, strict=True)
        ],
    }


def _terms(methodology: Methodology) -> dict[str, Any]:
    """What is asked beyond the equations: see `terms`. Shares are exact percentages as text."""
    claim, group, reward = methodology.claim, methodology.group, methodology.reward
    return {
        "caps": [_cap(cap) for cap in methodology.caps],
        "history": [_history(each) for each in methodology.history],
        "exclusive_with": [
            {"scenes": list(each.scenes), "per": each.per} for each in methodology.exclusive_with
        ],
        "claim": None
        if claim is None
        else {"after_days": claim.after_days, "within_days": claim.within_days},
        "allocation": {
            who: number_text(share * 100)
            for who, share in zip(RECIPIENTS, methodology.allocation.shares, strict=True)
        },
        "group": None if group is None else group.members,
        "reward": None if reward is None else {"of": reward.of, "unit": reward.unit.text},
        "overlap": methodology.overlap,
    }


def _cap(cap: Cap) -> dict[str, Any]:
    return {
        "per": cap.per,
        "scenes": list(cap.scenes),
        "max_mg": cap.max_mg,
        "max_events": cap.max_events,
        "source": cap.source,
        "evidence": cap.evidence,
        **bilingual("note", cap.note),
    }


def _history(history: History) -> dict[str, Any]:
    return {
        "symbol": history.name,
        "of": history.of,
        "window": {history.window.kind: history.window.count},
        "at_least": history.at_least,
        "sum": history.sum_field,
        "count": history.count_field,
    }


def _result(methodology: Methodology) -> dict[str, Any]:
    words = ROUNDING_TEXT[methodology.round]
    return {
        "of": methodology.result_of,
        "unit": "mgCO2e",
        "mode": methodology.round,
        "mode_zh": words.zh,
        "mode_en": words.en,
    }


def _case(methodology: Methodology, case: Example) -> dict[str, Any]:
    given = case.given
    return {
        "region": given.region,
        "on": iso_day(given.day),
        "class": given.class_ or None,
        "given": {name: number_text(value) for name, value in given.quantities.items()},
        "mg": case.mg if case.code == CODE_QUANTIFIED else None,
        "answer": answer_text(methodology, case.code),
        "note": case.note,
        "illustration": {name: number_text(value) for name, value in case.illustration.items()},
        "reference": case.reference,
    }


def _version(methodology: Methodology) -> dict[str, Any]:
    return {
        "code": methodology.code,
        "version": methodology.version,
        "valid_from": iso_day(methodology.first_day),
        "valid_to": iso_day(methodology.end_day),
        "digest": methodology.digest,
        "equations": methodology.status.equations,
        "enabled": methodology.enabled,
    }


def _limits(methodology: Methodology) -> dict[str, Any]:
    """What was proven of the arithmetic, and where and for whom parameters are known at all."""
    form = compile_form(methodology)
    return {
        "bits": form.bits,
        "cells": len(form.cells),
        "classes": [class_ for class_ in form.index.classes if class_],
        "places": sorted({cell.region for cell in form.cells}),
    }


def bilingual(key: str, text: Text | None) -> dict[str, str | None]:
    """`key_zh` and `key_en`; null without a text."""
    return {
        f"{key}_zh": None if text is None else text.zh,
        f"{key}_en": None if text is None else text.en,
    }


def iso_day(number: int | None) -> str | None:
    """A day number as ISO text."""
    return None if number is None else day_of(number).isoformat()
