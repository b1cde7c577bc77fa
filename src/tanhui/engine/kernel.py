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

from .cells import NO_CELL
from .integer import IntegerForm
from .intexpr import Node
from .methodology import CODE_NO_PARAMETER

BLOCK_ROWS = 1 << 16

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
    _refuse_ragged(form, used, rows)
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


def _refuse_ragged(
    form: IntegerForm, quantities: Sequence[npt.NDArray[np.int64]], rows: int
) -> None:
    if len(quantities) != len(form.bounds) or any(len(each) != rows for each in quantities):
        raise InputRefused(
            "kernel.columns.ragged",
            zh=f"需要 {len(form.bounds)} 列数量，每列 {rows} 行；请核对。",
            en=f"The form needs {len(form.bounds)} quantity columns of {rows} rows each; "
            "check the columns.",
        )


def _refuse_outside(column: npt.NDArray[Any], low: int, high: int) -> None:
    """The proof of the integer form holds only inside; asked block by block, while it is hot."""
    if column.min() < low or column.max() > high:
        raise InputRefused(
            "kernel.value.out_of_bounds",
            zh=f"数量列超出已证明的范围 {low}..{high}；请先校验。",
            en=f"A column leaves the proven range {low}..{high}; validate the rows first.",
        )


class _Block:
    """Working memory for one block of rows, reused from block to block."""

    def __init__(self, form: IntegerForm) -> None:
        self.form = form
        self.buffers: dict[int, npt.NDArray[Any]] = {}
        self.places = np.empty(BLOCK_ROWS, dtype=np.intp)
        self.byte_mask = np.empty(BLOCK_ROWS, dtype=np.uint8)
        self.word_mask = np.empty(BLOCK_ROWS, dtype=np.int64)
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
        for column, (low, high) in zip(quantities, self.form.bounds, strict=True):
            _refuse_outside(column, low, high)
        first_cell, last_cell = int(cells.min()), int(cells.max())
        if first_cell < NO_CELL or last_cell >= len(self.form.cells):
            _refuse_outside(cells, NO_CELL, len(self.form.cells) - 1)
        one_cell = first_cell == last_cell
        places = self.places[:rows]
        np.copyto(places, cells)
        values: dict[int, Column] = {}
        for node in self.form.program:
            if node.op == "const":
                values[node.id] = node.value
            elif node.op == "quantity":
                values[node.id] = quantities[node.value]
            elif node.op == "column" and one_cell:
                values[node.id] = int(self.tables[node.value][first_cell])
            elif node.op == "column":
                values[node.id] = self._take(node, places)
            else:
                out = mg if node is self.form.mg else self._buffer(node, rows)
                args = [values[arg.id] for arg in node.args]
                values[node.id] = self._apply(node, args, out)
        if values[self.form.mg.id] is not mg:
            mg[:] = values[self.form.mg.id]
        for check, failed in reversed(self.form.checks):
            self._mark(code, failed, where=values[check.id])
        if first_cell < 0:
            self._mark(code, CODE_NO_PARAMETER, where=cells >= 0)
        if code.any():
            mg &= self._words(code == 0)

    def _mark(self, code: npt.NDArray[np.uint8], failed: int, *, where: Column) -> None:
        """Write `failed` where the condition does not hold; by bits, because a copy under a
        mask branches on every row and is ten times slower on mixed rows.
        """
        if isinstance(where, np.ndarray):
            mask = self.byte_mask[: len(code)]
            np.negative(where.view(np.uint8), out=mask)
            code &= mask
            np.invert(mask, out=mask)
            mask &= np.uint8(failed)
            code |= mask
        elif not where:
            code.fill(failed)

    def _words(self, condition: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """All bits set where the condition holds, none elsewhere."""
        mask = self.word_mask[: len(condition)]
        np.copyto(mask, condition)
        return np.negative(mask, out=mask)

    def _take(self, node: Node, places: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
        table = self.tables[node.value]
        if table.dtype == np.object_:
            return table[places]
        return np.take(table, places, out=self._buffer(node, len(places)), mode="wrap")

    def _apply(self, node: Node, args: list[Column], out: npt.NDArray[Any]) -> Column:
        if all(isinstance(arg, (int, np.bool_)) for arg in args):
            return _scalar(node.op, args)
        if node.is_wide or any(arg.is_wide for arg in node.args):
            return _apply_wide(node, args)
        if node.op == "case":
            return self._choose(args, out)
        return _UFUNCS[node.op](*args, out=out)

    def _choose(self, args: list[Column], out: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """then where the condition holds, other elsewhere, by bits."""
        condition, then, other = args
        if not isinstance(condition, np.ndarray):
            out[:] = then if condition else other
            return out
        np.bitwise_xor(then, other, out=out)
        out &= self._words(condition)
        out ^= other
        return out

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
