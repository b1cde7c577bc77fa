"""The array rules and the sequential rules give the same answer, however a stream is cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tanhui.engine.batch.events import FRESH_TYPES, RESULT_TYPES, Columns, concatenate
from tanhui.engine.batch.history import HISTORY_TYPES, no_history
from tanhui.engine.batch.replay import settle_corrected
from tanhui.engine.batch.settle import Settled, settle_bucket
from tanhui.engine.batch.status import Status
from tanhui.engine.batch.totals import credited_totals

MINUTE = 60_000
DAY = 86_400_000


def rows_of(*, with_corrections: bool) -> st.SearchStrategy[list[dict[str, int]]]:
    """Streams crowded enough that every rule meets every other."""
    ids = st.integers(1, 12)
    return st.lists(
        st.fixed_dictionaries(
            {
                "key_lo": ids,
                "payload": st.integers(1, 2),
                "person": st.sampled_from([64, 128, 192]),
                "scene": st.integers(0, 1),
                "start": st.integers(0, 2 * 24 * 6).map(lambda n: n * 10 * MINUTE),
                "minutes": st.sampled_from([0, 5, 30, 200]),
                "quantified": st.integers(0, 900),
                "code": st.sampled_from([0, 0, 0, 0, 1, 2, 4, 255]),
                "cap": st.sampled_from([-1, 500, 1000, 1000]),
                "exclusive": st.sampled_from([1, 1, 1, 0]),
                "corrects_lo": st.one_of(st.just(0), ids) if with_corrections else st.just(0),
            }
        ),
        max_size=30,
    )


def fresh_columns(rows: list[dict[str, int]], first_row: int) -> Columns:
    """Columns of a stream; the cap belongs to the scene and day unless the row says otherwise."""
    full = []
    for index, row in enumerate(rows):
        one = dict(row)
        one["end"] = one["start"] + one.pop("minutes") * MINUTE
        one["day"] = one["start"] // DAY
        one["row"] = first_row + index
        one["key_hi"] = one["person"]  # an id belongs to a partner and a person
        one["corrects_hi"] = one["person"] if one["corrects_lo"] else 0
        one["region"] = 420100
        one["quantified"] = 0 if one["code"] else one["quantified"]
        one["mg_per_step"], one["points_per_step"] = 10, 1
        full.append(one)
    return {
        name: np.array([one[name] for one in full], dtype=kind)
        for name, kind in FRESH_TYPES.items()
    }


def remembered(fresh: Columns, settled: Settled, history: Columns, batch: int) -> Columns:
    """The history after a batch."""
    grown = {name: fresh[name] for name in HISTORY_TYPES if name in fresh}
    grown |= {name: settled.results[name] for name in ("status", "mg", "points")}
    grown["batch"] = np.full(len(fresh["row"]), batch)
    grown["reversed"] = np.zeros(len(fresh["row"]), dtype=bool)
    joined = concatenate([history, grown], HISTORY_TYPES)
    reversals = settled.reversals
    for origin_batch, origin_row in zip(
        reversals["origin_batch"], reversals["origin_row"], strict=True
    ):
        target = (joined["batch"] == origin_batch) & (joined["row"] == origin_row)
        joined["reversed"] |= target
    return joined


def answers(columns: Columns) -> list[tuple[int, ...]]:
    """Results without the batch numbers, which depend on the cut."""
    names = [name for name in RESULT_TYPES if name != "other_batch"]
    return list(zip(*(columns[name].tolist() for name in names), strict=True))


def rows_in(columns: Columns) -> list[tuple[int, ...]]:
    """The rows of columns in any order, sorted."""
    return sorted(zip(*(column.tolist() for column in columns.values()), strict=True))


@settings(max_examples=400, deadline=None)
@given(rows_of(with_corrections=True))
def test_totals_are_the_sums_of_the_answers(rows: list[dict[str, int]]) -> None:
    fresh = fresh_columns(rows, 1)
    fresh["region"] = fresh["region"] + (fresh["row"] % 2 * 100).astype(np.int32)
    settled = settle_bucket(fresh, no_history(), batch=1)
    expected = credited_totals(fresh, settled.results)
    assert rows_in(settled.totals) == rows_in(expected)


@settings(max_examples=400, deadline=None)
@given(rows_of(with_corrections=False))
def test_arrays_answer_like_the_sequential_rules(rows: list[dict[str, int]]) -> None:
    fresh = fresh_columns(rows, 1)
    by_arrays = settle_bucket(fresh, no_history(), batch=1).results
    one_by_one, _ = settle_corrected(fresh, no_history(), 1)
    assert answers(by_arrays) == answers(one_by_one)


@settings(max_examples=300, deadline=None)
@given(rows_of(with_corrections=True), st.lists(st.integers(0, 30), max_size=4))
def test_cutting_a_stream_changes_no_answer(rows: list[dict[str, int]], cuts: list[int]) -> None:
    whole = settle_bucket(fresh_columns(rows, 1), no_history(), batch=1)
    edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    history = no_history()
    pieces, taken_back = [], 0
    for batch, (first, end) in enumerate(pairwise(edges), start=1):
        fresh = fresh_columns(rows[first:end], first + 1)
        settled = settle_bucket(fresh, history, batch=batch)
        history = remembered(fresh, settled, history, batch)
        pieces += answers(settled.results)
        taken_back += int(settled.reversals["mg"].sum())
    assert pieces == answers(whole.results)
    assert taken_back == int(whole.reversals["mg"].sum())


def test_a_refused_correction_leaves_its_number_free() -> None:
    target = a_row(key_lo=1)
    early = a_row(key_lo=2, corrects_lo=1, quantified=200)
    first = settle_bucket(fresh_columns([early], 1), no_history(), batch=1)
    assert first.results["status"].tolist() == [Status.REJECTED]
    history = remembered(fresh_columns([early], 1), first, no_history(), 1)
    later = settle_bucket(fresh_columns([target, early], 1), history, batch=2)
    assert later.results["status"].tolist() == [Status.CREDITED, Status.CREDITED]
    assert later.results["mg"].tolist() == [700, 200]
    assert later.reversals["mg"].tolist() == [700]


def a_row(**changes: int) -> dict[str, int]:
    """Five minutes of person 64, worth 700 mg under a cap of 1,000."""
    row = {
        "key_lo": 1, "payload": 1, "person": 64, "scene": 0, "start": 0, "minutes": 5,
        "quantified": 700, "code": 0, "cap": 1000, "exclusive": 1, "corrects_lo": 0,
    }  # fmt: skip
    return row | changes


def test_a_correction_reverses_and_restates() -> None:
    first = a_row()
    second = a_row(key_lo=2, start=60 * MINUTE, quantified=600)
    restated = a_row(key_lo=3, quantified=200, corrects_lo=1)
    settled = settle_bucket(fresh_columns([first, second, restated], 1), no_history(), batch=1)
    assert settled.results["mg"].tolist() == [700, 300, 200]
    assert settled.results["points"].tolist() == [70, 30, 20]
    assert settled.results["status"].tolist() == [
        Status.CREDITED,
        Status.PARTLY_CAPPED,
        Status.CREDITED,
    ]
    assert settled.reversals["mg"].tolist() == [700]
    assert settled.reversals["origin_row"].tolist() == [1]
