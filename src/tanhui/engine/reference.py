"""The exact reference: a record and its methodology evaluated over fractions, step by step.

It shares nothing with the integer form but the tree, so agreement of the two means something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tanhui.core.mass import round_down, round_half_away
from tanhui.core.region import Region

from .cells import NO_CELL, index_cells
from .expression import (
    Binary,
    Choose,
    Compare,
    Expression,
    Extreme,
    Further,
    Logic,
    Name,
    Negative,
    Not,
    Number,
    Stepped,
)
from .methodology import (
    CODE_FIRST_CLAUSE,
    CODE_HISTORY_SHORT,
    CODE_NEGATIVE,
    CODE_NO_PARAMETER,
    CODE_QUANTIFIED,
    Methodology,
    ParameterValue,
)
from .record import Record, counts_of
from .steps import Known, StepTable
from .units import named_unit

Value = Fraction | bool
Lookup = Callable[[str], Known]


@dataclass(frozen=True)
class Trace:
    """What was looked up and computed, in base units; equations in order of use."""

    parameters: Mapping[str, ParameterValue | None]
    clauses: tuple[bool, ...]
    equations: Mapping[str, Fraction]
    known: Mapping[str, Known] = field(default_factory=dict)
    """Every name of the methodology; empty where nothing was computed."""


@dataclass(frozen=True)
class Outcome:
    """`mg` is 0 whenever `code` is not 0; `exact` is in milligrams before rounding."""

    mg: int
    code: int
    exact: Fraction | None
    clause: str | None
    cell: int
    trace: Trace


def evaluate(methodology: Methodology, record: Record, *, cell: int | None = None) -> Outcome:
    """The result of one record. Raises `InputRefused` for quantities outside the fields' bounds.

    `cell` is what a stored record was given; -1 says that its class, which evidence does not
    keep, had no value. None looks it up.

    Codes: 0 quantified, 1 no parameter, 2 + k the k-th clause fails, 254 too few earlier periods,
    255 a negative reduction. The order they are asked in: 1, 254, clauses, 255.
    """
    counts = counts_of(methodology, record)
    entries = _entries(methodology, record)
    if cell == NO_CELL:
        return Outcome(0, CODE_NO_PARAMETER, None, None, NO_CELL, Trace(entries, (), {}))
    cell = index_cells(methodology).cell_of(record.region, record.class_, record.day)
    filled = (
        methodology.in_force_on(record.day)
        and any(code in methodology.regions for code in Region(record.region).lineage())
        and all(entry is not None and entry.usable for entry in entries.values())
    )
    assert filled == (cell >= 0), (methodology.code, record)
    if not filled:
        return Outcome(0, CODE_NO_PARAMETER, None, None, cell, Trace(entries, (), {}))
    if is_history_short(methodology, counts):
        return Outcome(0, CODE_HISTORY_SHORT, None, None, cell, Trace(entries, (), {}))
    environment: dict[str, Known] = {
        each.name: count * each.base_per_count
        for each, count in zip(methodology.fields, counts, strict=True)
    }
    environment |= parameters_in_base(methodology, entries)
    for name, equation in methodology.equations.items():
        environment[name] = quantity_of(equation.expression, environment.__getitem__)
    holds = tuple(
        condition_of(clause.expression, environment.__getitem__) for clause in methodology.clauses
    )
    found = {name: number_of(environment[name]) for name in methodology.equations}
    trace = Trace(entries, holds, found, environment)
    exact = found[methodology.result_of]
    if not all(holds):
        failed = holds.index(False)
        source = methodology.clauses[failed].source
        return Outcome(0, CODE_FIRST_CLAUSE + failed, exact, source, cell, trace)
    if exact < 0:
        return Outcome(0, CODE_NEGATIVE, exact, None, cell, trace)
    rounded = round_half_away(exact) if methodology.round == "half_away" else round_down(exact)
    return Outcome(rounded, CODE_QUANTIFIED, exact, None, cell, trace)


def _entries(methodology: Methodology, record: Record) -> dict[str, ParameterValue | None]:
    lineage = Region(record.region).lineage()
    return {
        name: parameter.value_for(lineage, record.class_, record.day)
        for name, parameter in methodology.parameters.items()
    }


def is_history_short(methodology: Methodology, counts: Sequence[int]) -> bool:
    """Whether a baseline of own history has fewer earlier periods than it asks for."""
    counted = dict(zip((each.name for each in methodology.fields), counts, strict=True))
    return any(counted[each.count_field] < each.at_least for each in methodology.history)


def parameters_in_base(
    methodology: Methodology, entries: Mapping[str, ParameterValue | None]
) -> dict[str, Known]:
    """Each known parameter value in base units, a table of steps as such."""
    return {
        name: methodology.parameters[name].in_base(entry.content)
        for name, entry in entries.items()
        if entry is not None and entry.content is not None
    }


def number_of(known: Known) -> Fraction:
    """What is known is a number; the checks let no table stand where a number belongs."""
    assert isinstance(known, Fraction)
    return known


def quantity_of(expression: Expression, lookup: Lookup) -> Fraction:
    """The value in base units. Raises `ZeroDivisionError` for a divisor of zero."""
    value = value_of(expression, lookup)
    assert isinstance(value, Fraction)
    return value


def condition_of(expression: Expression, lookup: Lookup) -> bool:
    """Whether the condition holds."""
    value = value_of(expression, lookup)
    assert isinstance(value, bool)
    return value


def value_of(expression: Expression, lookup: Lookup) -> Value:
    """A quantity in base units or a condition; unit names stand for their factor."""
    match expression:
        case Number(value=value):
            return value
        case Name(name=name):
            return lookup_or_unit(name, lookup)
        case Negative(of=of):
            return -quantity_of(of, lookup)
        case Not(of=of):
            return not condition_of(of, lookup)
        case Binary(op=op, left=left, right=right):
            return _arithmetic(op, quantity_of(left, lookup), quantity_of(right, lookup))
        case Extreme(op=op, of=several):
            values = [quantity_of(part, lookup) for part in several]
            return min(values) if op == "min" else max(values)
        case Compare(first=first, rest=rest):
            left_value = quantity_of(first, lookup)
            for op, part in rest:
                right_value = quantity_of(part, lookup)
                if not _holds(op, left_value, right_value):
                    return False
                left_value = right_value
            return True
        case Logic(op=op, of=several):
            held = (condition_of(part, lookup) for part in several)
            return all(held) if op == "and" else any(held)
        case Choose(condition=condition, then=then, other=other):
            return quantity_of(then if condition_of(condition, lookup) else other, lookup)
        case Stepped() | Further():
            return _called(expression, lookup)


def _called(expression: Stepped | Further, lookup: Lookup) -> Fraction:
    if isinstance(expression, Further):
        raise AssertionError("the reader of behaviour formulas gives none")
    steps = lookup(expression.table)
    assert isinstance(steps, StepTable)
    return steps.value_of(quantity_of(expression.of, lookup))


def lookup_or_unit(name: str, lookup: Lookup) -> Fraction:
    """The value of a name; what is not a name of the methodology is a unit."""
    try:
        return number_of(lookup(name))
    except KeyError:
        return named_unit(name)[0]


def _arithmetic(op: str, left: Fraction, right: Fraction) -> Fraction:
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    return left * right if op == "*" else left / right


def _holds(op: str, left: Fraction, right: Fraction) -> bool:
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[op]
