"""Cutting a stream into files changes nothing; replaying the recorded deliveries reproduces it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.flows.deliveries import Row, a_metro_ride, deliver

from tanhui.books import queries as books
from tanhui.books.models import Batch
from tanhui.books.proofs import prove
from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.domain.citizens import queries as citizens
from tanhui.flows.deliveries import replay
from tanhui.flows.record_batch import record_batch
from tanhui.flows.records import find_record
from tanhui.interfaces.platform import feed_of, platform

PEOPLE = ("card:1", "card:2", "card:3")
FEW = settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would re-run files for hours
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def a_stream() -> st.SearchStrategy[list[Row]]:
    """Rides of three people crowded into two days: duplicates, overlaps, caps, corrections."""
    ids = st.integers(1, 15).map(lambda number: f"r{number}")
    ride = st.builds(
        lambda number, person, day, slot, minutes, metres, corrects: a_metro_ride(
            external_id=number,
            person=person,
            started_at=f"2024-10-{day:02d}T{slot // 6:02d}:{slot % 6}0:00+08:00",
            ended_at=f"2024-10-{day:02d}T{slot // 6:02d}:{slot % 6}{minutes}:00+08:00",
            distance_km=f"{metres / 1000:.3f}",
            corrects=corrects or "",
        ),
        ids,
        st.sampled_from(PEOPLE),
        st.integers(8, 9),
        st.integers(30, 130),
        st.integers(0, 9),
        st.sampled_from([-5, 100, 800, 9_999, 31_000, 77_001]),
        st.one_of(st.none(), st.none(), ids),
    )
    return st.lists(ride, min_size=1, max_size=40)


@contextmanager
def an_empty_platform() -> Iterator[None]:
    """Everything posted inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def balances() -> dict[str, tuple[int, int]]:
    key = platform().identity_key
    found = {}
    for ref in PEOPLE:
        person = citizens.find(ref, key=key)
        if person is not None:
            own = books.balance(person)
            found[ref] = (own.mg, own.points)
    return found


def answers(rows: list[tuple[int, int]]) -> list[Any]:
    """Status, mg and points of (batch, row) pairs, in order; None for a row that is no event."""
    found: list[Any] = []
    for batch, row in rows:
        try:
            record = find_record(platform(), ResultId(batch, row))
        except NotFound:
            found.append(None)
        else:
            found.append((record.status, record.result["mg"], record.result["points"]))
    return found


def state(rows: list[tuple[int, int]]) -> tuple[Any, ...]:
    assert [proof for proof in prove() if not proof.ok] == []
    return answers(rows), balances()


@pytest.mark.django_db
@FEW
@given(a_stream(), st.lists(st.integers(1, 39), max_size=6))
def test_cuts_and_replay_reproduce_every_integer(rows: list[Row], cuts: list[int]) -> None:
    folder = Path(tempfile.mkdtemp())
    with an_empty_platform():
        deliver(folder, rows)
        whole = state([(1, row + 1) for row in range(len(rows))])

    edges = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    pieces = list(pairwise(edges))
    places = [
        (batch, row - first + 1)
        for batch, (first, end) in enumerate(pieces, start=1)
        for row in range(first, end)
    ]
    with an_empty_platform():
        for number, (first, end) in enumerate(pieces):
            deliver(folder, rows[first:end], name=f"{number}.csv", idempotency_key=str(number))
        cut = state(places)
        recorded = [
            shutil.copytree(platform().evidence / batch.uri, folder / batch.uri)
            for batch in Batch.objects.order_by("seq")
        ]
        before = receipts()
        keys = platform().people_keys
    assert cut == whole

    with an_empty_platform():
        replay(platform(), recorded, feed_of, record_batch, keys=keys)
        assert state(places) == whole
        assert receipts() == before


def receipts() -> list[Any]:
    return list(
        Batch.objects.order_by("seq").values_list(
            "seq", "source_sha256", "counts", "reasons", "mg_credited", "mg_reversed"
        )
    )
