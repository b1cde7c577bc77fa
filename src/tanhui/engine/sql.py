"""The oracle: the integer form as one DuckDB query, to check the kernel with another engine.

Whole numbers only: `//` on integers, never through double; every literal is cast, because DuckDB
multiplies two INTEGER literals in 32 bits. Where the bound says so, HUGEINT.
"""

from __future__ import annotations

from .integer import IntegerForm
from .intexpr import NARROW_MAX, Node, steps_to_keep
from .methodology import CODE_NO_PARAMETER

_INFIX = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "idiv": "//",
    "less": "<",
    "less_equal": "<=",
    "equal": "=",
    "and": "AND",
    "or": "OR",
}


def duckdb_sql(form: IntegerForm, table: str) -> str:
    """A query with columns (row, mg, code) over `table` (row, cell, q0, q1 ... by field).

    Steps used more than once become columns of a stage of their own, so the text stays short.
    """
    if not form.cells:
        missing = f"SELECT row, 0::BIGINT AS mg, {CODE_NO_PARAMETER}::UTINYINT AS code"
        return f"{missing} FROM {table}"
    return _Query(form, table).text()


class _Query:
    def __init__(self, form: IntegerForm, table: str) -> None:
        self.form = form
        self.table = table
        # A number of a cell that no step needs may be wider than every step.
        numbers = (value for column in form.columns for value in column)
        wide = form.bits > NARROW_MAX.bit_length() or any(
            abs(each) > NARROW_MAX for each in numbers
        )
        self.type = "HUGEINT" if wide else "BIGINT"
        self.kept = steps_to_keep(form.program)
        self.names: dict[int, str] = {}

    def text(self) -> str:
        stages = ["s0 AS (" + self._leaves() + ")"]
        for node in self.form.program:
            if node.id in self.kept:
                at = len(stages)
                stage = f"SELECT *, {self._expression(node)} AS t{node.id} FROM s{at - 1}"
                stages.append(f"s{at} AS MATERIALIZED ({stage})")
                self.names[node.id] = f"t{node.id}"
        last = f"s{len(stages) - 1}"
        code = f"CASE WHEN missing THEN {CODE_NO_PARAMETER}"
        for check, failed in self.form.checks:
            code += f" WHEN NOT ({self._expression(check)}) THEN {failed}"
        final = (
            f"SELECT row, ({code} ELSE 0 END)::UTINYINT AS code, "
            f"{self._expression(self.form.mg)} AS raw FROM {last}"
        )
        return (
            f"WITH cells({self._cell_columns()}) AS (VALUES {self._cell_rows()}),\n"
            + ",\n".join(stages)
            + f",\nfinal AS ({final})\n"
            "SELECT row, CASE WHEN code = 0 THEN raw ELSE 0 END::BIGINT AS mg, code FROM final"
        )

    def _cell_columns(self) -> str:
        return ", ".join(["id", *self.form.cell_table])

    def _cell_rows(self) -> str:
        rows = []
        for cell in self.form.cells:
            numbers = [f"{values[cell.id]}::{self.type}" for values in self.form.columns]
            rows.append("(" + ", ".join([str(cell.id), *numbers]) + ")")
        return ", ".join(rows)

    def _leaves(self) -> str:
        quantities = [f"e.q{slot}::{self.type} AS q{slot}" for slot in range(len(self.form.bounds))]
        columns = [f"cells.{name}" for name in self.form.cell_table]
        chosen = ", ".join(["e.row AS row", "cells.id IS NULL AS missing", *quantities, *columns])
        return f"SELECT {chosen} FROM {self.table} AS e LEFT JOIN cells ON e.cell = cells.id"

    def _expression(self, node: Node) -> str:
        if node.id in self.names:
            return self.names[node.id]
        match node.op:
            case "const":
                return f"({node.value})::{self.type}"
            case "quantity":
                return f"q{node.value}"
            case "column":
                return f"c{node.value}"
        args = [self._expression(arg) for arg in node.args]
        match node.op:
            case "min" | "max":
                name = "least" if node.op == "min" else "greatest"
                return f"{name}({args[0]}, {args[1]})"
            case "case":
                return f"CASE WHEN {args[0]} THEN {args[1]} ELSE {args[2]} END"
            case "not":
                return f"(NOT {args[0]})"
            case _:
                return f"({args[0]} {_INFIX[node.op]} {args[1]})"
