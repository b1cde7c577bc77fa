"""The integer form: a methodology compiled to whole-number arithmetic with a proven bound.

What depends on parameters only is evaluated exactly per cell into a table; per event only
+ - * min max compare case and one floor division are left. Kernel, SQL and closure are written
from this form; the reference is not, so the two can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .cells import Cell, CellIndex, index_cells
from .expression import (
    Binary,
    Choose,
    Compare,
    Expression,
    Extreme,
    Logic,
    Name,
    Negative,
    Not,
    Stepped,
    names,
)
from .intexpr import NARROW_MAX, Builder, Node, in_order
from .methodology import (
    CODE_FIRST_CLAUSE,
    CODE_HISTORY_SHORT,
    CODE_NEGATIVE,
    Methodology,
    Rounding,
)
from .problems import Mistake
from .ratio import Algebra, Ratio
from .reference import condition_of, parameters_in_base, quantity_of
from .steps import Known, StepTable

# Stages of `checks`: (condition, code given where it does not hold), in the order they count.
Check = tuple[Node, int]
CellColumn = npt.NDArray[np.int64] | npt.NDArray[np.object_]  # one value per cell


@dataclass(frozen=True, eq=False)
class IntegerForm:
    """`checks` in order of precedence, then `mg`; both read quantities and cell columns only."""

    methodology: Methodology
    index: CellIndex
    bounds: tuple[tuple[int, int], ...]  # counts per slot, both ends belong
    columns: tuple[tuple[int, ...], ...]
    checks: tuple[Check, ...]
    mg: Node
    program: tuple[Node, ...]  # every node once, arguments first
    cell_table: dict[str, CellColumn] = field(repr=False)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells; the id of each is its place."""
        return self.index.cells

    @property
    def bits(self) -> int:
        """Bits of the largest integer that any step can reach, proven from the fields' max."""
        return max((node.bits for node in self.program), default=0)

    def cell_of(self, region: str, class_: str, day: int) -> int:
        """The id of the cell, or -1 when a parameter is missing or unknown there and then."""
        return self.index.cell_of(region, class_, day)

    def covers(self, region: str, day: int) -> bool:
        """Whether some class has a cell there and then."""
        return self.index.covers(region, day)


@lru_cache(maxsize=1024)
def compile(methodology: Methodology) -> IntegerForm:
    """The integer form of a methodology.

    Raises `Mistake` when a divisor may be zero or the bound leaves 127 bits (63 for the result).
    """
    index = index_cells(methodology)
    bounds = tuple((each.min_count, each.max_count) for each in methodology.fields)
    compiler = _Compiler(methodology, index)
    checks: list[Check] = []
    if index.cells:
        for name in methodology.equations:  # in order of use, so no walk goes deep
            with _named_in(f"equation {name}", f"公式 {name}", about=name):
                compiler.quantity(Name(name))
        result = compiler.quantity(Name(methodology.result_of))
        checks = compiler.checks()
        sign = compiler.build.compare(">=", result.numerator, compiler.build.const(0))
        checks.append((sign, CODE_NEGATIVE))
        with _named_in("result", "结果", about=methodology.result_of):
            mg = compiler.rounded(result, methodology.round)
    else:
        mg = compiler.build.const(0)
    checks = [(node, code) for node, code in checks if not (node.op == "const" and node.value)]
    columns = tuple(compiler.build.columns)
    return IntegerForm(
        methodology=methodology,
        index=index,
        bounds=bounds,
        columns=columns,
        checks=tuple(checks),
        mg=mg,
        program=in_order([*(node for node, _ in checks), mg]),
        cell_table={f"c{at}": _array(values) for at, values in enumerate(columns)},
    )


def _array(values: tuple[int, ...]) -> CellColumn:
    if max(abs(value) for value in values) <= NARROW_MAX:
        return np.array(values, dtype=np.int64)
    return np.array(values, dtype=np.object_)


