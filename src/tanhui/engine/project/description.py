"""A project methodology as one document, ready for JSON: what a page or `show` tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tanhui.core.period import day_of

from ..description import summary
from ..methodology import ParameterValue
from . import about
from .arithmetic import decimal_of, plain
from .cases import Case
from .nouns import Lookup, ProjectMethodology


def describe_project(law: ProjectMethodology, cases: Sequence[Case] = ()) -> dict[str, Any]:
    """Formulas, inputs, numbers of law with source and evidence, limits, questions and cases."""
    return summary(law) | {
        "about": about.methodology(law),
        "digest": law.digest,
        "file": law.file,
        "creditable": law.creditable,
        "notes": {key: {"zh": text.zh, "en": text.en} for key, text in law.skeleton.items()},
        "sets": [
            {"name": name, "zh": each.title.zh, "en": each.title.en, "of": each.kind}
            for name, each in law.sets.items()
        ],
        "inputs": [
            {
                "symbol": name,
                "name_zh": each.title.zh,
                "name_en": each.title.en,
                "unit": None if each.unit is None else each.unit.text,
                "over": list(each.over),
                "fixed": each.fixed,
                "frequency_zh": None if each.frequency is None else each.frequency.zh,
                "frequency_en": None if each.frequency is None else each.frequency.en,
                "meter_zh": None if each.meter is None else each.meter.zh,
                "meter_en": None if each.meter is None else each.meter.en,
            }
            for name, each in law.inputs.items()
        ],
        "parameters": [
            {
                "symbol": name,
                "name_zh": each.title.zh,
                "name_en": each.title.en,
                "unit": each.unit.text,
                "table": each.factor,
                "values": [_value(entry) for entry in each.values],
            }
            for name, each in law.parameters.items()
        ],
        "lookups": [_lookup(each) for each in law.lookups.values()],
        "equations": [
            {
                "symbol": name,
                "name_zh": each.title.zh,
                "name_en": each.title.en,
                "over": [list(pair) for pair in each.over],
                "expression": each.source,
                "unit": each.unit.text,
            }
            for name, each in law.equations.items()
        ],
        "results": dict(law.results),
        "outputs": list(law.outputs),
        "limits": [
            {"zh": each.title.zh, "en": each.title.en, "that": each.source, "fails": each.fails}
            for each in law.limits
        ],
        "questions": [
            {"id": each.id, "zh": each.text.zh, "en": each.text.en, "wants": each.wants}
            for each in law.applicability
        ],
        "cases": [{"zh": each.name.zh, "en": each.name.en} for each in cases],
    }


def _value(entry: ParameterValue) -> dict[str, Any]:
    return {
        "region": entry.region,
        "from": day_of(entry.first_day).isoformat(),
        "to": None if entry.end_day is None else day_of(entry.end_day).isoformat(),
        "value": None if entry.value is None else plain(decimal_of(entry.value)),
        "evidence": entry.evidence,
        "source": entry.source,
        "source_url": entry.source_url,
        "filled_by": None if entry.filled is None else entry.filled.by,
    }


def _lookup(lookup: Lookup) -> dict[str, Any]:
    table = lookup.table
    evidence: dict[str, int] = {}
    for row in table.rows:
        evidence[row.evidence] = evidence.get(row.evidence, 0) + 1
    return {
        "symbol": lookup.name,
        "table": table.id,
        "title_zh": table.title.zh,
        "title_en": table.title.en,
        "version": table.version,
        "column": lookup.column,
        "unit": lookup.unit.text,
        "keys": list(lookup.keys),
        "calibre": dict(lookup.where),
        "rows_by_evidence": evidence,
    }
