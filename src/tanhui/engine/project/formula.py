"""Forms of project formulas beyond the behaviour language: indices, sums, powers, words.

    sum(area[stratum] * volume[stratum, y] for stratum in strata)
    stock[y] - stock[y - 1]        exp(-k[waste] * (y - x))        system == 'lagoon'

The reader of behaviour formulas is extended, not copied: what it knows, it still reads.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..dimensions import Kind, Type, condition_type, quantity_type, type_of, unit_text
from ..expression import Expression, Further, Logic, Name, Reader
from ..problems import Mistake
from ..rendering import render
from ..units import NUMBER, POWER_MAX

YEAR_DIMENSION = (("year", 1),)
FUNCTIONS = ("exp", "log", "abs", "floor", "pow")
REDUCTIONS = ("sum", "min", "max")
EDGES = ("first", "last")
CALLS = (*FUNCTIONS, *EDGES, "min", "max", "year_of")
RESERVED = (*FUNCTIONS, *REDUCTIONS, *EDGES, "year_of", "years", "year_ends")
OFFSET_MAX = 100


def set_key(name: str) -> str:
    """Where the known names keep what the members of a set are."""
    return f"in {name}"


class Form(Further):
    """A form that reads as `shown` says, or as it was written."""

    def written(self) -> str:
        """The canonical text."""
        raise NotImplementedError

    def text(self, shown: Callable[[str], str]) -> str:
        """The whole form is one thing to show: its names stand for indices, not for values."""
        return shown(self.written())


@dataclass(frozen=True)
class Word(Form):
    """A member of a set or a key of a table, such as 'lagoon'."""

    value: str

    def inside(self) -> tuple[Expression, ...]:
        """Nothing."""
        return ()

    def written(self) -> str:
        """In single quotes."""
        return f"'{self.value}'"

    def type_in(self, known: Mapping[str, Type]) -> Type:
        """A word."""
        return Kind.WORD


@dataclass(frozen=True)
class Indexed(Form):
    """`name[at, ...]`: one value of what is given or calculated for each member."""

    name: str
    at: tuple[Expression, ...]

    def inside(self) -> tuple[Expression, ...]:
        """The name counts as used."""
        return (Name(self.name), *self.at)

    def written(self) -> str:
        """`name[a, b]`."""
        return f"{self.name}[{', '.join(map(render, self.at))}]"

    def type_in(self, known: Mapping[str, Type]) -> Type:
        """That of the name; the indices are checked apart (`checks.check_indices`)."""
        for part in self.at:
            type_of(part, known)
        return known[self.name]


@dataclass(frozen=True)
class Offset(Form):
    """`y - 1` in an index: that many years (or months) from the member."""

    variable: str
    by: int

    def inside(self) -> tuple[Expression, ...]:
        """The variable counts as used."""
        return (Name(self.variable),)

    def written(self) -> str:
        """`y - 1`."""
        return f"{self.variable} {'-' if self.by < 0 else '+'} {abs(self.by)}"

    def type_in(self, known: Mapping[str, Type]) -> Type:
        """Only a year or a month has a neighbour."""
        if known.get(self.variable) != YEAR_DIMENSION:
            raise Mistake(
                zh=f"“{self.written()}”：只有年或月可以前后移动；请改正下标。",
                en=f"'{self.written()}': only a year or a month has a neighbour; correct the index",
            )
        return YEAR_DIMENSION


@dataclass(frozen=True)
class Edge(Form):
    """`first(years)` or `last(years)`: the first or last member of a set of years."""

    op: str
    of: str

    def inside(self) -> tuple[Expression, ...]:
        """Nothing."""
        return ()

    def written(self) -> str:
        """`first(years)`."""
        return f"{self.op}({self.of})"

    def type_in(self, known: Mapping[str, Type]) -> Type:
        """A year."""
        found = members_type(self.of, known)
        if found != YEAR_DIMENSION:
            raise Mistake(
                zh=f"“{self.written()}”：{self.of} 不是年份集合；请用年份集合。",
                en=f"'{self.written()}': {self.of} is no set of years; name one",
            )
        return found


@dataclass(frozen=True)
class YearOf(Form):
    """`year_of(t)`: the calendar year of a month."""

    variable: str

    def inside(self) -> tuple[Expression, ...]:
        """The variable counts as used."""
        return (Name(self.variable),)

    def written(self) -> str:
        """`year_of(t)`."""
        return f"year_of({self.variable})"

    def type_in(self, known: Mapping[str, Type]) -> Type:
        """A year."""
        type_of(Name(self.variable), known)
        return YEAR_DIMENSION


@dataclass(frozen=True)
class Reduce(Form):
    """`sum(body for a in A for b in B if condition)`; also min and max."""

    op: str
    body: Expression
    loops: tuple[tuple[str, str], ...]  # variable, set
    condition: Expression | None

    def inside(self) -> tuple[Expression, ...]:
        """Body and condition."""
        return (self.body,) if self.condition is None else (self.body, self.condition)

    def written(self) -> str:
        """As in Python."""
        loops = " ".join(f"for {variable} in {set_}" for variable, set_ in self.loops)
        only = "" if self.condition is None else f" if {render(self.condition)}"
        return f"{self.op}({render(self.body)} {loops}{only})"

    def type_in(self, known: Mapping[str, Type]) -> Type:
        """That of the body, the variables known inside."""
        inner = dict(known)
        for variable, set_ in self.loops:
            inner[variable] = members_type(set_, known)
        if self.condition is not None:
            condition_type(self.condition, inner)
        return quantity_type(self.body, inner)


@dataclass(frozen=True)
class Function(Form):
    """`exp`, `log`, `floor`, `pow` of plain numbers; `abs` of any quantity."""

    op: str
    of: tuple[Expression, ...]

    def inside(self) -> tuple[Expression, ...]:
        """The arguments."""
        return self.of

    def written(self) -> str:
        """`exp(x)`."""
        return f"{self.op}({', '.join(map(render, self.of))})"

    def type_in(self, known: Mapping[str, Type]) -> Type:
        """A plain number from plain numbers; `abs` keeps the unit."""
        types = [quantity_type(part, known) for part in self.of]
        if self.op == "abs":
            return types[0]
        for part, found in zip(self.of, types, strict=True):
            if found is not Kind.ZERO and found != NUMBER:
                unit = unit_text(found)
                raise Mistake(
                    zh=f"{self.op}() 只接受无单位的数，“{render(part)}”的单位是 {unit}；"
                    "请先约去单位。",
                    en=f"{self.op}() takes plain numbers, '{render(part)}' is in {unit}; "
                    "divide the unit away first",
                )
        return NUMBER


@dataclass(frozen=True)
class Power(Form):
    """`x ** 2`: a whole power, which may carry a unit."""

    base: Expression
    exponent: int

    def inside(self) -> tuple[Expression, ...]:
        """The base."""
        return (self.base,)

    def written(self) -> str:
        """`(x) ** 2`."""
        return f"({render(self.base)})**{self.exponent}"

    def type_in(self, known: Mapping[str, Type]) -> Type:
        """The unit to that power."""
        found = quantity_type(self.base, known)
        if isinstance(found, Kind):
            return NUMBER
        return tuple((base, power * self.exponent) for base, power in found)


@dataclass(frozen=True)
class Same(Form):
    """Two words compared: `system == 'lagoon'`."""

    op: str
    left: Expression
    right: Expression

    def inside(self) -> tuple[Expression, ...]:
        """Both sides."""
        return (self.left, self.right)

    def written(self) -> str:
        """As written."""
        return f"({render(self.left)} {self.op} {render(self.right)})"

    def type_in(self, known: Mapping[str, Type]) -> Type:
        """A condition, if both are words."""
        for part in (self.left, self.right):
            if type_of(part, known) is not Kind.WORD:
                raise Mistake(
                    zh=f"“{render(part)}”不是文字，不能与文字比较；请改正。",
                    en=f"'{render(part)}' is no word and cannot be compared with one; correct it",
                )
        return Kind.CONDITION


def members_type(name: str, known: Mapping[str, Type]) -> Type:
    """What the members of a set are; raises `Mistake` for an unknown set."""
    if set_key(name) not in known:
        sets = sorted(key[3:] for key in known if key.startswith("in "))
        raise Mistake(
            zh=f"没有名为“{name}”的集合；已有：{'、'.join(sets)}。",
            en=f"there is no set '{name}'; there are: {', '.join(sets)}",
        )
    return known[set_key(name)]


class FormulaReader(Reader):
    """Reads the forms above beside those of the behaviour language."""

    ALLOWED: ClassVar[tuple[str, str]] = (
        "名称、名称[下标]、数、+ - * /、x ** 2、sum/min/max(... for x in 集合 if 条件)、"
        "exp、log、abs、floor、pow(x, y)、first、last、year_of、比较、and/or/not、if/else",
        "names, name[index], numbers, + - * /, x ** 2, sum/min/max(... for x in set if condition), "
        "exp, log, abs, floor, pow(x, y), first, last, year_of, comparisons, and/or/not, if/else",
    )

    def read(self, tree: ast.expr, *, depth: int) -> Expression:
        """The tree; a generator inside min or max and a word in a comparison are ours."""
        match tree:
            case ast.Constant(value=str(text)) if text and "'" not in text:
                return Word(text)
            case ast.Call(
                func=ast.Name(id="sum" | "min" | "max" as op),
                args=[ast.GeneratorExp() as loop],
                keywords=[],
            ):
                return self._reduce(op, loop, depth=depth)
            case ast.Call(func=ast.Name(id=name)) if name not in CALLS:
                raise self.not_allowed(tree)
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as op_], comparators=[right]):
                sides = self.read(left, depth=depth + 1), self.read(right, depth=depth + 1)
                if any(isinstance(side, Word) for side in sides):
                    return Same("==" if isinstance(op_, ast.Eq) else "!=", *sides)
        return super().read(tree, depth=depth)

    def further(self, tree: ast.expr, *, depth: int) -> Expression:
        """Indices, functions, powers and edges of sets."""
        match tree:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=several)):
                return Indexed(name, tuple(self._index(each, depth=depth) for each in several))
            case ast.Subscript(value=ast.Name(id=name), slice=one):
                return Indexed(name, (self._index(one, depth=depth),))
            case ast.Call(
                func=ast.Name(id="first" | "last" as op), args=[ast.Name(id=name)], keywords=[]
            ):
                return Edge(op, name)
            case ast.Call(func=ast.Name(id="year_of"), args=[ast.Name(id=name)], keywords=[]):
                return YearOf(name)
            case ast.Call(func=ast.Name(id=op), args=args, keywords=[]) if op in FUNCTIONS and len(
                args
            ) == (2 if op == "pow" else 1):
                return Function(op, tuple(self.read(each, depth=depth) for each in args))
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(exponent))) if (
                type(exponent) is int and 1 <= exponent <= POWER_MAX
            ):
                return Power(self.read(left, depth=depth), exponent)
        return super().further(tree, depth=depth)

    def _index(self, tree: ast.expr, *, depth: int) -> Expression:
        match tree:
            case ast.BinOp(
                left=ast.Name(id=name),
                op=ast.Add() | ast.Sub() as op,
                right=ast.Constant(value=int(number)),
            ) if type(number) is int and 1 <= number <= OFFSET_MAX:
                return Offset(name, number if isinstance(op, ast.Add) else -number)
        return self.read(tree, depth=depth)

    def _reduce(self, op: str, tree: ast.GeneratorExp, *, depth: int) -> Expression:
        loops: list[tuple[str, str]] = []
        conditions: list[ast.expr] = []
        for each in tree.generators:
            match each:
                case ast.comprehension(
                    target=ast.Name(id=variable), iter=ast.Name(id=set_), is_async=0
                ):
                    loops.append((variable, set_))
                    conditions.extend(each.ifs)
                case _:
                    raise self.not_allowed(tree)
        read = tuple(self.read(each, depth=depth + 1) for each in conditions)
        condition = None if not read else read[0] if len(read) == 1 else Logic("and", read)
        return Reduce(op, self.read(tree.elt, depth=depth + 1), tuple(loops), condition)
