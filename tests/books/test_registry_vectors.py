"""What other registries publish about splits, serials and deductions, held against ours."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import transaction

from tanhui.books import serials
from tanhui.books.accounts import ensure_owner
from tanhui.books.acts import Act, record
from tanhui.books.assets import ensure_assets
from tanhui.books.models import HELD, RETIRED
from tanhui.core.serials import SerialRange
from tanhui.engine.pooling.line import cut_line, discounted

VECTORS = Path(__file__).parents[1] / "vectors" / "registry"


def vector(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def parse(text: str) -> SerialRange:
    first, last = text.split("-")
    return SerialRange(int(first), int(last))


def an_act(number: int) -> int:
    act = Act(verb="t.t.t", actor="test", at=datetime.now(UTC), key=f"v/{number}", request={})
    return record(act).journal


@pytest.mark.django_db
def test_the_published_lineage_of_a_block() -> None:
    """The owner keeps the low part; retired and held come to the published totals."""
    given = vector("undp_block_split_lineage")["lineage"]
    with transaction.atomic():
        asset = ensure_assets(["credit:vectors"])["credit:vectors"]
        owners: dict[str, int] = {}

        def account(name: str) -> int:
            number = owners.setdefault(name, len(owners) + 1)
            return ensure_owner("organisation", number, asset)

        blocks: dict[str, str] = {}
        for event in given["events"]:
            act, units = an_act(event["n"]), event["amount"]
            if event["op"] == "ISSUE":
                first = account(event["to"])
                serials.issue(journal=act, asset=asset, batch="B", units=units, owner=first)
            elif not event["op"].endswith("REJECTED"):
                whole = parse(blocks[event["block"]])
                block = serials.block_at(whole.first)
                assert block.serials == whole
                part = whole if units == whole.units else whole.split_high(units)[1]
                retires = event["op"] == "RETIRE"
                to = block.owner if retires else account(event["to"])
                state = RETIRED if retires else HELD
                serials.change(block, part, journal=act, state=state, owner=to)
            for name, span, who in event["result"]:
                blocks[name] = span
                standing = serials.block_at(parse(span).first)
                assert str(standing.serials) == span
                assert standing.state == (RETIRED if who == "retired" else HELD)
                assert who == "retired" or standing.owner == account(who)
        expected = given["expected_final"]
        assert serials.totals(asset) == {
            RETIRED: expected["retired_total"],
            HELD: expected["held_total"],
        }


def test_a_split_is_not_one_unit_too_long() -> None:
    case = vector("granular_certificate_split_trap")["case"]
    parent = SerialRange(case["parent"]["start"], case["parent"]["end"])
    parts = parent.split_high(parent.units - case["split"])
    found = [{"start": one.first, "end": one.last, "quantity": one.units} for one in parts]
    assert found == case["correct"]
    assert found != case["upstream_result"]


def test_blocks_follow_each_other_and_nothing_is_rounded_up() -> None:
    """Theirs rounds a fraction up to a whole credit; ours carries it to the next issue."""
    cases = vector("undp_v1_serial_and_calc")["block_rounding"]
    carried, last, credits = 0, 0, Fraction(0)
    for case in cases:
        mg = int(Fraction(str(case["credit"])) * 10**9)
        credits += Fraction(str(case["credit"]))
        cut = cut_line(carried + mg, owed=0, unit_mg=10**9)
        if cut.units:
            span = SerialRange(last + 1, last + cut.units)
            last = span.last
        carried = cut.carried
    assert last == int(credits)
    assert Fraction(last) + Fraction(carried, 10**9) == credits
    assert sum(case["rounded"] for case in cases) > credits, "theirs brought more into being"


@pytest.mark.parametrize("case", vector("omge_sop_deductions")["cases"], ids=str)
def test_deductions_in_per_cent(case: dict[str, Any]) -> None:
    """In mg the same deductions are exact, so a small issue pays its share too."""
    if not case["auto"]:
        assert case["net"] == case["total"]
        return
    omge, sop = Fraction(case["omge_pct"], 100), Fraction(case["sop_pct"], 100)
    assert case["omge"] == case["total"] * omge // 1
    assert case["sop"] == case["total"] * sop // 1
    assert case["net"] == case["total"] - case["omge"] - case["sop"]
    rows = np.full(case["total"], 10**9, dtype=np.int64)
    kept = discounted(rows[:1_000], 1 - omge - sop)
    assert int(kept.sum()) == len(kept) * 10**9 * (1 - omge - sop)


def test_many_small_issues_pay_what_one_large_one_pays() -> None:
    one = 10**9
    small = sum(int(discounted(np.array([one]), Fraction(93, 100)).sum()) for _ in range(1_000))
    assert small == 930 * one


def test_formats_of_other_registries_are_read_as_they_write_them() -> None:
    for name, given in vector("serial_formats_real_exports")["formats"].items():
        if "regex" not in given:
            continue
        found = re.fullmatch(given["regex"], given["example"])
        assert found, name
        assert SerialRange(int(found["a"]), int(found["b"])).units > 0
    formats = vector("regen_id_formats")
    assert re.fullmatch(formats["batch_denom"], formats["batch_example"])
