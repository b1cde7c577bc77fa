"""A project methodology as its page and the API show it: a behaviour's document, as far as it goes.

As in `engine.description`: numbers are exact text, and what is unknown is there and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from ..description import bilingual, describe_parameter, iso_day, summary
from ..rendering import number_text
from .cases import Case
from .nouns import Input, Limit, Lookup, ProjectEquation, ProjectMethodology, Question
from .tables import Row

Json = dict[str, Any]


def page_document(
    project: ProjectMethodology,
    cases: Sequence[Case] = (),
    versions: Iterable[ProjectMethodology] = (),
) -> Json:
    """Everything a reader may ask of a project methodology."""
    status = project.status
    return summary(project) | {
        "shape": project.shape,
        "digest": project.digest,
        "file": project.file,
        "overlay": project.overlay,
        "status": {
            "equations": status.equations,
            "note_zh": status.note.zh,
            "note_en": status.note.en,
            "source": status.source,
            "source_url": status.source_url,
        },
        **bilingual("disabled", project.disabled),
        "skeleton": [
            {"part": part, "zh": text.zh, "en": text.en} for part, text in project.skeleton.items()
        ],
        **_rules(project),
        "cases": [
            {
                "name_zh": case.name.zh,
                "name_en": case.name.en,
                "outcome": case.outcome,
                "values": dict(case.values),
                "totals": dict(case.totals),
                **bilingual("disputed", case.disputed),
            }
            for case in cases
        ],
        "versions": [_version(each) for each in versions],
    }


def _rules(project: ProjectMethodology) -> Json:
    """Everything the result is made with."""
    return {
        "sets": [
            {
                "symbol": each.name,
                "name_zh": each.title.zh,
                "name_en": each.title.en,
                "of": each.kind,
                "members": None if each.members is None else list(each.members),
            }
            for each in project.sets.values()
        ],
        "inputs": [_input(each) for each in project.inputs.values()],
        "parameters": [describe_parameter(each) for each in project.parameters.values()],
        "lookups": [_lookup(each) for each in project.lookups.values()],
        "formula": [_equation(each) for each in project.equations.values()],
        "results": dict(project.results),
        "outputs": list(project.outputs),
        "rounding": {
            "vintage": project.vintage_round,
            "issuance": "whole_tonnes_down" if project.whole_tonnes else "milligrams",
        },
        "limits": [_limit(each) for each in project.limits],
        "applicability": [_question(each) for each in project.applicability],
        "alternatives": [
            {"id": each.id, "title_zh": each.title.zh, "title_en": each.title.en}
            for each in project.alternatives
        ],
    }


def _version(each: ProjectMethodology) -> Json:
    return {
        "code": each.code,
        "version": each.version,
        "valid_from": iso_day(each.first_day),
        "valid_to": iso_day(each.end_day),
        "digest": each.digest,
        "equations": each.status.equations,
        "enabled": each.enabled,
    }


def _input(each: Input) -> Json:
    return {
        "symbol": each.name,
        "name_zh": each.title.zh,
        "name_en": each.title.en,
        "unit": None if each.unit is None else each.unit.text,
        "over": list(each.over),
        "choices": list(each.choices),
        "min": None if each.minimum is None else number_text(each.minimum),
        "max": None if each.maximum is None else number_text(each.maximum),
        "fixed": each.fixed,
        "survey_gap_max_years": each.gap_max,
        "needs_evidence": each.needs_evidence,
        **bilingual("missing", None if each.missing is None else each.missing.note),
    }


def _equation(each: ProjectEquation) -> Json:
    return {
        "symbol": each.name,
        "name_zh": each.title.zh,
        "name_en": each.title.en,
        "over": [{"variable": variable, "set": set_} for variable, set_ in each.over],
        "expression": each.source,
        "unit": each.unit.text,
    }


def _lookup(each: Lookup) -> Json:
    """The column as it is used: the rows that its fixed keys leave."""
    table = each.table
    fixed = {table.keys.index(key): word for key, word in each.where.items()}
    rows = [
        row
        for row in table.rows
        if all(row.keys[place] in (word, "*") for place, word in fixed.items())
    ]
    return {
        "symbol": each.name,
        "table": table.id,
        "title_zh": table.title.zh,
        "title_en": table.title.en,
        "unit": each.unit.text,
        "where": dict(each.where),
        "keys": list(table.keys),
        "rows": [_row(row, each.column) for row in rows],
    }


def _row(row: Row, column: str) -> Json:
    value = row.values.get(column)
    return {
        "keys": list(row.keys),
        "up_to": None if row.up_to is None else number_text(row.up_to),
        "valid_from": iso_day(row.first_day),
        "valid_to": iso_day(row.end_day),
        "value": number_text(value) if isinstance(value, Fraction) else value,
        "source": row.source,
        "source_url": row.source_url,
        "evidence": row.evidence,
    }


def _limit(each: Limit) -> Json:
    return {
        "title_zh": each.title.zh,
        "title_en": each.title.en,
        "condition": each.source,
        "fails": each.fails,
        "source": each.reference,
        "evidence": each.evidence,
    }


def _question(each: Question) -> Json:
    return {
        "id": each.id,
        "question_zh": each.text.zh,
        "question_en": each.text.en,
        "wants": each.wants,
        "needs_evidence": each.needs_evidence,
        "source": each.reference,
    }
