"""Worked cases with values of their own: the arithmetic is shown, nothing is credited with it.

Where law is not yet known, a case may bring numbers to work with (`illustration: {parameters}`).
The same engine calculates, on a methodology that differs from the real one in identity too, so
that no result made with such numbers can ever be taken for one of the real methodology.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction

from tanhui.core.region import Region

from .expression import names
from .methodology import Example, Methodology, Parameter, ParameterValue
from .record import Record, counts_of
from .reference import is_history_short, quantity_of
from .steps import Known

ILLUSTRATION = "illustration"


def illustrated(methodology: Methodology, example: Example) -> Methodology:
    """The methodology as the example works it: itself, or one with the example's own values.

    Raises `KeyError` for a parameter the methodology does not have.
    """
    if not example.illustration:
        return methodology
    parameters = dict(methodology.parameters)
    for name, value in example.illustration.items():
        parameters[name] = _with_value(parameters[name], value, methodology, example.given)
    told = [f"{name}={value}" for name, value in sorted(example.illustration.items())]
    told += [methodology.digest, example.given.region]
    return replace(
        methodology,
        digest=hashlib.sha256("\n".join([ILLUSTRATION, *told]).encode()).hexdigest(),
        parameters=parameters,
    )


def _with_value(
    parameter: Parameter, value: Fraction, methodology: Methodology, given: Record
) -> Parameter:
    entry = ParameterValue(
        region=given.region,
        class_="",
        first_day=methodology.first_day,
        end_day=methodology.end_day,
        value=value,
        source=ILLUSTRATION,
        source_url=None,
        evidence="template",
        note=None,
    )
    return replace(parameter, values=(entry,), factor=None)


def steps_of(methodology: Methodology, record: Record) -> dict[str, Fraction]:
    """Every equation that can be worked out with what is known, in base units.

    An equation that needs an unknown value is left out, and so is what builds on it; all are
    where the record's history is too short to divide by.
    """
    counts = counts_of(methodology, record)
    if is_history_short(methodology, counts):
        return {}
    known: dict[str, Known] = {
        field.name: count * field.base_per_count
        for field, count in zip(methodology.fields, counts, strict=True)
    }
    lineage = Region(record.region).lineage()
    for name, parameter in methodology.parameters.items():
        entry = parameter.value_for(lineage, record.class_, record.day)
        if entry is not None and entry.usable and entry.content is not None:
            known[name] = parameter.in_base(entry.content)
    missing = {*methodology.parameters, *methodology.equations} - set(known)
    found: dict[str, Fraction] = {}
    for name, equation in methodology.equations.items():
        if missing.isdisjoint(names(equation.expression)):
            found[name] = known[name] = quantity_of(equation.expression, known.__getitem__)
            missing.discard(name)
    return found
