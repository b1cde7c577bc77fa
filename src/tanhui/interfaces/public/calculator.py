"""What the calculator of a methodology's page works with: cells, trees and bounds, all exact.

The browser gets whole numbers only: a fraction is [numerator, denominator] as text, so BigInt
reads it as it is. `written` is an equation as a line with each symbol in braces. `quantify.js`
holds the integer form; the trees show each step, computed once more over fractions, and the page
says so if the two should ever differ.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tanhui.engine.cells import Cell
from tanhui.engine.expression import (
    Binary,
    Choose,
    Compare,
    Expression,
    Extreme,
    Logic,
    Name,
    Negative,
    Not,
    Number,
    Stepped,
)
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.methodology import Methodology
from tanhui.engine.rendering import number_text, render, steps_text
from tanhui.engine.steps import Known, StepTable
from tanhui.engine.units import UNIT_NAMES, named_unit

from .signs import plain

Json = dict[str, Any]


def calculator(methodology: Methodology) -> Json:
    """The document of `calculator.json`."""
    form = compile_form(methodology)
    return {
        "code": methodology.code,
        "version": methodology.version,
        "digest": methodology.digest,
        "first_day": methodology.first_day,
        "end_day": methodology.end_day,
        "fields": [
            {
                "symbol": field.name,
                "unit": field.unit.text,
                "step": _pair(field.step),
                "base": _pair(field.base_per_count),
                "min": str(field.min_count),
                "max": str(field.max_count),
            }
            for field in methodology.fields
        ],
        "parameters": {name: each.unit.text for name, each in methodology.parameters.items()},
        "units": {name: _pair(named_unit(name)[0]) for name in UNIT_NAMES},
        "clauses": [tree_of(clause.expression) for clause in methodology.clauses],
        "equations": [
            {
                "symbol": name,
                "tree": tree_of(equation.expression),
                "written": plain(render(equation.expression, "{{{}}}".format)),
                "unit": equation.unit.text,
                "factor": _pair(equation.unit.factor),
            }
            for name, equation in methodology.equations.items()
        ],
        "result": methodology.result_of,
        "round": methodology.round,
        "regions": list(form.index.regions),
        "classes": list(form.index.classes),
        "cells": [_cell(methodology, cell) for cell in form.cells],
    }


def tree_of(tree: Expression) -> list[Any]:
    """An expression as nested lists: ["*", ["name", "distance"], ["number", "1", "2"]].

    Raises `TypeError` for a form that only projects have.
    """
    match tree:
        case Number(value=value):
            return ["number", *_pair(value)]
        case Name(name=name):
            return ["name", name]
        case Negative(of=of):
            return ["negative", tree_of(of)]
        case Not(of=of):
            return ["not", tree_of(of)]
        case Binary(op=op, left=left, right=right):
            return [op, tree_of(left), tree_of(right)]
        case Extreme(op=op, of=several) | Logic(op=op, of=several):
            return [op, *map(tree_of, several)]
        case Compare(first=first, rest=rest):
            return ["compare", tree_of(first), *([op, tree_of(part)] for op, part in rest)]
        case Stepped(table=table, of=of):
            return ["table", table, tree_of(of)]
        case Choose(condition=condition, then=then, other=other):
            return ["if", tree_of(condition), tree_of(then), tree_of(other)]
        case _:
            raise TypeError(f"no form of behaviour: {tree}")


def _cell(methodology: Methodology, cell: Cell) -> list[Any]:
    """Place, class, days, and what holds there: numbers of law in base units, with their text."""
    values = {}
    for name, entry in cell.values.items():
        content = entry.content
        assert content is not None, "a cell holds known values only"
        values[name] = _content(methodology.parameters[name].in_base(content))
        values[name]["shown"] = (
            steps_text(content) if isinstance(content, StepTable) else number_text(content)
        )
    return [cell.region, cell.class_, cell.first_day, cell.end_day, values]


def _content(content: Known) -> Json:
    if isinstance(content, StepTable):
        steps = zip(content.starts, content.values, strict=True)
        return {
            "below": _pair(content.below),
            "steps": [[_pair(start), _pair(value)] for start, value in steps],
        }
    return {"value": _pair(content)}


def _pair(value: Fraction) -> list[str]:
    return [str(value.numerator), str(value.denominator)]
