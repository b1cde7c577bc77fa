"""The online path: the integer form as one Python function, about two microseconds an event.

The text of the function is written from proven integers and our own names only; nothing of a
methodology file reaches the Python compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from .integer import IntegerForm
from .intexpr import Node, steps_to_keep
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
        condition = writer.expression(check)
        lines += writer.taken()
        lines.append(f"    if not ({condition}): return 0, {failed}")
    mg = writer.expression(form.mg)
    lines += writer.taken()
    lines.append(f"    return {mg}, 0")
    return "\n".join(lines)


class _Writer:
    """Writes expressions; a step to keep gets a local name."""

    def __init__(self, form: IntegerForm) -> None:
        self.kept = steps_to_keep(form.program)
        self.names: dict[int, str] = {}
        self.lines: list[str] = []

    def taken(self) -> list[str]:
        """The assignments written since the last call."""
        lines, self.lines = self.lines, []
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
                text = f"c{node.value}[cell]"
            case "min" | "max":
                text = f"{node.op}({', '.join(map(self.expression, node.args))})"
            case "case":
                condition, then, other = map(self.expression, node.args)
                text = f"({then} if {condition} else {other})"
            case "not":
                text = f"(not {self.expression(node.args[0])})"
            case _:
                left, right = map(self.expression, node.args)
                text = f"({left} {_INFIX[node.op]} {right})"
        if node.id in self.kept:
            name = self.names[node.id] = f"t{node.id}"
            self.lines.append(f"    {name} = {text}")
            return name
        return text
