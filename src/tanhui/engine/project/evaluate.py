"""Formulas over sets, in decimal at 34 digits; every number of law that was used is noted.

Equations are worked out in order of use, once for each combination of members. The mode decides
what happens where the law is not known: crediting refuses afterwards (`report`), an illustration
goes on with values from memory or stated assumptions and says so everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from fractions import Fraction
from itertools import product

from tanhui.core.period import day_number
from tanhui.core.region import Region

from ..expression import (
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
)
from ..methodology import ParameterValue
from ..units import named_unit
from .arithmetic import CONTEXT, decimal_of, logarithm, power, times, total
from .formula import Edge, Function, Indexed, Offset, Power, Reduce, Same, Word, YearOf
from .members import Member, Month, Year, as_quantity, shifted
from .monitoring import Monitoring
from .nouns import WORLD, Lookup, Over, ProjectMethodology, ProjectParameter
from .stops import Stop, nothing_creditable, out_of_range, undefined, unknown_value
from .tables import NOT_CREDITABLE, Row

Environment = Mapping[str, Member]
Index = tuple[Member, ...]


@dataclass(frozen=True)
class Use:
    """A number of law that counted: a parameter's value or a row of a table."""

    symbol: str
    at: tuple[str, ...]
    entry: ParameterValue | Row | None  # None: assumed for an illustration
    value: Decimal  # in base units


