"""Units of an expression, checked without any number: what is added or compared must agree.

A mix is an error that names both units, never a warning. The plain literal 0 agrees with any
unit, because nothing is nothing in every unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

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
from .problems import Mistake
from .rendering import render
from .units import NUMBER, Dimension, multiply, shown_unit


class Kind(Enum):
    """What is not a quantity with a unit."""

    CONDITION = "condition"
    ZERO = "zero"
    WORD = "word"


Type = Dimension | Kind

_ZH = {"a plain number": "无单位的数", "a word": "文字"}


def type_of(expression: Expression, known: Mapping[str, Type]) -> Type:
    """The dimension of a quantity, or that it is a condition or the literal 0.

    `known` gives the dimension of every name. Raises `Mistake` naming both units of a mix.
    """
    match expression:
        case Number(value=value):
            return Kind.ZERO if value == 0 else NUMBER
        case Name(name=name):
            return known[name]
        case Negative(of=of):
            return quantity_type(of, known)
        case Not(of=of):
            return condition_type(of, known)
        case Binary(op="+" | "-" as op, left=left, right=right):
            return _agreeing((left, right), known, verb=op)
        case Binary(op=op, left=left, right=right):
            return _product(op, quantity_type(left, known), quantity_type(right, known))
        case Extreme(op=op, of=several):
            return _agreeing(several, known, verb=op)
        case Compare(first=first, rest=rest):
            _agreeing((first, *(value for _, value in rest)), known, verb=rest[0][0])
            return Kind.CONDITION
        case Logic(of=several):
            for part in several:
                condition_type(part, known)
            return Kind.CONDITION
        case Choose(condition=condition, then=then, other=other):
            condition_type(condition, known)
            return _agreeing((then, other), known, verb="if/else")
        case Stepped() | Further():
            return _called(expression, known)


def argument_key(table: str) -> str:
    """Under which name `known` holds the dimension of a step table's argument."""
    return f"{table}()"


def _called(expression: Stepped | Further, known: Mapping[str, Type]) -> Type:
    if isinstance(expression, Further):
        return expression.type_in(known)
    table, of = expression.table, expression.of
    wanted, found = known[argument_key(table)], quantity_type(of, known)
    if found not in (wanted, Kind.ZERO):
        one, two = unit_text(wanted), unit_text(found)
        raise Mistake(
            zh=f"分段表 {table} 的自变量单位是 {_ZH.get(one, one)}，"
            f"“{render(of)}”的单位是 {_ZH.get(two, two)}；请统一单位。",
            en=f"the steps of {table} are by {one}, but '{render(of)}' is in {two}; bring both to "
            "one unit",
        )
    return known[table]


def unit_text(kind: Type) -> str:
    """How a type is named in a message.

    >>> unit_text((("energy", 1),)), unit_text(())
    ('kWh', 'a plain number')
    """
    if kind is Kind.CONDITION:
        return "a condition"
    if kind is Kind.WORD:
        return "a word"
    if kind is Kind.ZERO or kind == NUMBER:
        return "a plain number"
    assert not isinstance(kind, Kind)
    return shown_unit(kind).text


def _product(op: str, left: Type, right: Type) -> Type:
    left, right = (NUMBER if each is Kind.ZERO else each for each in (left, right))
    assert not isinstance(left, Kind)
    assert not isinstance(right, Kind)
    return multiply(left, right, sign=1 if op == "*" else -1)


def quantity_type(expression: Expression, known: Mapping[str, Type]) -> Type:
    """The dimension of a quantity, or the literal 0; raises `Mistake` for anything else."""
    found = type_of(expression, known)
    if found is Kind.WORD:
        raise Mistake(
            zh=f"“{render(expression)}”是文字，不能计算；请用作下标或与文字比较。",
            en=f"'{render(expression)}' is a word and cannot be calculated with; use it as an "
            "index or compare it with a word",
        )
    if found is Kind.CONDITION:
        raise Mistake(
            zh=f"“{render(expression)}”是条件，不能当作数来计算；请改用 if/else。",
            en=f"'{render(expression)}' is a condition and cannot be calculated with; use if/else",
        )
    return found


def condition_type(expression: Expression, known: Mapping[str, Type]) -> Type:
    """That it is a condition; raises `Mistake` if it is not."""
    found = type_of(expression, known)
    if found is not Kind.CONDITION:
        raise Mistake(
            zh=f"“{render(expression)}”是数，这里要条件；请写比较，如 x > 0。",
            en=f"'{render(expression)}' is a number where a condition belongs; "
            "write a comparison such as x > 0",
        )
    return found


def _agreeing(several: tuple[Expression, ...], known: Mapping[str, Type], *, verb: str) -> Type:
    first: tuple[Expression, Type] | None = None
    for part in several:
        found = quantity_type(part, known)
        if found is Kind.ZERO:
            continue
        if first is None:
            first = (part, found)
        elif found != first[1]:
            one, two = unit_text(first[1]), unit_text(found)
            raise Mistake(
                zh=f"单位不一致：“{render(first[0])}”的单位是 {_ZH.get(one, one)}，"
                f"“{render(part)}”的单位是 {_ZH.get(two, two)}，不能用 {verb}；请统一单位。",
                en=f"units differ: '{render(first[0])}' is in {one}, '{render(part)}' is in {two}, "
                f"so {verb} cannot join them; bring both to one unit",
            )
    return Kind.ZERO if first is None else first[1]
