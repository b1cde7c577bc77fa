"""Equations: a small subset of Python expressions, parsed with `ast` into our own tree.

Names, exact literals (`0.5*km` is a literal times a unit name), + - * /, min, max, comparisons
(chained too), and, or, not, `a if c else b`, and `table(x)` for a table of steps. Python never
evaluates the text: the tree is all that is left of it.
"""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from .problems import Mistake
from .typing_slips import slip_of_formula

if TYPE_CHECKING:
    from .dimensions import Type

TEXT_MAX = 2_000
DEPTH_MAX = 40

_NUMBER = re.compile(r"\d{1,30}(\.\d{1,30})?", re.ASCII)
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_COMPARISON: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


@dataclass(frozen=True)
class Number:
    """An exact literal."""

    value: Fraction
    text: str


@dataclass(frozen=True)
class Name:
    """A field, a parameter, an equation or a unit."""

    name: str


@dataclass(frozen=True)
class Negative:
    """The value with its sign turned."""

    of: Expression


@dataclass(frozen=True)
class Binary:
    """`op` is one of + - * /."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Extreme:
    """`op` is min or max, of two or more values."""

    op: str
    of: tuple[Expression, ...]


@dataclass(frozen=True)
class Compare:
    """A chain: first op1 rest1 and rest1 op2 rest2 ..."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True)
class Logic:
    """`op` is and or or, of two or more conditions."""

    op: str
    of: tuple[Expression, ...]


@dataclass(frozen=True)
class Not:
    """The condition denied."""

    of: Expression


@dataclass(frozen=True)
class Choose:
    """`then` where the condition holds, `other` elsewhere."""

    condition: Expression
    then: Expression
    other: Expression


@dataclass(frozen=True)
class Stepped:
    """`table(of)`: what the step table gives where the value of `of` falls."""

    table: str
    of: Expression


class Further(ABC):
    """A form that only some formulas have, such as a sum over a set in `project.formula`."""

    @abstractmethod
    def inside(self) -> tuple[Expression, ...]:
        """The expressions directly inside, in reading order."""

    @abstractmethod
    def text(self, shown: Callable[[str], str]) -> str:
        """The text with each name as `shown` writes it; never needs brackets around it."""

    @abstractmethod
    def type_in(self, known: Mapping[str, Type]) -> Type:
        """Its dimension; raises `Mistake` when units do not agree."""


Expression = (
    Number | Name | Negative | Binary | Extreme | Compare | Logic | Not | Choose | Stepped | Further
)


