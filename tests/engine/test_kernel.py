"""The kernel over many rows: blocks, mixed cells, refusals at its door."""

from __future__ import annotations

import numpy as np
import pytest

from tanhui.core.errors import InputRefused
from tanhui.engine.closure import closure
from tanhui.engine.integer import IntegerForm
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.kernel import BLOCK_ROWS, quantify

from .methodology_texts import GOOD, VALUE, load, spoiled

SECOND = VALUE.replace("2024-01-01", "2025-01-01").replace("78.4", "52.5")
TWO_CELLS = spoiled(
    (VALUE, VALUE.replace("2024-01-01", "2024-01-01, to: 2025-01-01") + f"\n      - {SECOND}"),
    (
        "distance * rate",
        "distance * rate if distance < 100*km else max(distance - 150*km, 0) * rate",
    ),
)


def random_rows(form: IntegerForm, rows: int) -> tuple[list[np.ndarray], np.ndarray]:
    random = np.random.default_rng(20240901)
    columns = [random.integers(low, high, rows, endpoint=True) for low, high in form.bounds]
    return columns, random.integers(-1, len(form.cells), rows).astype(np.int32)


@pytest.mark.parametrize("rows", [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_blocks_join_without_a_seam(rows: int) -> None:
    form = compile_form(load(TWO_CELLS))
    columns, cells = random_rows(form, rows)
    found = quantify(form, columns, cells)
    run = closure(form)
    expected = [
        run(cell, (count,)) for cell, count in zip(cells.tolist(), columns[0].tolist(), strict=True)
    ]
    assert list(zip(found.mg.tolist(), found.code.tolist(), strict=True)) == expected
    assert found.mg.dtype == np.int64
    assert found.code.dtype == np.uint8


def test_a_block_of_one_cell_gives_the_same_as_a_mixed_one() -> None:
    form = compile_form(load(TWO_CELLS))
    columns, cells = random_rows(form, 1_000)
    mixed = quantify(form, columns, cells)
    for cell in (-1, 0, 1):
        rows = cells == cell
        alone = quantify(form, [columns[0][rows]], cells[rows])
        assert (alone.mg == mixed.mg[rows]).all()
        assert (alone.code == mixed.code[rows]).all()


def test_the_input_is_left_as_it_was() -> None:
    form = compile_form(load(TWO_CELLS))
    columns, cells = random_rows(form, 1_000)
    before = (columns[0].copy(), cells.copy())
    quantify(form, columns, cells)
    assert (columns[0] == before[0]).all()
    assert (cells == before[1]).all()


def test_unused_slots_are_ignored() -> None:
    form = compile_form(load(GOOD))
    cells = np.zeros(3, dtype=np.int32)
    counts = np.array([0, 1, 1_000], dtype=np.int64)
    found = quantify(form, [counts, counts, counts, counts], cells)
    assert found.mg.tolist() == [0, 78, 78_400]
    assert found.code.tolist() == [2, 0, 0]


@pytest.mark.parametrize(
    ("counts", "cells", "code"),
    [
        ([-1], [0], "kernel.value.out_of_bounds"),
        ([300_001], [0], "kernel.value.out_of_bounds"),
        ([1], [1], "kernel.value.out_of_bounds"),
        ([1], [-2], "kernel.value.out_of_bounds"),
        ([1, 2], [0], "kernel.columns.ragged"),
        (None, [0], "kernel.columns.ragged"),
    ],
)
def test_what_the_proof_does_not_cover_is_refused(
    counts: list[int] | None, cells: list[int], code: str
) -> None:
    columns = [] if counts is None else [np.array(counts, dtype=np.int64)]
    with pytest.raises(InputRefused) as caught:
        quantify(compile_form(load(GOOD)), columns, np.array(cells, dtype=np.int32))
    assert caught.value.code == code
