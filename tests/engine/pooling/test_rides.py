"""The file of ride digests finds what stands in it, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tanhui.engine.pooling.rides import RideDigests

DIGESTS = st.lists(st.binary(min_size=32, max_size=32), max_size=30)
NEAR = [b"\0" * 8 + bytes([last]) * 24 for last in range(3)]
"""Their first halves are the same."""


def table(digests: list[bytes]) -> RideDigests:
    numbers = np.arange(len(digests), dtype=np.int64)
    return RideDigests.of(digests, numbers // 2, numbers)


@given(DIGESTS, DIGESTS)
def test_what_is_asked_for_is_found_where_it_stands(here: list[bytes], other: list[bytes]) -> None:
    here = [*here, *NEAR]
    asked = [*other, *here, b"\0" * 8 + b"\7" * 24]
    found = table(here).places(asked)
    assert {asked[number] for number, _ in found} == set(here) & set(asked)
    rows = table(here).rows_of(here)
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(len(here)))


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    for digests in (NEAR, NEAR[:1], []):
        name, digest = table(digests).write(tmp_path)
        assert (name, digest) == table(digests).write(tmp_path)
        assert len(RideDigests.open(tmp_path / name).places(NEAR)) == len(digests)
    assert len(list(tmp_path.iterdir())) == 3
