"""The kernel: the integer form over NumPy columns, in blocks that stay in the processor's cache.

The caller groups rows by methodology. Steps within 64 bits run in place in int64; a step proven
only for 127 bits runs on Python integers in an object column: slower, and just as exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tanhui.core.errors import InputRefused

from .integer import IntegerForm
from .intexpr import Node
from .methodology import CODE_NO_PARAMETER

BLOCK_ROWS = 1 << 15

_UFUNCS: dict[str, np.ufunc] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "min": np.minimum,
    "max": np.maximum,
    "idiv": np.floor_divide,
    "less": np.less,
    "less_equal": np.less_equal,
    "equal": np.equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
}

Column = Any  # an int64, bool or object array of the block, or one Python int for all of it


@dataclass(frozen=True)
class Quantified:
    """Milligrams and codes, row by row; `mg` is 0 wherever `code` is not 0."""

    mg: npt.NDArray[np.int64]
    code: npt.NDArray[np.uint8]


def quantify(
    form: IntegerForm,
    quantities: Sequence[npt.NDArray[np.int64]],
    cells: npt.NDArray[np.int32],
) -> Quantified:
    """Results of rows of one methodology.

    `quantities` are whole counts per field (extra slots are ignored), `cells` are ids or -1.
    Raises `InputRefused` when a count lies outside the bounds the form is proven for.
    """
    rows = len(cells)
    used = quantities[: len(form.bounds)]
    _refuse_out_of_bounds(form, used, cells)
    mg = np.zeros(rows, dtype=np.int64)
    code = np.zeros(rows, dtype=np.uint8)
    if not form.cells:
        code.fill(CODE_NO_PARAMETER)
        return Quantified(mg, code)
    block = _Block(form)
    for start in range(0, rows, BLOCK_ROWS):
        part = slice(start, min(start + BLOCK_ROWS, rows))
        block.run([column[part] for column in used], cells[part], mg[part], code[part])
    return Quantified(mg, code)


def _refuse_out_of_bounds(
    form: IntegerForm,
    quantities: Sequence[npt.NDArray[np.int64]],
    cells: npt.NDArray[np.int32],
) -> None:
    if len(quantities) != len(form.bounds):
        raise InputRefused(
            "kernel.columns.missing",
            zh=f"需要 {len(form.bounds)} 列数量，只给了 {len(quantities)} 列。",
            en=f"The form needs {len(form.bounds)} quantity columns, got {len(quantities)}.",
        )
    if len(cells) == 0:
        return
    limits = [*form.bounds, (-1, len(form.cells) - 1)]
    columns: list[npt.NDArray[Any]] = [*quantities, cells]
    for column, (low, high) in zip(columns, limits, strict=True):
        if len(column) != len(cells) or column.min() < low or column.max() > high:
            raise InputRefused(
                "kernel.value.out_of_bounds",
                zh=f"数量列超出已证明的范围 {low}..{high}，或行数不一致；请先校验。",
                en=f"A column leaves the proven range {low}..{high} or differs in length; "
                "validate the rows first.",
            )


class _Block:
    """Working memory for one block of rows, reused from block to block."""

    def __init__(self, form: IntegerForm) -> None:
        self.form = form
        self.buffers: dict[int, npt.NDArray[Any]] = {}
        # One row more than there are cells: id -1 reads it, so a missing cell needs no branch.
        self.tables = [np.append(table, table[:1]) for table in form.cell_table.values()]

    def run(
        self,
        quantities: list[npt.NDArray[np.int64]],
        cells: npt.NDArray[np.int32],
        mg: npt.NDArray[np.int64],
        code: npt.NDArray[np.uint8],
    ) -> None:
        """Fill `mg` and `code` of one block."""
        rows = len(cells)
        first_cell, one_cell = int(cells[0]), bool((cells == cells[0]).all())
        values: dict[int, Column] = {}
        for node in self.form.program:
            if node.op == "const":
                values[node.id] = node.value
            elif node.op == "quantity":
                values[node.id] = quantities[node.value]
            elif node.op == "column":
                table = self.tables[node.value]
                values[node.id] = (
                    int(table[first_cell]) if one_cell else self._take(node, table, cells)
                )
            else:
                values[node.id] = self._apply(node, [values[arg.id] for arg in node.args], rows)
        mg[:] = values[self.form.mg.id]
        for check, failed in reversed(self.form.checks):
            np.copyto(code, failed, where=np.logical_not(values[check.id]))
        if first_cell < 0 or not one_cell:
            np.copyto(code, CODE_NO_PARAMETER, where=cells < 0)
        if code.any():
            mg[code != 0] = 0

    def _take(
        self, node: Node, table: npt.NDArray[Any], cells: npt.NDArray[np.int32]
    ) -> npt.NDArray[Any]:
        if table.dtype == np.object_:
            return table[cells]
        return np.take(table, cells, out=self._buffer(node, len(cells)), mode="wrap")

    def _apply(self, node: Node, args: list[Column], rows: int) -> Column:
        if all(isinstance(arg, (int, np.bool_)) for arg in args):
            return _scalar(node.op, args)
        if node.is_wide or any(arg.is_wide for arg in node.args):
            return _apply_wide(node, args)
        out = self._buffer(node, rows)
        if node.op == "case":
            np.copyto(out, args[2])
            np.copyto(out, args[1], where=np.asarray(args[0], dtype=np.bool_))
            return out
        return _UFUNCS[node.op](*args, out=out)

    def _buffer(self, node: Node, rows: int) -> npt.NDArray[Any]:
        buffer = self.buffers.get(node.id)
        if buffer is None:
            kind = np.bool_ if node.is_condition else np.int64
            buffer = self.buffers[node.id] = np.empty(BLOCK_ROWS, dtype=kind)
        return buffer[:rows]


def _apply_wide(node: Node, args: list[Column]) -> Column:
    """One step on Python integers; back to int64 or bool as soon as the result fits."""
    wide = [
        arg.astype(np.object_) if isinstance(arg, np.ndarray) and arg.dtype == np.int64 else arg
        for arg in args
    ]
    found = np.where(*wide) if node.op == "case" else _UFUNCS[node.op](*wide)
    if node.is_condition:
        return found.astype(np.bool_)
    return found if node.is_wide else found.astype(np.int64)


def _scalar(op: str, args: list[int]) -> int:
    """One step on whole numbers that are the same for the whole block."""
    match op:
        case "case":
            return args[1] if args[0] else args[2]
        case "not":
            return int(not args[0])
        case "add":
            return args[0] + args[1]
        case "sub":
            return args[0] - args[1]
        case "mul":
            return args[0] * args[1]
        case "idiv":
            return args[0] // args[1]
        case "min" | "max":
            return min(args) if op == "min" else max(args)
        case "and" | "or":
            return int(all(args)) if op == "and" else int(any(args))
        case _:
            left, right = args
            return int({"less": left < right, "less_equal": left <= right}.get(op, left == right))
