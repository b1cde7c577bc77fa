"""The online path: the integer form as one Python function, about two microseconds an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from .integer import IntegerForm
from .methodology import CODE_NO_PARAMETER
from .program_text import ProgramText, Syntax

Quantify = Callable[[int, tuple[int, ...]], tuple[int, int]]

PYTHON = Syntax(
    number="{0}",
    truth=("False", "True"),
    keep="    {name} = {value}",
    choose="({then} if {condition} else {other})",
    refuse="(not {0})",
    infix={
        "add": "+",
        "sub": "-",
        "mul": "*",
        "idiv": "//",
        "less": "<",
        "less_equal": "<=",
        "equal": "==",
        "and": "and",
        "or": "or",
    },
)


def closure(form: IntegerForm) -> Quantify:
    """A function (cell id or -1, counts in field order) -> (mg, code).

    The counts must lie within the bounds of the fields, as validation leaves them.
    """
    names: dict[str, object] = {f"c{at}": values for at, values in enumerate(form.columns)}
    exec(python_source(form), names)  # our own text, see program_text
    return cast(Quantify, names["quantify"])


def python_source(form: IntegerForm) -> str:
    """The text of the function."""
    writer = ProgramText(form.program, PYTHON)
    lines = ["def quantify(cell, counts):"]
    lines += [f"    if cell < 0: return 0, {CODE_NO_PARAMETER}"]
    if not form.cells:
        return "\n".join([*lines, f"    return 0, {CODE_NO_PARAMETER}"])
    slots = ", ".join(f"q{slot}" for slot in range(len(form.bounds)))
    lines.append(f"    {slots}, = counts[:{len(form.bounds)}]")
    for check, failed in form.checks:
        lines += writer.steps_before(check)
        lines.append(f"    if not ({writer.condition(check)}): return 0, {failed}")
    lines += writer.steps_before(form.mg)
    lines.append(f"    return {writer.expression(form.mg)}, 0")
    return "\n".join(lines)
