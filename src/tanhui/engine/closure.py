"""The online path: the integer form as one Python function, about two microseconds an event.

The text of the function is written from proven integers and our own names only; nothing of a
methodology file reaches the Python compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from .integer import IntegerForm
from .intexpr import Node, in_order, steps_to_keep
from .methodology import CODE_NO_PARAMETER

Quantify = Callable[[int, tuple[int, ...]], tuple[int, int]]

_INFIX = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "idiv": "//",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "and": "and",
    "or": "or",
}


def closure(form: IntegerForm) -> Quantify:
    """A function (cell id or -1, counts in field order) -> (mg, code).

    The counts must lie within the bounds of the fields, as validation leaves them.
    """
    names: dict[str, object] = {f"c{at}": values for at, values in enumerate(form.columns)}
    exec(python_source(form), names)  # our own text, see the module's docstring
    return cast(Quantify, names["quantify"])


def python_source(form: IntegerForm) -> str:
    """The text of the function."""
    writer = _Writer(form)
    lines = ["def quantify(cell, counts):"]
    lines += [f"    if cell < 0: return 0, {CODE_NO_PARAMETER}"]
    if not form.cells:
        return "\n".join([*lines, f"    return 0, {CODE_NO_PARAMETER}"])
    slots = ", ".join(f"q{slot}" for slot in range(len(form.bounds)))
    lines.append(f"    {slots}, = counts[:{len(form.bounds)}]")
    for check, failed in form.checks:
        lines += writer.steps_before(check)
        lines.append(f"    if not ({writer.expression(check)}): return 0, {failed}")
    lines += writer.steps_before(form.mg)
    lines.append(f"    return {writer.expression(form.mg)}, 0")
    return "\n".join(lines)


class _Writer:
    """Writes expressions; a step to keep gets a local name."""

    def __init__(self, form: IntegerForm) -> None:
        self.kept = steps_to_keep(form.program)
        self.names: dict[int, str] = {}

    def steps_before(self, root: Node) -> list[str]:
        """Assignments of the kept steps under `root` that have no name yet, arguments first."""
        lines = []
        for node in in_order([root]):
            if node.id in self.kept and node.id not in self.names and node is not root:
                lines.append(f"    t{node.id} = {self.expression(node)}")
                self.names[node.id] = f"t{node.id}"
        return lines

    def expression(self, node: Node) -> str:
        """The text of a node."""
        if node.id in self.names:
            return self.names[node.id]
        match node.op:
            case "const":
                return f"({node.value})" if node.value < 0 else str(node.value)
            case "quantity":
                return f"q{node.value}"
            case "column":
                return f"c{node.value}[cell]"
            case "min" | "max":
                return f"{node.op}({', '.join(map(self.expression, node.args))})"
            case "case":
                condition, then, other = map(self.expression, node.args)
                return f"({then} if {condition} else {other})"
            case "not":
                return f"(not {self.expression(node.args[0])})"
            case _:
                left, right = map(self.expression, node.args)
                return f"({left} {_INFIX[node.op]} {right})"