def parse_expression(text: str, *, reader: type[Reader] | None = None) -> Expression:
    """The tree of `text`; raises `Mistake` naming the part that is not allowed.

    A `reader` that knows more forms gives more than the forms of this module.

    >>> parse_expression("distance * 2")
    Binary(op='*', left=Name(name='distance'), right=Number(value=Fraction(2, 1), text='2'))
    """
    if len(text) > TEXT_MAX:
        raise Mistake(
            zh=f"公式超过 {TEXT_MAX} 字；请拆成几个公式。",
            en=f"the expression is longer than {TEXT_MAX} characters; split it into equations",
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise slip_of_formula(text) or Mistake(
            zh=f"“{text[:60]}”不是公式；请检查括号与运算符。",
            en=f"'{text[:60]}' is no expression; check brackets and operators",
        ) from None
    return (reader or Reader)(text.strip()).read(tree, depth=0)


class Reader:
    """Turns the tree of `ast` into ours; keeps the text to read literals exactly."""

    ALLOWED: ClassVar[tuple[str, str]] = (
        "名称、数、+ - * /、min、max、比较、and/or/not、if/else、分段表(x)",
        "names, numbers, + - * /, min, max, comparisons, and/or/not, if/else, table(x)",
    )
    """What may be written, told where something else stands; zh and en."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, tree: ast.expr, *, depth: int) -> Expression:
        """The tree in our own forms; raises `Mistake` for a part that is not allowed."""
        if depth > DEPTH_MAX:
            raise Mistake(
                zh=f"公式嵌套超过 {DEPTH_MAX} 层；请拆成几个公式。",
                en=f"the expression nests deeper than {DEPTH_MAX}; split it into equations",
            )
        below = depth + 1
        match tree:
            case ast.Name(id=name):
                return Name(name)
            case ast.Constant():
                return self._number(tree)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self.read(operand, depth=below))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.read(operand, depth=below))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return Binary(
                    _ARITHMETIC[type(op)],
                    self.read(left, depth=below),
                    self.read(right, depth=below),
                )
            case ast.BoolOp(op=op, values=values):
                word = "and" if isinstance(op, ast.And) else "or"
                return Logic(word, tuple(self.read(value, depth=below) for value in values))
            case ast.Compare():
                return self._compare(tree, depth=below)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return Choose(
                    self.read(test, depth=below),
                    self.read(body, depth=below),
                    self.read(orelse, depth=below),
                )
            case ast.Call(func=ast.Name(id="min" | "max" as op), args=args, keywords=[]):
                return self._extreme(op, args, depth=below)
            case _:
                return self.further(tree, depth=below)

    def further(self, tree: ast.expr, *, depth: int) -> Expression:
        """A call of a step table; other readers know more forms here."""
        match tree:
            case ast.Call(func=ast.Name(id=table), args=[of], keywords=[]):
                return Stepped(table, self.read(of, depth=depth))
        raise self.not_allowed(tree)

    def _number(self, tree: ast.Constant) -> Number:
        text = self.source(tree)
        if not _NUMBER.fullmatch(text):
            raise Mistake(
                zh=f"“{text[:40]}”不是可用的数；请写成 0.5 这样的十进制数。",
                en=f"'{text[:40]}' is not a number we take; write a decimal like 0.5",
            )
        return Number(Fraction(text), text)

    def _compare(self, tree: ast.Compare, *, depth: int) -> Compare:
        if any(type(op) not in _COMPARISON for op in tree.ops):
            raise self.not_allowed(tree)
        rest = tuple(
            (_COMPARISON[type(op)], self.read(value, depth=depth))
            for op, value in zip(tree.ops, tree.comparators, strict=True)
        )
        return Compare(self.read(tree.left, depth=depth), rest)

    def _extreme(self, op: str, args: list[ast.expr], *, depth: int) -> Extreme:
        if len(args) < 2:
            raise Mistake(
                zh=f"{op}() 至少要两个值；请补上。", en=f"{op}() needs two values or more; add one"
            )
        return Extreme(op, tuple(self.read(arg, depth=depth) for arg in args))

    def source(self, tree: ast.expr) -> str:
        """The text of one part."""
        return ast.get_source_segment(self.text, tree) or ""

    def not_allowed(self, tree: ast.expr) -> Mistake:
        """The refusal of one part."""
        part = self.source(tree)[:60]
        zh, en = self.ALLOWED
        return Mistake(
            zh=f"公式中不能写“{part}”；可用：{zh}。",
            en=f"'{part}' is not allowed in an expression; use {en}",
        )


def parts(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside, in reading order."""
    match expression:
        case Number() | Name():
            return ()
        case Negative(of=of) | Not(of=of) | Stepped(of=of):
            return (of,)
        case Binary(left=left, right=right):
            return (left, right)
        case Extreme(of=several) | Logic(of=several):
            return several
        case Compare(first=first, rest=rest):
            return (first, *(value for _, value in rest))
        case Choose(condition=condition, then=then, other=other):
            return (then, condition, other)
        case Further():
            return expression.inside()


def names(expression: Expression) -> Iterator[str]:
    """Every name in reading order, with repeats.

    >>> list(names(parse_expression("a * min(b, a)")))
    ['a', 'b', 'a']
    """
    if isinstance(expression, Name):
        yield expression.name
    if isinstance(expression, Stepped):
        yield expression.table
    for part in parts(expression):
        yield from names(part)


def conjuncts(expression: Expression) -> tuple[Expression, ...]:
    """The conditions joined by `and` at the top, in order; each can be named in a refusal."""
    if isinstance(expression, Logic) and expression.op == "and":
        return tuple(each for part in expression.of for each in conjuncts(part))
    return (expression,)