class Evaluation:
    """One methodology over one monitoring report; `replaced` formulas stand in for some."""

    def __init__(
        self,
        methodology: ProjectMethodology,
        monitoring: Monitoring,
        replaced: Mapping[str, Expression] | None = None,
    ) -> None:
        self.methodology, self.monitoring = methodology, monitoring
        self.replaced = replaced or {}
        self.values: dict[str, dict[Index, Decimal]] = {}
        self.uses: dict[tuple[str, tuple[str, ...]], Use] = {}
        self.lineage = (*Region(monitoring.heading.region).lineage(), WORLD)

    def run(self) -> None:
        """Work every equation out; raises `Stop` where that is impossible."""
        for name, equation in self.methodology.equations.items():
            expression = self.replaced.get(name, equation.expression)
            found: dict[Index, Decimal] = {}
            for environment in self.environments(equation.over):
                at = tuple(environment.values())
                found[at] = self._worked_out(name, at, expression, environment)
            self.values[name] = found

    def environments(self, over: Over) -> list[dict[str, Member]]:
        """Every combination of members, in the order of the sets."""
        names = [variable for variable, _ in over]
        every = product(*(self.monitoring.sets[set_] for _, set_ in over))
        return [dict(zip(names, members, strict=True)) for members in every]

    def _worked_out(
        self, name: str, at: Index, expression: Expression, environment: Environment
    ) -> Decimal:
        try:
            return self.quantity(expression, environment)
        except (DivisionByZero, InvalidOperation, Overflow):
            raise undefined(name, at) from None

    def holds(self, source: str, expression: Expression, environment: Environment) -> bool:
        """Whether a limit, written as `source`, holds; raises `Stop` where that is impossible."""
        try:
            return self.condition(expression, environment)
        except (DivisionByZero, InvalidOperation, Overflow):
            raise undefined(source[:80], tuple(environment.values())) from None

    def quantity(self, expression: Expression, environment: Environment) -> Decimal:
        """The value in base units; unit names stand for their factor."""
        match expression:
            case Number(value=value):
                return decimal_of(value)
            case Name(name=name):
                return self._named(name, environment)
            case Negative(of=of):
                return CONTEXT.minus(self.quantity(of, environment))
            case Binary(op=op, left=left, right=right):
                return _arithmetic(
                    op, self.quantity(left, environment), self.quantity(right, environment)
                )
            case Extreme(op=op, of=several):
                values = [self.quantity(part, environment) for part in several]
                return min(values) if op == "min" else max(values)
            case Choose(condition=condition, then=then, other=other):
                chosen = then if self.condition(condition, environment) else other
                return self.quantity(chosen, environment)
            case _:
                return self._further(expression, environment)

    def _further(self, expression: Expression, environment: Environment) -> Decimal:
        match expression:
            case Indexed(name=name, at=at):
                return self._indexed(name, at, environment)
            case Reduce():
                return self._reduced(expression, environment)
            case Power(base=base, exponent=exponent):
                return power(self.quantity(base, environment), Decimal(exponent))
            case Function(op=op, of=of):
                return _function(op, [self.quantity(part, environment) for part in of])
            case Edge() | YearOf():
                member = self.member(expression, environment)
                assert isinstance(member, Year | Month)
                return as_quantity(member)
            case _:
                raise AssertionError(f"no quantity: {expression}")

    def condition(self, expression: Expression, environment: Environment) -> bool:
        """Whether it holds."""
        match expression:
            case Not(of=of):
                return not self.condition(of, environment)
            case Logic(op=op, of=several):
                held = (self.condition(part, environment) for part in several)
                return all(held) if op == "and" else any(held)
            case Same(op=op, left=left, right=right):
                same = self.member(left, environment) == self.member(right, environment)
                return same if op == "==" else not same
            case Compare(first=first, rest=rest):
                before = self.quantity(first, environment)
                for op, part in rest:
                    after = self.quantity(part, environment)
                    if not _holds(op, before, after):
                        return False
                    before = after
                return True
            case _:
                raise AssertionError(f"no condition: {expression}")

    def member(self, expression: Expression, environment: Environment) -> Member:
        """The member of a set, or the word, an index stands for."""
        match expression:
            case Word(value=value):
                return value
            case Name(name=name):
                return environment[name] if name in environment else self._word(name, ())
            case Offset(variable=variable, by=by):
                moved = environment[variable]
                assert isinstance(moved, Year | Month)
                return shifted(moved, by)
            case YearOf(variable=variable):
                month = environment[variable]
                return month.year if isinstance(month, Month) else month
            case Edge(op=op, of=of):
                members = self.monitoring.sets[of]
                return members[0] if op == "first" else members[-1]
            case Indexed(name=name, at=at):
                return self._word(name, tuple(self.member(part, environment) for part in at))
            case _:
                raise AssertionError(f"no member: {expression}")

    def _word(self, name: str, at: Index) -> str:
        value = self.monitoring.inputs[name].values[at]
        assert isinstance(value, str)
        return value

    def _named(self, name: str, environment: Environment) -> Decimal:
        if name in environment:
            member = environment[name]
            assert isinstance(member, Year | Month)
            return as_quantity(member)
        if self._is_own(name):
            return self._indexed(name, (), environment)
        return decimal_of(named_unit(name)[0])

    def _is_own(self, name: str) -> bool:
        groups = (
            self.methodology.inputs,
            self.methodology.equations,
            self.methodology.parameters,
            self.methodology.lookups,
        )
        return any(name in group for group in groups)

    def _indexed(self, name: str, at: tuple[Expression, ...], environment: Environment) -> Decimal:
        methodology = self.methodology
        if name in methodology.lookups:
            return self._looked_up(methodology.lookups[name], at, environment)
        index = tuple(self.member(part, environment) for part in at)
        if name in methodology.parameters:
            return self._parameter(methodology.parameters[name], index)
        source: Mapping[Index, Decimal | str]
        if name in methodology.inputs:
            source = self.monitoring.inputs[name].values
        else:
            source = self.values[name]
        if index not in source:
            raise out_of_range(name, index)
        value = source[index]
        assert isinstance(value, Decimal)
        return value

    def _parameter(self, parameter: ProjectParameter, index: Index) -> Decimal:
        key = (parameter.name, tuple(map(str, index)))
        if key in self.uses:
            return self.uses[key].value
        year = index[0] if index else None
        heading = self.monitoring.heading
        day = (
            day_number(date(year.number, 12, 31))
            if isinstance(year, Year)
            else heading.decisive_day
        )
        entry = next(
            (
                each
                for code in self.lineage
                for each in parameter.values
                if each.region == code and each.holds_on(day)
            ),
            None,
        )
        assumed = self.monitoring.assumed.get(parameter.name)
        if assumed is not None:
            self.uses[key] = Use(*key, None, assumed.value)
        elif entry is None or entry.value is None:
            raise unknown_value(parameter.name, parameter.title, key[1])
        else:
            value = times(decimal_of(entry.value), parameter.unit.factor)
            self.uses[key] = Use(*key, entry, value)
        return self.uses[key].value

    def _looked_up(
        self, lookup: Lookup, at: tuple[Expression, ...], environment: Environment
    ) -> Decimal:
        table = lookup.table
        count = len(lookup.keys)
        given = dict(lookup.where)
        for key, part in zip(lookup.keys, at[:count], strict=True):
            given[key] = str(self.member(part, environment))
        keys = tuple(given[key] for key in table.keys)
        year = None
        if table.dated:
            member = self.member(at[count], environment)
            assert isinstance(member, Year)
            year = member.number
        quantity: Fraction | None = None
        if table.bands is not None:
            quantity = Fraction(self.quantity(at[-1], environment)) / table.bands.factor
        row = table.find(keys, year, quantity)
        told = (*keys, *(() if year is None else (str(year),)))
        if quantity is not None:
            told = (*told, str(decimal_of(quantity)))
        value = None if row is None else row.values[lookup.column]
        if row is None or value is None:
            raise unknown_value(f"{lookup.name} ({table.id})", table.title, told)
        if value == NOT_CREDITABLE:
            raise nothing_creditable(lookup, row, told)
        assert isinstance(value, Fraction)
        use = Use(lookup.name, told, row, times(decimal_of(value), lookup.unit.factor))
        self.uses[(lookup.name, told)] = use
        return use.value

    def _reduced(self, expression: Reduce, environment: Environment) -> Decimal:
        values = []
        for inner in self.environments(expression.loops):
            known = {**environment, **inner}
            if expression.condition is None or self.condition(expression.condition, known):
                values.append(self.quantity(expression.body, known))
        if expression.op == "sum":
            return total(values)
        if not values:
            raise Stop(
                "undefined",
                zh=f"{expression.written()[:80]} 没有可比较的值；请检查条件与集合。",
                en=f"{expression.written()[:80]} has nothing to compare; check its condition and "
                "sets",
            )
        return min(values) if expression.op == "min" else max(values)


def _arithmetic(op: str, left: Decimal, right: Decimal) -> Decimal:
    if op == "+":
        return CONTEXT.add(left, right)
    if op == "-":
        return CONTEXT.subtract(left, right)
    return CONTEXT.multiply(left, right) if op == "*" else CONTEXT.divide(left, right)


def _function(op: str, values: list[Decimal]) -> Decimal:
    match op:
        case "exp":
            return CONTEXT.exp(values[0])
        case "log":
            return logarithm(values[0], CONTEXT)
        case "abs":
            return CONTEXT.abs(values[0])
        case "floor":
            return decimal_of(Fraction(Fraction(values[0]).__floor__()))
        case _:
            return power(values[0], values[1])


def _holds(op: str, left: Decimal, right: Decimal) -> bool:
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[op]
