"""Integer expressions with proven bounds, shared where equal: what is left per event.

Leaves are constants, quantities (whole counts of a step) and columns of the cell table. Every
node carries the interval of all values it can take, so an overflow is refused when a methodology
is loaded and cannot happen when an event is quantified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .problems import Mistake

NARROW_MAX = 2**63 - 1
WIDE_MAX = 2**127 - 1
NESTING_MAX = 24  # deeper text is cut into steps, far below what a parser takes

ARITHMETIC = ("add", "sub", "mul", "min", "max", "idiv")
CONDITIONS = ("less", "less_equal", "equal", "and", "or", "not")


@dataclass(frozen=True, eq=False)
class Node:
    """`op` over `args`; `value` is the constant, the slot of a quantity or the column number."""

    id: int
    op: str  # const quantity column case | ARITHMETIC | CONDITIONS
    args: tuple[Node, ...]
    value: int
    low: int
    high: int

    @property
    def is_condition(self) -> bool:
        """Whether it is true or false; a constant 0 or 1 may stand for either."""
        return self.op in CONDITIONS

    @property
    def is_wide(self) -> bool:
        """Whether its values can leave 64 bits."""
        return max(-self.low, self.high) > NARROW_MAX

    @property
    def bits(self) -> int:
        """Bits of the largest size it can take."""
        return max(-self.low, self.high).bit_length()


class Builder:
    """Makes nodes, equal ones once; folds what the intervals already decide."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[object, ...], Node] = {}
        self.columns: list[tuple[int, ...]] = []

    def _make(
        self, op: str, args: tuple[Node, ...] = (), *, value: int = 0, low: int, high: int
    ) -> Node:
        key = (op, value, *(arg.id for arg in args))
        node = self._nodes.get(key)
        if node is None:
            if max(-low, high) > WIDE_MAX:
                raise Mistake(
                    zh="计算可能超出 127 位整数；请减小字段的 max、放大 step，或减少参数的小数位。",
                    en="the arithmetic can leave 127 bits; lower a field's max, widen its step, "
                    "or give parameters fewer decimals",
                )
            node = Node(len(self._nodes), op, args, value, low, high)
            self._nodes[key] = node
        return node

    def const(self, value: int) -> Node:
        """A whole number."""
        return self._make("const", value=value, low=value, high=value)

    def quantity(self, slot: int, low: int, high: int) -> Node:
        """The count in slot `slot`."""
        return self._make("quantity", value=slot, low=low, high=high)

    def column(self, values: tuple[int, ...]) -> Node:
        """A column of the cell table, one value per cell; a constant when all agree."""
        if len(set(values)) == 1:
            return self.const(values[0])
        if values not in self.columns:
            self.columns.append(values)
        at = self.columns.index(values)
        return self._make("column", value=at, low=min(values), high=max(values))

    def add(self, left: Node, right: Node) -> Node:
        """left + right"""
        if left.op == "const":
            left, right = right, left
        if right.op == "const":
            if right.value == 0:
                return left
            if left.op == "const":
                return self.const(left.value + right.value)
        return self._make(
            "add", (left, right), low=left.low + right.low, high=left.high + right.high
        )

    def sub(self, left: Node, right: Node) -> Node:
        """left - right"""
        if right.op == "const":
            return self.add(left, self.const(-right.value))
        return self._make(
            "sub", (left, right), low=left.low - right.high, high=left.high - right.low
        )

    def mul(self, left: Node, right: Node) -> Node:
        """left * right"""
        if left.op == "const":
            left, right = right, left
        if right.op == "const":
            if left.op == "const":
                return self.const(left.value * right.value)
            if right.value in (0, 1):
                return left if right.value else right
        corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        return self._make("mul", (left, right), low=min(corners), high=max(corners))

    def floor_div(self, left: Node, right: Node) -> Node:
        """left // right for right >= 1; asked only where left >= 0."""
        assert right.low >= 1, "the divisor is proven positive before"
        if right.op == "const" and right.value == 1:
            return left
        if left.op == "const" and right.op == "const":
            return self.const(left.value // right.value)
        low = left.low if left.low < 0 else left.low // right.high
        return self._make("idiv", (left, right), low=low, high=max(left.high, 0) // right.low)

    def extreme(self, op: str, left: Node, right: Node) -> Node:
        """min or max of the two"""
        lower, upper = (left, right) if op == "min" else (right, left)
        if lower.high <= upper.low:
            return left
        if upper.high <= lower.low:
            return right
        pick = min if op == "min" else max
        low, high = pick(left.low, right.low), pick(left.high, right.high)
        return self._make(op, (left, right), low=low, high=high)

    def case(self, condition: Node, then: Node, other: Node) -> Node:
        """`then` where the condition holds, `other` elsewhere"""
        if condition.op == "const":
            return then if condition.value else other
        if then is other:
            return then
        low, high = min(then.low, other.low), max(then.high, other.high)
        return self._make("case", (condition, then, other), low=low, high=high)

    def compare(self, op: str, left: Node, right: Node) -> Node:
        """left op right, for < <= > >= == !="""
        if op in (">", ">="):
            return self.compare("<" if op == ">" else "<=", right, left)
        if op == "!=":
            return self.negate(self.compare("==", left, right))
        if op == "==":
            return self._equal(left, right)
        if op == "<":
            always, never = left.high < right.low, left.low >= right.high
        else:
            always, never = left.high <= right.low, left.low > right.high
        if always or never:
            return self.const(int(always))
        name = "less" if op == "<" else "less_equal"
        return self._make(name, (left, right), low=0, high=1)

    def _equal(self, left: Node, right: Node) -> Node:
        if left is right:
            return self.const(1)
        if left.high < right.low or right.high < left.low:
            return self.const(0)
        return self._make("equal", (left, right), low=0, high=1)

    def negate(self, condition: Node) -> Node:
        """not condition"""
        if condition.op == "const":
            return self.const(1 - condition.value)
        return (
            condition.args[0]
            if condition.op == "not"
            else self._make("not", (condition,), low=0, high=1)
        )

    def join(self, op: str, conditions: Iterable[Node]) -> Node:
        """All of (`and`) or one of (`or`) the conditions"""
        settles = 0 if op == "and" else 1
        joined: Node | None = None
        for condition in conditions:
            if condition.op == "const":
                if condition.value == settles:
                    return condition
                continue
            joined = (
                condition if joined is None else self._make(op, (joined, condition), low=0, high=1)
            )
        return self.const(1 - settles) if joined is None else joined


def in_order(roots: Iterable[Node]) -> tuple[Node, ...]:
    """Every node under `roots` once, each after its arguments."""
    found: dict[int, Node] = {}
    stack = [(root, False) for root in reversed(tuple(roots))]
    while stack:
        node, done = stack.pop()
        if node.id in found:
            continue
        if done:
            found[node.id] = node
        else:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))
    return tuple(found.values())


def steps_to_keep(program: Iterable[Node]) -> frozenset[int]:
    """Ids of the steps that a text should compute once and name: used twice, or nested deep."""
    uses: dict[int, int] = {}
    depth: dict[int, int] = {}
    kept: set[int] = set()
    nodes = tuple(program)
    for node in nodes:
        for arg in node.args:
            uses[arg.id] = uses.get(arg.id, 0) + 1
    for node in nodes:
        depth[node.id] = 1 + max((depth[arg.id] for arg in node.args), default=-1)
        if node.args and (uses.get(node.id, 0) > 1 or depth[node.id] >= NESTING_MAX):
            kept.add(node.id)
            depth[node.id] = 0
    return frozenset(kept)
