"""Checks on the meaning of a project methodology: names, indices, units, tables used whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from ..dimensions import Kind, Type, type_of, unit_text
from ..expression import Choose, Expression, Extreme, Name, Number, parts
from ..problems import Mistake
from ..rendering import render
from ..section import nearest
from ..units import UNIT_NAMES, named_unit
from .formula import (
    YEAR_DIMENSION,
    Edge,
    Indexed,
    Offset,
    Reduce,
    Word,
    YearOf,
    members_type,
    set_key,
)
from .nouns import YEAR_ENDS, YEARS, Input, Lookup, ProjectEquation, ProjectParameter, SetOf


@dataclass(frozen=True)
class Slot:
    """What an index must be: a member of a set, a key of a table, a year, or a quantity."""

    what: str  # set, key, year or band
    name: str
    members: tuple[str, ...] | None
    type: Type


@dataclass(frozen=True)
class Scope:
    """Everything a formula may name."""

    sets: Mapping[str, SetOf]
    slots: Mapping[str, tuple[Slot, ...]]
    types: Mapping[str, Type]
    guarded: bool = False  # inside a choice, whose condition may keep an index in its range

    def inside(self, variables: Mapping[str, str]) -> dict[str, Type]:
        """The types with the index variables added."""
        return {
            **self.types,
            **{each: self.types[set_key(set_)] for each, set_ in variables.items()},
        }


def scope_of(
    sets: Mapping[str, SetOf],
    inputs: Mapping[str, Input],
    parameters: Mapping[str, ProjectParameter],
    lookups: Mapping[str, Lookup],
    equations: Mapping[str, ProjectEquation],
) -> Scope:
    """Names, what their indices must be, and their types."""

    def member(set_: str) -> Slot:
        found = sets[set_]
        kind: Type = Kind.WORD if found.kind == "word" else YEAR_DIMENSION
        return Slot("set", set_, found.members, kind)

    year = Slot("year", "year", None, YEAR_DIMENSION)
    slots: dict[str, tuple[Slot, ...]] = {}
    types: dict[str, Type] = {name: named_unit(name)[1] for name in UNIT_NAMES}
    for name, set_ in sets.items():
        types[set_key(name)] = Kind.WORD if set_.kind == "word" else YEAR_DIMENSION
    for name, given in inputs.items():
        slots[name] = tuple(map(member, given.over))
        types[name] = Kind.WORD if given.unit is None else given.unit.dimension
    for name, parameter in parameters.items():
        slots[name] = (year,) if parameter.per_year else ()
        types[name] = parameter.unit.dimension
    for name, lookup in lookups.items():
        table = lookup.table
        keys = [Slot("key", key, table.members(key), Kind.WORD) for key in lookup.keys]
        keys += [year] if table.dated else []
        if table.bands is not None:
            keys.append(Slot("band", "band", None, table.bands.dimension))
        slots[name] = tuple(keys)
        types[name] = lookup.unit.dimension
    for name, equation in equations.items():
        slots[name] = tuple(member(set_) for _, set_ in equation.over)
        types[name] = equation.unit.dimension
    return Scope(sets, slots, types)


def check_indices(expression: Expression, scope: Scope, variables: Mapping[str, str]) -> None:
    """Every name is known and has the indices it needs; raises `Mistake`."""
    if isinstance(expression, Choose | Reduce) and expression.condition is not None:
        scope = replace(scope, guarded=True)
    match expression:
        case Name(name=name):
            if name in variables or name in UNIT_NAMES:
                return
            _refuse_unknown(name, scope, variables)
            if scope.slots[name]:
                raise _wrong_count(name, scope, 0)
        case Offset(variable=variable) | YearOf(variable=variable):
            if variable not in variables:
                _refuse_unknown(variable, scope, variables)
        case Indexed(name=name, at=at):
            _refuse_unknown(name, scope, variables)
            if len(at) != len(scope.slots[name]):
                raise _wrong_count(name, scope, len(at))
            for slot, part in zip(scope.slots[name], at, strict=True):
                _check_index(name, slot, part, scope, variables)
        case Reduce():
            _check_loops(expression, scope, variables)
        case _:
            for part in parts(expression):
                check_indices(part, scope, variables)


def _check_loops(expression: Reduce, scope: Scope, variables: Mapping[str, str]) -> None:
    inner = dict(variables)
    for variable, set_ in expression.loops:
        members_type(set_, scope.types)
        if variable in scope.slots or variable in UNIT_NAMES:
            raise Mistake(
                zh=f"下标变量“{variable}”与已有名称或单位相同；请换一个。",
                en=f"the index variable '{variable}' is a name or a unit already; choose another",
            )
        inner[variable] = set_
    for part in expression.inside():
        check_indices(part, scope, inner)


def _check_index(
    name: str, slot: Slot, part: Expression, scope: Scope, variables: Mapping[str, str]
) -> None:
    if isinstance(part, Word):
        if slot.type is Kind.WORD and slot.members is not None and part.value not in slot.members:
            close = nearest(part.value, slot.members)
            hint = f"did you mean '{close}'?" if close else f"known: {', '.join(slot.members)}"
            hint_zh = f"是否想写“{close}”？" if close else f"已有：{'、'.join(slot.members)}。"
            raise Mistake(
                zh=f"{name} 的下标“{part.value}”不在 {slot.name} 之中；{hint_zh}",
                en=f"'{part.value}' is no {slot.name} of {name}; {hint}",
            )
    else:
        check_indices(part, scope, variables)
    found = type_of(part, scope.inside(variables))
    year_like = isinstance(part, Name | Offset | Edge | YearOf)
    if found != slot.type or (slot.what != "band" and found == YEAR_DIMENSION and not year_like):
        wanted, given = unit_text(slot.type), unit_text(found)
        raise Mistake(
            zh=f"{name}[...] 的下标“{render(part)}”应为 {slot.name}（{wanted}），"
            f"给出的是 {given}；请改正。",
            en=f"the index '{render(part)}' of {name}[...] must be a {slot.name} ({wanted}), "
            f"it is {given}; correct it",
        )
    if isinstance(part, Name | Offset) and slot.what in ("set", "year"):
        variable = part.name if isinstance(part, Name) else part.variable
        _check_same_set(name, slot, variable, scope, variables)
        if isinstance(part, Offset) and not scope.guarded and variable in variables:
            _refuse_beyond(name, slot, part, variables[variable])


def _refuse_beyond(name: str, slot: Slot, index: Offset, from_set: str) -> None:
    """`net[y + 1]` has no value in the last year, whatever is reported; nor `net[y - 1]` in the
    first, unless the set begins with an opening before the first year.
    """
    before = 1 if (from_set, slot.name) == (YEARS, YEAR_ENDS) else 0
    if from_set != slot.name and not {from_set, slot.name} <= {YEARS, YEAR_ENDS}:
        return
    if from_set == YEAR_ENDS and slot.name == YEARS:
        before = -1
    if index.by > 0 or index.by < -before:
        edge_zh, edge = ("最后", "last") if index.by > 0 else ("最早", "first")
        raise Mistake(
            zh=f"{name}[{render(index)}] 在 {from_set} 的{edge_zh}一项没有值；"
            f"请去掉偏移，或写成 ... if 条件 else ...。",
            en=f"{name}[{render(index)}] has no value for the {edge} of {from_set}; drop the "
            "offset, or write ... if condition else ...",
        )


def _check_same_set(
    name: str, slot: Slot, variable: str, scope: Scope, variables: Mapping[str, str]
) -> None:
    """A stratum cannot stand where a waste belongs, nor a month where a year does."""
    if variable not in variables:
        return
    given = scope.sets[variables[variable]]
    wanted = scope.sets.get(slot.name)
    kind = "year" if wanted is None else wanted.kind
    if given.kind != kind or (kind == "word" and given.name != slot.name):
        raise Mistake(
            zh=f"{name}[...] 的下标应为 {slot.name} 的成员，{variable} 属于 {given.name}；请改正。",
            en=f"the index of {name}[...] must be a member of {slot.name}, {variable} is one of "
            f"{given.name}; correct it",
        )


def _refuse_unknown(name: str, scope: Scope, variables: Mapping[str, str]) -> None:
    if name in scope.slots or name in variables:
        return
    known = {*scope.slots, *variables, *UNIT_NAMES}
    close = nearest(name, known)
    hint = f"did you mean '{close}'?" if close else f"known: {', '.join(sorted(scope.slots))}"
    hint_zh = f"是否想写“{close}”？" if close else f"已有：{', '.join(sorted(scope.slots))}。"
    raise Mistake(zh=f"公式中不认识的名称“{name}”；{hint_zh}", en=f"unknown name '{name}'; {hint}")


def _wrong_count(name: str, scope: Scope, given: int) -> Mistake:
    wanted = ", ".join(slot.name for slot in scope.slots[name])
    return Mistake(
        zh=f"{name} 需要 {len(scope.slots[name])} 个下标（{wanted or '无'}），"
        f"给出 {given} 个；请改正。",
        en=f"{name} takes {len(scope.slots[name])} indices ({wanted or 'none'}), {given} given; "
        "correct it",
    )


def every_name(expression: Expression) -> Iterator[str]:
    """Every name a formula uses, indexed or not."""
    if isinstance(expression, Name):
        yield expression.name
    for part in parts(expression):
        yield from every_name(part)


def closure(names: Iterator[str], equations: Mapping[str, ProjectEquation]) -> set[str]:
    """Everything that counts for `names`, equations followed."""
    used: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            if name in equations:
                waiting.extend(every_name(equations[name].expression))
    return used


def refuse_incomplete_use(equation: ProjectEquation, lookups: Mapping[str, Lookup]) -> None:
    """A table that must go with another is never used alone.

    Degradable carbon without its decay rate credits decades of methane in the year of deposit.
    """
    found = [lookups[name].table for name in every_name(equation.expression) if name in lookups]
    used = {table.id: table for table in found}
    for table in used.values():
        if table.requires is not None and table.requires not in used:
            because_zh = "" if table.because is None else table.because.zh
            because = "" if table.because is None else table.because.en
            raise Mistake(
                zh=f"公式 {equation.name} 用了表 {table.id} 而没有用 {table.requires}："
                f"{because_zh}",
                en=f"equation {equation.name} uses table {table.id} without {table.requires}: "
                f"{because}",
            )


def refuse_floor(equation: ProjectEquation) -> None:
    """A result cut off at zero drops the years that lose, so the others would issue too much."""
    match equation.expression:
        case Extreme(op="max", of=several) if any(
            isinstance(each, Number) and each.value == Fraction(0) for each in several
        ):
            raise Mistake(
                zh=f"{equation.name} 用 max(0, ...) 截断，亏损年份就会丢失；请去掉 max，"
                "亏损由报告在签发前用其他年份弥补。",
                en=f"{equation.name} is cut off at zero, which drops the years that lose; write it "
                "without max(0, ...): the report makes a loss good by other years before it issues",
            )