class _Compiler:
    """Walks the tree once; equal parts become one node."""

    def __init__(self, methodology: Methodology, index: CellIndex) -> None:
        self.methodology = methodology
        self.build = Builder()
        self.algebra = Algebra(self.build)
        self.cells = index.cells
        self.slots = {each.name: slot for slot, each in enumerate(methodology.fields)}
        self.at_least = {each.count_field: each.at_least for each in methodology.history}
        self.event_names = self._event_names()
        self.equations: dict[str, Ratio] = {}
        self.environments = [self._environment(cell) for cell in index.cells]

    def _event_names(self) -> set[str]:
        """Fields, and equations that use one directly or through another equation."""
        found = set(self.slots)
        for name, equation in self.methodology.equations.items():
            if not found.isdisjoint(names(equation.expression)):
                found.add(name)
        return found

    def _environment(self, cell: Cell) -> dict[str, Known]:
        environment = parameters_in_base(self.methodology, cell.values)
        for name, equation in self.methodology.equations.items():
            if name not in self.event_names:
                with _named_in(f"equation {name}", f"公式 {name}", about=name):
                    environment[name] = self._exact(equation.expression, cell, environment)
        return environment

    def _exact(self, expression: Expression, cell: Cell, environment: dict[str, Known]) -> Fraction:
        try:
            return quantity_of(expression, environment.__getitem__)
        except ZeroDivisionError:
            raise Mistake(
                zh=f"地区 {cell.region} 的某个除数为 0；请核对参数值。",
                en=f"a divisor is zero for region {cell.region}; check the parameter values",
            ) from None

    def _is_constant(self, expression: Expression) -> bool:
        return self.event_names.isdisjoint(names(expression))

    def _per_cell(self, expression: Expression) -> tuple[Fraction, ...]:
        return tuple(
            self._exact(expression, cell, environment)
            for cell, environment in zip(self.cells, self.environments, strict=True)
        )

    def quantity(self, expression: Expression) -> Ratio:
        """The integer form of a quantity, in base units."""
        if self._is_constant(expression):
            return self.algebra.per_cell(self._per_cell(expression))
        match expression:
            case Name(name=name):
                return self._named(name)
            case Negative(of=of):
                return self.algebra.product(self.algebra.constant(Fraction(-1)), self.quantity(of))
            case Binary(op="/", left=left, right=right):
                return self._quotient(left, right)
            case Binary(op="*", left=left, right=right):
                return self.algebra.product(self.quantity(left), self.quantity(right))
            case Binary(op=op, left=left, right=right):
                return self.algebra.sum_of(op, self.quantity(left), self.quantity(right))
            case Extreme(op=op, of=several):
                best = self.quantity(several[0])
                for part in several[1:]:
                    best = self.algebra.extreme(op, best, self.quantity(part))
                return best
            case Choose(condition=condition, then=then, other=other):
                return self.algebra.case(
                    self.condition(condition), self.quantity(then), self.quantity(other)
                )
            case Stepped(table=table, of=of):
                return self._stepped(table, self.quantity(of))
            case _:
                raise AssertionError(f"no quantity: {expression}")

    def _stepped(self, table: str, quantity: Ratio) -> Ratio:
        """Nested cases over the starts; a cell with fewer steps repeats its last one."""
        tables = [self._steps_of(table, environment) for environment in self.environments]
        found = self.algebra.per_cell(tuple(each.below for each in tables))
        for at in range(max(len(each.starts) for each in tables)):
            steps = [_step(each, at) for each in tables]
            starts = self.algebra.per_cell(tuple(start for start, _ in steps))
            values = self.algebra.per_cell(tuple(value for _, value in steps))
            found = self.algebra.case(self.algebra.compare("<=", starts, quantity), values, found)
        return found

    def _steps_of(self, table: str, environment: dict[str, Known]) -> StepTable:
        found = environment[table]
        assert isinstance(found, StepTable)
        return found

    def _named(self, name: str) -> Ratio:
        if name in self.slots:
            return self._field(self.slots[name])
        if name not in self.equations:
            self.equations[name] = self.quantity(self.methodology.equations[name].expression)
        return self.equations[name]

    def _field(self, slot: int) -> Ratio:
        """A count; one of earlier periods stands where it is enough, so it may divide."""
        each = self.methodology.fields[slot]
        count = self.build.quantity(slot, each.min_count, each.max_count)
        if each.name in self.at_least:
            count = self.build.extreme("max", count, self.build.const(self.at_least[each.name]))
        return self.algebra.count(count, base_per_count=each.base_per_count)

    def _quotient(self, left: Expression, right: Expression) -> Ratio:
        if self._is_constant(right):
            values = self._per_cell(right)
            if 0 in values:
                raise _zero_divisor(self.cells[values.index(Fraction(0))].region)
            inverse = self.algebra.per_cell(tuple(1 / value for value in values))
            return self.algebra.product(self.quantity(left), inverse)
        found = self.algebra.quotient(self.quantity(left), self.quantity(right))
        if found is None:
            raise _zero_divisor(None)
        return found

    def condition(self, expression: Expression) -> Node:
        """The integer form of a condition."""
        if self._is_constant(expression):
            held = tuple(
                int(condition_of(expression, environment.__getitem__))
                for environment in self.environments
            )
            return self.build.compare("==", self.build.column(held), self.build.const(1))
        match expression:
            case Not(of=of):
                return self.build.negate(self.condition(of))
            case Logic(op=op, of=several):
                return self.build.join(op, [self.condition(part) for part in several])
            case Compare(first=first, rest=rest):
                return self._chain(first, rest)
            case _:
                raise AssertionError(f"no condition: {expression}")

    def _chain(self, first: Expression, rest: tuple[tuple[str, Expression], ...]) -> Node:
        left, links = self.quantity(first), []
        for op, part in rest:
            right = self.quantity(part)
            links.append(self.algebra.compare(op, left, right))
            left = right
        return self.build.join("and", links)

    def checks(self) -> list[Check]:
        """Enough history, then one check per clause, each with the code of its failure."""
        found: list[Check] = []
        for name, at_least in self.at_least.items():
            each = self.methodology.fields[self.slots[name]]
            count = self.build.quantity(self.slots[name], each.min_count, each.max_count)
            enough = self.build.compare(">=", count, self.build.const(at_least))
            found.append((enough, CODE_HISTORY_SHORT))
        for at, clause in enumerate(self.methodology.clauses):
            with _named_in(f"clause {clause.source}", f"条件 {clause.source}"):
                found.append((self.condition(clause.expression), CODE_FIRST_CLAUSE + at))
        return found

    def rounded(self, result: Ratio, mode: Rounding) -> Node:
        """Whole milligrams; read only where the result is not negative.

        For N >= 0 and D >= 1 the half rounded away from zero is (N + D // 2) // D.
        """
        build = self.build
        above = build.mul(result.numerator, build.const(result.scale.numerator))
        below = build.mul(result.denominator, build.const(result.scale.denominator))
        if mode == "half_away":
            above = build.add(above, build.floor_div(below, build.const(2)))
        if above.low < -NARROW_MAX:  # a negative result is not read, but must fit its column
            above = build.extreme("max", above, build.const(0))
        mg = build.floor_div(above, below)
        if mg.high > NARROW_MAX:
            raise Mistake(
                zh="一条记录的结果可能超出 64 位毫克；请减小字段的 max。",
                en="the result of one record can leave 64-bit milligrams; lower a field's max",
            )
        return mg


def _step(table: StepTable, at: int) -> tuple[Fraction, Fraction]:
    """Start and value of a step, or of the last one; without steps `below` holds on both sides."""
    if not table.starts:
        return Fraction(0), table.below
    at = min(at, len(table.starts) - 1)
    return table.starts[at], table.values[at]


@contextmanager
def _named_in(en: str, zh: str, *, about: str = "") -> Iterator[None]:
    """Put the name of the equation or clause before a mistake found in it."""
    try:
        yield
    except Mistake as mistake:
        raise Mistake(zh=f"{zh}：{mistake.zh}", en=f"{en}: {mistake.en}", about=about) from None


def _zero_divisor(region: str | None) -> Mistake:
    if region is not None:
        return Mistake(
            zh=f"地区 {region} 的某个除数为 0；请核对参数值。",
            en=f"a divisor is zero for region {region}; check the parameter values",
        )
    return Mistake(
        zh="某个除数可能为 0；请把该字段的 min 设为大于 0，或改写公式。",
        en="a divisor can be zero; raise the min of its field above 0 or rewrite the equation",
    )
