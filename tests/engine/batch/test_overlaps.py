"""Overlaps: whoever arrived first holds the place, however far apart in time the events lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.engine.batch import overlaps as module
from tanhui.engine.batch.overlaps import overlaps, timeline
from tanhui.engine.batch.ranks import dense_ranks

Event = tuple[int, int, int]  # group, start, length


def settled(events: list[Event]) -> list[tuple[int, int]]:
    group, start, length = (
        np.array(column, dtype=np.int64) for column in zip(*events, strict=True)
    )
    line = timeline(group, start, start + length)
    found = overlaps(line, np.zeros(len(events), dtype=bool))
    return sorted(zip(found.later.tolist(), found.first.tolist(), strict=True))


def test_the_second_to_arrive_overlaps_even_when_it_started_first() -> None:
    assert settled([(0, 100, 50), (0, 90, 20), (1, 90, 20), (0, 150, 1)]) == [(1, 0)]


def test_events_without_length_last_a_millisecond() -> None:
    assert settled([(0, 100, 0), (0, 100, 0), (0, 101, 0)]) == [(1, 0)]


def test_an_overlapping_event_does_not_hold_its_place() -> None:
    assert settled([(0, 0, 10), (0, 5, 10), (0, 12, 10)]) == [(1, 0)]


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(0, 9)), min_size=1, max_size=25
    )
)
def test_ranks_of_instants_answer_like_the_instants(events: list[Event]) -> None:
    by_time = settled(events)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BITS_MAX", 0)
        assert settled(events) == by_time


def test_a_century_and_millions_of_persons_fit() -> None:
    century_ms = 100 * 366 * 86_400_000
    people = 1 << 24
    assert settled([(people, 0, 10), (people, century_ms, 10), (people, 5, 10)]) == [(2, 0)]


def test_dense_ranks_keep_order_and_equality() -> None:
    assert dense_ranks(np.array([9, -4, 9, 0], dtype=np.int64)).tolist() == [2, 0, 2, 1]
