"""Checks on the meaning of a methodology: names, order, units. Each mistake is a `Mistake`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .dimensions import Kind, argument_key, type_of, unit_text
from .expression import Binary, Expression, Name, Stepped, names, parts
from .facets import classes_within
from .methodology import Clause, Field, Parameter, Reward
from .problems import Mistake
from .section import nearest
from .units import CARBON_MASS, NUMBER, UNIT_NAMES, Dimension, named_unit


def refuse_unknown_names(expression: Expression, known: Iterable[str]) -> None:
    """Every name must be a field, a parameter, an equation or a unit."""
    available = set(known)
    for name in names(expression):
        if name in available or name in UNIT_NAMES:
            continue
        close = nearest(name, available | set(UNIT_NAMES))
        hint = f"did you mean '{close}'?" if close else f"known: {', '.join(sorted(available))}"
        hint_zh = f"是否想写“{close}”？" if close else f"已有：{', '.join(sorted(available))}。"
        raise Mistake(
            zh=f"公式中不认识的名称“{name}”；{hint_zh}", en=f"unknown name '{name}'; {hint}"
        )


def refuse_wrong_calls(expression: Expression, tables: Iterable[str]) -> None:
    """A table of steps is called with a quantity, and nothing else is."""
    match expression:
        case Name(name=name) if name in tables:
            raise Mistake(
                zh=f"{name} 是分段表；请写成 {name}(x)，x 为决定分段的量。",
                en=f"{name} is a table of steps; write {name}(x) with the quantity it goes by",
            )
        case Stepped(table=table) if table not in tables:
            known = ", ".join(tables) or "-"
            raise Mistake(
                zh=f"{table} 不是分段表，不能写成 {table}(x)；分段表有：{known}。",
                en=f"{table} is no table of steps and cannot be called; tables are: {known}",
            )
    for part in parts(expression):
        refuse_wrong_calls(part, tables)


def refuse_facets_that_clash(parameters: Mapping[str, Parameter]) -> None:
    """A class written out in the file must mean one value in every parameter."""
    for class_ in sorted({each for one in parameters.values() for each in one.classes}):
        for parameter in parameters.values():
            if classes_within(parameter.classes, class_) is None:
                raise Mistake(
                    zh=f"类别 {class_} 在参数 {parameter.name} 中同时符合几个值；"
                    f"请为 {parameter.name} 写出类别 {class_} 的值。",
                    en=f"class {class_} meets several values of parameter {parameter.name}; give "
                    f"{parameter.name} a value for {class_}",
                )


def refuse_values_for_a_name(parameters: Mapping[str, Parameter]) -> None:
    """Where only a name is known the equations are a template's: some parameter stays unknown, so
    that nothing is credited until an authority fills it in an overlay. Asked of the file alone.
    """
    if not any(
        all(not entry.usable for entry in parameter.values) for parameter in parameters.values()
    ):
        raise Mistake(
            zh="status 为 name_only 时，至少一个参数应全为 unknown，待主管部门填写；请改正。",
            en="with status name_only at least one parameter is unknown throughout, to be filled "
            "by an authority's overlay; write value: unknown or another status",
        )


def in_order_of_use(expressions: Mapping[str, Expression]) -> list[str]:
    """Equation names, each after the ones it uses; raises `Mistake` naming a cycle."""
    ordered: list[str] = []
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        if name in open_:
            cycle = " -> ".join([*open_[open_.index(name) :], name])
            raise Mistake(
                zh=f"公式互相引用成环：{cycle}；请断开。",
                en=f"equations refer to each other in a circle: {cycle}; break it",
                about=name,
            )
        open_.append(name)
        for used in names(expressions[name]):
            if used in expressions:
                visit(used)
        open_.pop()
        ordered.append(name)

    for name in expressions:
        visit(name)
    return ordered


def refuse_unused(
    expressions: Mapping[str, Expression],
    clauses: Sequence[Clause],
    *,
    roots: Iterable[str],
    declared: Iterable[str],
) -> None:
    """What is declared must count: an unused value would look like law and change nothing."""
    used: set[str] = set()
    waiting = [*roots, *(name for clause in clauses for name in names(clause.expression))]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            if name in expressions:
                waiting.extend(names(expressions[name]))
    for name in declared:
        if name not in used:
            raise Mistake(
                zh=f"“{name}”从未被结果或适用条件用到；请使用或删去。",
                en=f"'{name}' is never used by the result or by applies; use it or remove it",
                about=name,
            )


def refuse_group_undivided(members: str, expressions: Mapping[str, Expression]) -> None:
    """An event reported once for each member must be shared out among them."""
    sharing = {members}
    for name in in_order_of_use(expressions):
        if not sharing.isdisjoint(names(expressions[name])):
            sharing.add(name)
    if not any(_divides_by(tree, sharing) for tree in expressions.values()):
        raise Mistake(
            zh=f"没有公式除以人数 {members}；每位成员各报一次会重复计算，请除以 {members}。",
            en=f"no equation divides by {members}, so each member of the group would be credited "
            f"the whole; divide by {members}",
        )


def _divides_by(expression: Expression, sharing: set[str]) -> bool:
    match expression:
        case Binary(op="/", right=right) if not sharing.isdisjoint(names(right)):
            return True
    return any(_divides_by(part, sharing) for part in parts(expression))


def dimensions_of(
    fields: Sequence[Field], parameters: Mapping[str, Parameter]
) -> dict[str, Dimension]:
    """The dimension of every unit name, field and parameter."""
    known: dict[str, Dimension] = {name: named_unit(name)[1] for name in UNIT_NAMES}
    known |= {field.name: field.unit.dimension for field in fields}
    known |= {parameter.name: parameter.unit.dimension for parameter in parameters.values()}
    known |= {
        argument_key(parameter.name): parameter.argument.dimension
        for parameter in parameters.values()
        if parameter.argument is not None
    }
    return known


def dimension_of_equation(expression: Expression, known: Mapping[str, Dimension]) -> Dimension:
    """The dimension of an equation; raises `Mistake` for mixed units or a condition."""
    found = type_of(expression, known)
    if found is Kind.CONDITION:
        raise Mistake(
            zh="公式的值是条件而不是数；请改用 if/else 给出数。",
            en="the equation gives a condition, not a quantity; use if/else to give quantities",
        )
    return NUMBER if isinstance(found, Kind) else found


def refuse_no_condition(clause: Clause, known: Mapping[str, Dimension]) -> None:
    """A clause of `applies` must be a condition with agreeing units."""
    if type_of(clause.expression, known) is not Kind.CONDITION:
        raise Mistake(
            zh=f"applies 中的“{clause.source}”不是条件；请写比较。",
            en=f"'{clause.source}' in applies is no condition; write a comparison",
        )


def refuse_no_reward(reward: Reward, equations: Mapping[str, Dimension]) -> None:
    """A reward is an equation in the unit it is said to be in."""
    if reward.of not in equations:
        raise Mistake(
            zh=f"reward.of 的“{reward.of[:40]}”不是公式；已有：{', '.join(equations)}。",
            en=f"reward.of '{reward.of[:40]}' is no equation; there are: {', '.join(equations)}",
        )
    if equations[reward.of] != reward.unit.dimension:
        unit = unit_text(equations[reward.of])
        raise Mistake(
            zh=f"reward 的公式 {reward.of} 的单位是 {unit}，不是 {reward.unit.text}；请改正。",
            en=f"the reward {reward.of} is in {unit}, not in {reward.unit.text}; correct the unit",
        )


def refuse_no_carbon_mass(name: str, dimension: Dimension) -> None:
    """The result must be a mass of CO2e."""
    if dimension != CARBON_MASS:
        unit = unit_text(dimension)
        raise Mistake(
            zh=f"结果 {name}（单位 {unit if dimension else '无'}）不是 CO2e 的质量；"
            "请检查各因子的单位。",
            en=f"the result {name} is in {unit}, not a mass of CO2e; check the units of the "
            "factors",
        )
