"""The integer form: proven bounds, folded constants, cell tables, and the texts written from it."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np

from tanhui.engine.closure import python_source
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.intexpr import NESTING_MAX, Builder, Node, in_order, steps_to_keep
from tanhui.engine.sql import duckdb_sql

from .methodology_texts import GOOD, VALUE, load, spoiled


def test_one_cell_leaves_one_multiplication_and_one_division() -> None:
    form = compile_form(load(GOOD))
    assert [node.op for node in form.program if node.args] == ["less", "mul", "add", "idiv"]
    assert form.bits == (300_000 * 392 + 2).bit_length() == 27
    assert form.cell_table == {}
    assert len(form.cells) == 1


def test_values_that_differ_stand_in_the_cell_table() -> None:
    second = VALUE.replace("2024-01-01", "2025-01-01").replace("78.4", "0.05")
    first = VALUE.replace("2024-01-01", "2024-01-01, to: 2025-01-01")
    form = compile_form(load(spoiled((VALUE, f"{first}\n      - {second}"))))
    assert form.cell_table["c0"].tolist() == [1_568, 1]
    assert form.cell_table["c0"].dtype == np.int64


def test_a_clause_that_always_holds_costs_nothing() -> None:
    form = compile_form(load(spoiled(("applies: distance > 0", "applies: distance >= 0"))))
    assert form.checks == ()


def test_a_clause_that_never_holds_is_kept() -> None:
    text = spoiled(
        ("applies: distance > 0", "applies: distance > 300*km"),
        ("{mg: 784000}", "{not_applicable: distance > 300*km}"),
    )
    form = compile_form(load(text))
    assert [(node.op, node.value, code) for node, code in form.checks] == [("const", 0, 2)]


def test_the_oracle_query_is_what_we_read_in_review() -> None:
    assert duckdb_sql(compile_form(load(GOOD)), "events") == (
        "WITH cells(id) AS (VALUES (0)),\n"
        "s0 AS (SELECT e.row AS row, cells.id IS NULL AS missing, e.q0::BIGINT AS q0 "
        "FROM events AS e LEFT JOIN cells ON e.cell = cells.id),\n"
        "final AS (SELECT row, (CASE WHEN missing THEN 1 WHEN NOT (((0)::BIGINT < q0)) THEN 2 "
        "ELSE 0 END)::UTINYINT AS code, "
        "(((q0 * (392)::BIGINT) + (2)::BIGINT) // (5)::BIGINT) AS raw FROM s0)\n"
        "SELECT row, CASE WHEN code = 0 THEN raw ELSE 0 END::BIGINT AS mg, code FROM final"
    )


def test_the_closure_is_what_we_read_in_review() -> None:
    assert python_source(compile_form(load(GOOD))).splitlines() == [
        "def quantify(cell, counts):",
        "    if cell < 0: return 0, 1",
        "    q0, = counts[:1]",
        "    if not ((0 < q0)): return 0, 2",
        "    return (((q0 * 392) + 2) // 5), 0",
    ]


def test_equal_parts_are_computed_once() -> None:
    text = spoiled(
        ("distance * rate", "max(distance * rate - 1*gCO2e, distance * rate / 2)"),
        ("mg: 784000", "mg: 783000"),
    )
    form = compile_form(load(text))
    assert [node.op for node in form.program].count("quantity") == 1
    assert "t" in python_source(form)


def test_intervals_hold_every_value() -> None:
    """Random trees: what a node computes always lies in the interval it promises."""
    chance = random.Random(7)
    for _ in range(300):
        build = Builder()
        leaves = [build.quantity(0, -3, 5), build.quantity(1, 0, 4), build.column((2, -7, 1))]
        nodes = [*leaves, build.const(chance.randint(-4, 4))]
        for _ in range(8):
            one, two, three = (chance.choice(nodes) for _ in range(3))
            nodes.append(
                chance.choice(
                    [
                        build.add(one, two),
                        build.sub(one, two),
                        build.mul(one, two),
                        build.extreme(chance.choice(["min", "max"]), one, two),
                        build.case(build.compare(chance.choice(["<", "=="]), one, two), two, three),
                    ]
                )
            )
        for _ in range(20):
            inputs = (chance.randint(-3, 5), chance.randint(0, 4), chance.choice((2, -7, 1)))
            for node in in_order(nodes):
                assert node.low <= value_of(node, inputs) <= node.high


def value_of(node: Node, inputs: tuple[int, int, int]) -> int:
    args = [value_of(arg, inputs) for arg in node.args]
    match node.op:
        case "const":
            return node.value
        case "quantity":
            return inputs[node.value]
        case "column":
            return inputs[2]
        case "add":
            return args[0] + args[1]
        case "sub":
            return args[0] - args[1]
        case "mul":
            return args[0] * args[1]
        case "min" | "max":
            return min(args) if node.op == "min" else max(args)
        case "case":
            return args[1] if args[0] else args[2]
        case _:
            return int(args[0] < args[1] if node.op == "less" else args[0] == args[1])


def test_deep_chains_are_cut_into_steps() -> None:
    build = Builder()
    node = build.quantity(0, 0, 9)
    for at in range(200):
        node = build.extreme("max", build.add(node, build.const(1)), build.const(at % 7 + 3))
    kept = steps_to_keep(in_order([node]))
    assert 200 // NESTING_MAX <= len(kept) <= 400


def test_rounding_by_floor_division_is_rounding_half_away() -> None:
    """(N + D // 2) // D is what `mass.round_half_away` gives for every N >= 0."""
    for below in range(1, 12):
        for above in range(60):
            exact = Fraction(above, below)
            assert (above + below // 2) // below == int(exact + Fraction(1, 2))
