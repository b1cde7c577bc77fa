"""The walk from the integer form to the text of a function; each language brings its syntax.

The text is written from proven integers and our own names only; nothing of a methodology file
reaches a compiler or a reader's browser as code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .intexpr import Node, in_order, steps_to_keep


@dataclass(frozen=True)
class Syntax:
    """How one language writes what the integer form says; patterns for `str.format`."""

    number: str  # {0}
    truth: tuple[str, str]  # what does not hold, what holds
    keep: str  # {name} and {value}: a line that names a step
    choose: str  # {condition}, {then}, {other}
    refuse: str  # {0}: not
    infix: Mapping[str, str]


class ProgramText:
    """Writes expressions; a step to keep gets a local name."""

    def __init__(self, program: Iterable[Node], syntax: Syntax) -> None:
        self.kept = steps_to_keep(program)
        self.syntax = syntax
        self.names: dict[int, str] = {}

    def steps_before(self, root: Node) -> list[str]:
        """Lines that keep the steps under `root` without a name yet, arguments first."""
        lines = []
        for node in in_order([root]):
            if node.id in self.kept and node.id not in self.names and node is not root:
                text = self.condition(node) if node.is_condition else self.expression(node)
                lines.append(self.syntax.keep.format(name=f"t{node.id}", value=text))
                self.names[node.id] = f"t{node.id}"
        return lines

    def condition(self, node: Node) -> str:
        """The text of a condition; a constant stands for true or false."""
        if node.op == "const":
            return self.syntax.truth[node.value != 0]
        return self.expression(node)

    def expression(self, node: Node) -> str:
        """The text of a node."""
        if node.id in self.names:
            return self.names[node.id]
        match node.op:
            case "const":
                text = self.syntax.number.format(node.value)
                return f"({text})" if node.value < 0 else text
            case "quantity":
                return f"q{node.value}"
            case "column":
                return f"c{node.value}[cell]"
            case "min" | "max":
                return f"{node.op}({', '.join(map(self.expression, node.args))})"
            case "case":
                condition, then, other = node.args
                return self.syntax.choose.format(
                    condition=self.condition(condition),
                    then=self.expression(then),
                    other=self.expression(other),
                )
            case "not":
                return self.syntax.refuse.format(self.condition(node.args[0]))
            case "and" | "or":
                left, right = map(self.condition, node.args)
            case _:
                left, right = map(self.expression, node.args)
        return f"({left} {self.syntax.infix[node.op]} {right})"
