"""Parts of a report: what the methodology is, what was given, each step with its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from ..expression import Expression, Name, parts
from ..rendering import render
from ..units import UNIT_NAMES, Unit
from .arithmetic import plain, short, times
from .evaluate import Environment, Evaluation
from .formula import Form, Indexed, Reduce, Word
from .monitoring import Monitoring
from .nouns import ProjectMethodology

SUBSTITUTED_MAX = 600


def methodology(each: ProjectMethodology) -> dict[str, Any]:
    """Which methodology, how well known, and the set of warming potentials it uses."""
    return {
        "code": each.code,
        "version": each.version,
        "digest": each.digest,
        "title_zh": each.title.zh,
        "title_en": each.title.en,
        "shape": each.shape,
        "equations": each.status.equations,
        "note_zh": each.status.note.zh,
        "note_en": each.status.note.en,
        "source": each.status.source,
        "source_url": each.status.source_url,
        "gwp": {
            lookup.name: dict(lookup.where)
            for lookup in each.lookups.values()
            if lookup.table.id.startswith("gwp-")
        },
        "rounding": {
            "vintage": each.vintage_round,
            "issuance": "whole_tonnes_down" if each.whole_tonnes else "milligrams",
        },
    }


def monitoring(each: Monitoring) -> dict[str, Any]:
    """Which monitoring file."""
    heading = each.heading
    return {
        "id": heading.id,
        "project": heading.project,
        "region": heading.region,
        "registered": None if heading.registered is None else heading.registered.isoformat(),
        "first_year": heading.first_year,
        "last_year": heading.last_year,
        "sha256": each.sha256,
        "note": each.note,
        "sets": {name: [str(member) for member in set_] for name, set_ in each.sets.items()},
        "assumed": {
            name: {"value": assumed.written, "why": assumed.why}
            for name, assumed in each.assumed.items()
        },
    }


def applicability(law: ProjectMethodology, given: Monitoring) -> list[dict[str, Any]]:
    """Each question with its answer and evidence files."""
    return [
        {
            "id": each.id,
            "question_zh": each.text.zh,
            "question_en": each.text.en,
            "answer": given.answers[each.id].yes,
            "fits": given.answers[each.id].yes == each.wants,
            "evidence": list(given.answers[each.id].evidence),
            "note": given.answers[each.id].note,
        }
        for each in law.applicability
    ]


def inputs(law: ProjectMethodology, given: Monitoring) -> list[dict[str, Any]]:
    """Each input as given, surveys and substitutions marked."""
    return [
        {
            "symbol": name,
            "name_zh": each.title.zh,
            "name_en": each.title.en,
            "unit": None if each.unit is None else each.unit.text,
            "fixed": each.fixed,
            "frequency_zh": None if each.frequency is None else each.frequency.zh,
            "frequency_en": None if each.frequency is None else each.frequency.en,
            "meter_zh": None if each.meter is None else each.meter.zh,
            "meter_en": None if each.meter is None else each.meter.en,
            "source": given.inputs[name].source,
            "evidence": list(given.inputs[name].evidence),
            "values": [
                {
                    "at": [str(member) for member in at],
                    "value": _in_unit(value, each.unit),
                    "written": given.inputs[name].written.get(at),
                    "interpolated": each.gap_max is not None
                    and at not in given.inputs[name].surveyed,
                    "substituted": given.inputs[name].substituted.get(at),
                }
                for at, value in sorted(
                    given.inputs[name].values.items(), key=lambda pair: list(map(str, pair[0]))
                )
            ],
            "missing_rule_zh": None if each.missing is None else each.missing.note.zh,
            "missing_rule_en": None if each.missing is None else each.missing.note.en,
        }
        for name, each in law.inputs.items()
    ]


def _in_unit(value: Decimal | str, unit: Unit | None) -> str:
    if unit is None or isinstance(value, str):
        return str(value)
    return plain(times(value, 1 / unit.factor))


Substitute = Callable[[ProjectMethodology, Evaluation, Expression, Environment], str]


def steps(
    law: ProjectMethodology, evaluation: Evaluation, *, put_in: Substitute
) -> list[dict[str, Any]]:
    """Each equation, each of its values, and the formula with the numbers put in."""
    found = []
    for name, equation in law.equations.items():
        values = []
        for environment in evaluation.environments(equation.over):
            at = tuple(environment.values())
            values.append(
                {
                    "at": [str(member) for member in at],
                    "value": _in_unit(evaluation.values[name][at], equation.unit),
                    "substituted": put_in(law, evaluation, equation.expression, environment),
                }
            )
        found.append(
            {
                "symbol": name,
                "name_zh": equation.title.zh,
                "name_en": equation.title.en,
                "over": [list(pair) for pair in equation.over],
                "expression": equation.source,
                "unit": equation.unit.text,
                "values": values,
            }
        )
    return found


def substituted(
    law: ProjectMethodology,
    evaluation: Evaluation,
    expression: Expression,
    environment: Environment,
) -> str:
    """The formula with each value put in; a sum shows what it came to."""
    texts: dict[str, str] = {}
    for form in _forms(expression):
        key = form.name if isinstance(form, Name) else form.written()
        texts[key] = _value_text(law, evaluation, form, environment)
    text = render(expression, lambda name: texts.get(name, name))
    return text if len(text) <= SUBSTITUTED_MAX else text[: SUBSTITUTED_MAX - 1] + "…"


def without_numbers(
    law: ProjectMethodology, evaluation: Evaluation, expression: Expression, at: Environment
) -> str:
    """Nothing: for those who only want the values."""
    return ""


def _forms(expression: Expression) -> Iterator[Name | Form]:
    """Names, indexed values and sums, the outermost only."""
    if isinstance(expression, Indexed | Reduce):
        yield expression
    elif isinstance(expression, Name):
        if expression.name not in UNIT_NAMES:
            yield expression
    elif isinstance(expression, Form):
        if not isinstance(expression, Word):
            yield expression
    else:
        for part in parts(expression):
            yield from _forms(part)


def _value_text(
    law: ProjectMethodology,
    evaluation: Evaluation,
    form: Name | Form,
    environment: Environment,
) -> str:
    name = form.name if isinstance(form, Name | Indexed) else ""
    if isinstance(form, Name) and name in environment:
        return str(environment[name])
    unit = _unit_of(law, name)
    if isinstance(form, Form) and not isinstance(form, Indexed | Reduce):
        return form.written()
    if name in law.inputs and law.inputs[name].unit is None:
        return repr(str(evaluation.member(form, environment)))
    value = evaluation.quantity(form, environment)
    if unit is None:
        return short(value)
    text = short(times(value, 1 / unit.factor))
    return text if unit.text == "1" else f"{text} {unit.text}"


def _unit_of(law: ProjectMethodology, name: str) -> Unit | None:
    for group in (law.inputs, law.parameters, law.lookups, law.equations):
        if name in group:
            unit: Unit | None = group[name].unit
            return unit
    return None


def limits(law: ProjectMethodology, evaluation: Evaluation) -> list[dict[str, Any]]:
    """Each limit, whether it holds, and where it does not."""
    found = []
    for limit in law.limits:
        failing = [
            ", ".join(map(str, environment.values()))
            for environment in evaluation.environments(limit.over)
            if not evaluation.holds(limit.source, limit.expression, environment)
        ]
        found.append(
            {
                "name_zh": limit.title.zh,
                "name_en": limit.title.en,
                "that": limit.source,
                "fails": limit.fails,
                "holds": not failing,
                "failing": [each for each in failing if each],
                "source": limit.reference,
                "evidence": limit.evidence,
            }
        )
    return found


def replaced_values(
    law: ProjectMethodology, evaluation: Evaluation, names: list[str]
) -> dict[str, list[dict[str, Any]]]:
    """The values of what an alternative replaced."""
    return {
        name: [
            {
                "at": [str(member) for member in at],
                "value": _in_unit(value, law.equations[name].unit),
                "unit": law.equations[name].unit.text,
            }
            for at, value in evaluation.values[name].items()
        ]
        for name in names
    }
