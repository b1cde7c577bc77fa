"""The array rules and the sequential rules give the same answer, however a stream is cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.batch.terms import LAW_SETS, PLAIN_LAWS, reading_of

from tanhui.engine.batch.events import (
    FRESH_TYPES,
    QUANTITIES,
    RESULT_TYPES,
    SHARE_TYPES,
    Columns,
    concatenate,
)
from tanhui.engine.batch.history import HISTORY_TYPES, READING_TYPES, no_history
from tanhui.engine.batch.laws import Laws
from tanhui.engine.batch.replay import settle_corrected
from tanhui.engine.batch.settle import Settled, settle_bucket
from tanhui.engine.batch.status import Detail, Status
from tanhui.engine.batch.totals import credited_totals

MINUTE = 60_000
DAY = 86_400_000
DAYS = (0, 0, 1, 2, 3, 32, 366)
"""Of 1970, so that days, months and years part."""

Row = dict[str, int]


def rows_of(laws: Laws, *, with_corrections: bool) -> st.SearchStrategy[list[Row]]:
    """Streams crowded enough that every rule meets every other."""
    ids = st.integers(1, 25)
    row = st.fixed_dictionaries(
        {
            "key_lo": ids,
            "payload": st.integers(1, 2),
            "person": st.sampled_from([64, 64, 64, 128]),
            "law": st.integers(0, laws.no_law - 1),
            "day": st.sampled_from(DAYS),
            "slot": st.integers(0, 24 * 6 - 1),
            "minutes": st.sampled_from([0, 5, 5, 30, 200]),
            "quantified": st.sampled_from([0, 1, 200, 500, 900, 900]),
            "code": st.sampled_from([0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 255]),
            "lapsed": st.sampled_from([0, 0, 0, 0, 0, 1]),
            "corrects_lo": st.one_of(st.just(0), ids) if with_corrections else st.just(0),
        }
    )
    return st.one_of(st.lists(row, max_size=8), st.lists(row, min_size=18, max_size=36))


def fresh_columns(rows: list[Row], first_row: int, laws: Laws) -> Columns:
    """Columns of a stream; a row under a law that reads history is quantified in its turn."""
    full = []
    for index, row in enumerate(rows):
        one = dict(row)
        law = laws[one["law"]]
        one["scene"] = law.scene
        one["start"] = one["day"] * DAY + one.pop("slot") * 10 * MINUTE
        one["end"] = one["start"] + one.pop("minutes") * MINUTE
        one["row"] = first_row + index
        one["key_hi"] = one["person"]  # an id belongs to a partner and a person
        one["corrects_hi"] = one["person"] if one["corrects_lo"] else 0
        one["region"] = 420100
        one |= reading_of(law, one)
        one["quantified"] = 0 if one["code"] else one["quantified"]
        one["mg_per_step"], one["points_per_step"] = 10, 1
        full.append(one)
    types = FRESH_TYPES | ({"cell": "i4"} | READING_TYPES if laws.observes.any() else {})
    return {name: np.array([one[name] for one in full], dtype=kind) for name, kind in types.items()}


def nothing_before(laws: Laws) -> Columns:
    return no_history(readings=bool(laws.observes.any()))


def remembered(fresh: Columns, settled: Settled, history: Columns, batch: int) -> Columns:
    """The history after a batch."""
    types = HISTORY_TYPES | (READING_TYPES if settled.quantities else {})
    grown = {name: fresh[name] for name in types if name in fresh} | settled.quantities
    grown |= {name: settled.results[name] for name in ("status", "detail", "mg", "points")}
    whole = {"person_mg": grown["mg"], "platform_mg": np.zeros_like(grown["mg"])}
    grown |= {name: settled.results.get(name, whole[name]) for name in SHARE_TYPES}
    grown["batch"] = np.full(len(fresh["row"]), batch)
    grown["reversed"] = np.zeros(len(fresh["row"]), dtype=bool)
    joined = concatenate([history, grown], types)
    reversals = settled.reversals
    for origin_batch, origin_row in zip(
        reversals["origin_batch"], reversals["origin_row"], strict=True
    ):
        target = (joined["batch"] == origin_batch) & (joined["row"] == origin_row)
        joined["reversed"] |= target
    return joined


def answers(columns: Columns, quantities: Columns) -> list[tuple[int, ...]]:
    """Results without the batch numbers, which depend on the cut."""
    names = [name for name in (*RESULT_TYPES, *SHARE_TYPES) if name != "other_batch"]
    found = [columns[name].tolist() for name in names if name in columns]
    found += [quantities[name].tolist() for name in QUANTITIES if quantities]
    return list(zip(*found, strict=True))


def rows_in(columns: Columns) -> list[tuple[int, ...]]:
    """The rows of columns in any order, sorted."""
    return sorted(zip(*(column.tolist() for column in columns.values()), strict=True))


ANY_LAWS = pytest.mark.parametrize("laws", list(LAW_SETS.values()), ids=list(LAW_SETS))


@ANY_LAWS
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_totals_are_the_sums_of_the_answers(laws: Laws, data: st.DataObject) -> None:
    fresh = fresh_columns(data.draw(rows_of(laws, with_corrections=True)), 1, laws)
    fresh["region"] = fresh["region"] + (fresh["row"] % 2 * 100).astype(np.int32)
    settled = settle_bucket(fresh, nothing_before(laws), laws, batch=1)
    expected = credited_totals(fresh, settled.results)
    assert rows_in(settled.totals) == rows_in(expected)


@ANY_LAWS
@settings(max_examples=80, deadline=None)
@given(st.data())
def test_arrays_answer_like_the_sequential_rules(laws: Laws, data: st.DataObject) -> None:
    fresh = fresh_columns(data.draw(rows_of(laws, with_corrections=False)), 1, laws)
    settled = settle_bucket(fresh, nothing_before(laws), laws, batch=1)
    one_by_one, _, filled = settle_corrected(fresh, nothing_before(laws), laws, 1)
    if not laws.splits.any():
        one_by_one = {name: one_by_one[name] for name in RESULT_TYPES}
    assert answers(settled.results, settled.quantities) == answers(one_by_one, filled)


@ANY_LAWS
@settings(max_examples=60, deadline=None)
@given(st.data(), st.lists(st.integers(0, 36), max_size=4))
def test_cutting_a_stream_changes_no_answer(
    laws: Laws, data: st.DataObject, cuts: list[int]
) -> None:
    rows = data.draw(rows_of(laws, with_corrections=data.draw(st.booleans())))
    whole = settle_bucket(fresh_columns(rows, 1, laws), nothing_before(laws), laws, batch=1)
    edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    history = nothing_before(laws)
    pieces, taken_back = [], [0, 0, 0]
    for batch, (first, end) in enumerate(pairwise(edges), start=1):
        fresh = fresh_columns(rows[first:end], first + 1, laws)
        settled = settle_bucket(fresh, history, laws, batch=batch)
        history = remembered(fresh, settled, history, batch)
        pieces += answers(settled.results, settled.quantities)
        for at, name in enumerate(("mg", *SHARE_TYPES)):
            taken_back[at] += int(settled.reversals[name].sum())
    assert pieces == answers(whole.results, whole.quantities)
    assert taken_back == [int(whole.reversals[name].sum()) for name in ("mg", *SHARE_TYPES)]


def settled_rows(rows: list[Row], laws: Laws = PLAIN_LAWS) -> Settled:
    return settle_bucket(fresh_columns(rows, 1, laws), nothing_before(laws), laws, batch=1)


def test_a_refused_correction_leaves_its_number_free() -> None:
    target = a_row(key_lo=1)
    early = a_row(key_lo=2, corrects_lo=1, quantified=200)
    fresh = fresh_columns([early], 1, PLAIN_LAWS)
    first = settle_bucket(fresh, no_history(), PLAIN_LAWS, batch=1)
    assert first.results["status"].tolist() == [Status.REJECTED]
    history = remembered(fresh, first, no_history(), 1)
    fresh = fresh_columns([target, early], 1, PLAIN_LAWS)
    later = settle_bucket(fresh, history, PLAIN_LAWS, batch=2)
    assert later.results["status"].tolist() == [Status.CREDITED, Status.CREDITED]
    assert later.results["mg"].tolist() == [700, 200]
    assert later.reversals["mg"].tolist() == [700]


def a_row(**changes: int) -> Row:
    """Five minutes of person 64, worth 700 mg under a cap of 1,000."""
    row = {
        "key_lo": 1, "payload": 1, "person": 64, "law": 0, "day": 0, "slot": 0, "minutes": 5,
        "quantified": 700, "code": 0, "lapsed": 0, "corrects_lo": 0,
    }  # fmt: skip
    return row | changes


def test_a_correction_reverses_and_restates() -> None:
    first = a_row()
    second = a_row(key_lo=2, slot=6, quantified=600)
    restated = a_row(key_lo=3, quantified=200, corrects_lo=1)
    settled = settled_rows([first, second, restated])
    assert settled.results["mg"].tolist() == [700, 300, 200]
    assert settled.results["points"].tolist() == [70, 30, 20]
    assert settled.results["status"].tolist() == [
        Status.CREDITED,
        Status.PARTLY_CAPPED,
        Status.CREDITED,
    ]
    assert settled.reversals["mg"].tolist() == [700]
    assert settled.reversals["origin_row"].tolist() == [1]


def test_a_lapsed_row_keeps_what_it_was_worth_and_frees_its_time() -> None:
    late = a_row(lapsed=1)
    in_time = a_row(key_lo=2)
    settled = settled_rows([late, in_time])
    assert settled.results["status"].tolist() == [Status.NOT_APPLICABLE, Status.CREDITED]
    assert settled.results["detail"].tolist() == [Detail.LAPSED, Detail.NONE]
    assert settled.results["quantified"].tolist() == [700, 700]
    assert settled.results["mg"].tolist() == [0, 700]
