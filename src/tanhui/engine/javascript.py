"""The browser's path: the integer form as one JavaScript function over BigInt, page or node."""

from __future__ import annotations

from .integer import IntegerForm
from .methodology import CODE_NO_PARAMETER
from .program_text import ProgramText, Syntax

JAVASCRIPT = Syntax(
    number="{0}n",
    truth=("false", "true"),
    keep="    const {name} = {value};",
    choose="({condition} ? {then} : {other})",
    refuse="(!{0})",
    infix={
        "add": "+",
        "sub": "-",
        "mul": "*",
        "idiv": "/",  # BigInt cuts towards zero; a negative dividend is never read
        "less": "<",
        "less_equal": "<=",
        "equal": "===",
        "and": "&&",
        "or": "||",
    },
)


def javascript_source(form: IntegerForm) -> str:
    """`quantify(cell, counts)`: cell id or -1, an array of BigInt -> [mg as BigInt, code].

    The counts must lie within the bounds of the fields, as for `closure.closure`.
    """
    writer = ProgramText(form.program, JAVASCRIPT)
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
