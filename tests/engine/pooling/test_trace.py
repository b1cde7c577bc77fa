"""Traces: what lies in a stretch, where a row lies, the same file when written again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tanhui.engine.pooling import trace as traces
from tanhui.engine.pooling.trace import Trace, sha256_of, write_trace


def a_line(mg: list[int]) -> dict[str, np.ndarray]:
    """Rows of two batches with these mg."""
    count = len(mg)
    return {
        "batch": np.array([1 + (n >= count // 2) for n in range(count)], dtype=np.int64),
        "row": np.arange(1, count + 1, dtype=np.int64) * 2,
        "method": np.zeros(count, dtype=np.uint16),
        "end": np.cumsum(np.array(mg, dtype=np.int64)),
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(0, 900), st.integers(0, 90)
)
def test_every_stretch_and_row_is_found(
    tmp_path_factory: pytest.TempPathFactory, mg: list[int], first: int, length: int
) -> None:
    folder = tmp_path_factory.mktemp("trace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(traces, "GROUP_ROWS", 7)
        name, _ = write_trace(folder, a_line(mg))
    trace, line = Trace(folder / name), a_line(mg)
    found = trace.between(first, first + length)
    expected = []
    for at, end in enumerate(line["end"].tolist()):
        inside = min(end, first + length) - max(end - mg[at], first)
        if inside > 0:
            expected.append((2 * (at + 1), inside))
    assert [(one.row, one.mg) for one in found] == expected
    for at, amount in enumerate(mg):
        where = trace.of_row(int(line["batch"][at]), 2 * (at + 1))
        assert [one.mg for one in where] == ([amount] if amount else [])
    assert trace.of_row(1, 1) == []
    tail = trace.tail(first)
    assert int(tail["mg"].sum()) == max(sum(mg) - first, 0)


def test_the_same_line_is_the_same_file(tmp_path: Path) -> None:
    one = write_trace(tmp_path, a_line([1, 2, 3]))
    again = write_trace(tmp_path, a_line([1, 2, 3]))
    assert one == again
    assert [path.name for path in tmp_path.iterdir()] == [one[0]]
    assert sha256_of(tmp_path / one[0]) == one[1]
    assert Trace(tmp_path / one[0]).total == 6
