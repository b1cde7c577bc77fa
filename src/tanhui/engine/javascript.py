"""The browser's path: the integer form as one JavaScript function over BigInt, for a page or node.

The text is written from proven integers and our own names only; nothing of a methodology file
reaches the reader's browser as code.
"""

from __future__ import annotations

from .integer import IntegerForm
from .intexpr import Node, in_order, steps_to_keep
from .methodology import CODE_NO_PARAMETER

_INFIX = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "idiv": "/",  # BigInt cuts towards zero; a negative dividend is never read
    "less": "<",
    "less_equal": "<=",
    "equal": "===",
    "and": "&&",
    "or": "||",
}


def javascript_source(form: IntegerForm) -> str:
    """`quantify(cell, counts)`: cell id or -1, an array of BigInt -> [mg as BigInt, code].

    The counts must lie within the bounds of the fields, as for `closure.closure`.
    """
    writer = _Writer(form)
    lines = ['"use strict";', "const quantify = (() => {"]
    lines += [f"  const c{at} = [{_list(values)}];" for at, values in enumerate(form.columns)]
    lines += [
        "  const min = (a, b) => a < b ? a : b;",
        "  const max = (a, b) => a > b ? a : b;",
        "  return (cell, counts) => {",
        f"    if (cell < 0) return [0n, {CODE_NO_PARAMETER}];",
    ]
    if form.cells:
        slots = ", ".join(f"q{slot}" for slot in range(len(form.bounds)))
        lines.append(f"    const [{slots}] = counts;")
        for check, failed in form.checks:
            lines += writer.steps_before(check)
            lines.append(f"    if (!({writer.condition(check)})) return [0n, {failed}];")
        lines += writer.steps_before(form.mg)
        lines.append(f"    return [{writer.expression(form.mg)}, 0];")
    else:
        lines.append(f"    return [0n, {CODE_NO_PARAMETER}];")
    return "\n".join([*lines, "  };", "})();", ""])


def _list(values: tuple[int, ...]) -> str:
    return ", ".join(f"{value}n" for value in values)


class _Writer:
    """Writes expressions; a step to keep gets a local name."""

    def __init__(self, form: IntegerForm) -> None:
        self.kept = steps_to_keep(form.program)
        self.names: dict[int, str] = {}

    def steps_before(self, root: Node) -> list[str]:
        """Declarations of the kept steps under `root` that have no name yet, arguments first."""
        lines = []
        for node in in_order([root]):
            if node.id in self.kept and node.id not in self.names and node is not root:
                text = self.condition(node) if node.is_condition else self.expression(node)
                lines.append(f"    const t{node.id} = {text};")
                self.names[node.id] = f"t{node.id}"
        return lines

    def condition(self, node: Node) -> str:
        """The text of a condition; a constant stands for true or false."""
        if node.op == "const":
            return "true" if node.value else "false"
        return self.expression(node)

    def expression(self, node: Node) -> str:
        """The text of a node."""
        if node.id in self.names:
            return self.names[node.id]
        match node.op:
            case "const":
                return f"({node.value}n)" if node.value < 0 else f"{node.value}n"
            case "quantity":
                return f"q{node.value}"
            case "column":
                return f"c{node.value}[cell]"
            case "min" | "max":
                return f"{node.op}({', '.join(map(self.expression, node.args))})"
            case "case":
                condition, then, other = node.args
                chosen = f"{self.expression(then)} : {self.expression(other)}"
                return f"({self.condition(condition)} ? {chosen})"
            case "not":
                return f"(!{self.condition(node.args[0])})"
            case "and" | "or":
                left, right = map(self.condition, node.args)
                return f"({left} {_INFIX[node.op]} {right})"
            case _:
                left, right = map(self.expression, node.args)
                return f"({left} {_INFIX[node.op]} {right})"
