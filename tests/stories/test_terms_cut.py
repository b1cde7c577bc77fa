"""Under every term of crediting at once: cutting a stream into files, and replay, change nothing,
and each stored number is computed again from the evidence alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.flows.deliveries import Row, a_metro_ride
from tests.flows.test_cuts_and_replay import an_empty_platform
from tests.stories.lawgiver import CHARGING, HOME, TRIP, a_cap, metro, write_law
from tests.stories.test_terms import assert_replay_gives_the_same, deliver

from tanhui.books.models import Balance
from tanhui.books.proofs import prove
from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.flows.explain_result import explain_result
from tanhui.interfaces.platform import installed, platform

LAW = (
    HOME.replace("allocation:", "caps:\n" + a_cap("month", "2 kgCO2e") + "allocation:"),
    CHARGING.replace("{person: 100%}", "{person: 70%, platform: 20%, operator: 10%}"),
    TRIP.replace("allocation:", "caps:\n" + a_cap("day", "{events: 1}") + "allocation:"),
    metro("caps:\n" + a_cap("day", "0.9 kgCO2e") + a_cap("month", "1.5 kgCO2e")),
)
FEW = settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def _law(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.TANHUI_LIBRARY = write_law(tmp_path, *LAW)
    installed.cache_clear()
    yield
    installed.cache_clear()


def a_row(
    *, number: int, person: str, scene: str, day: int, hour: int, amount: int, corrects: int
) -> Row:
    """A ride, a charge or a day's reading; amounts in metres or tens of watt hours."""
    return a_metro_ride(
        external_id=f"r{number}",
        person=person,
        scene=scene,
        started_at=f"2024-10-{day:02d}T{hour:02d}:00:00+08:00",
        ended_at=f"2024-10-{day:02d}T{hour:02d}:50:00+08:00",
        corrects=f"r{corrects}" if corrects else "",
        distance_km="" if scene == "home-electricity" else f"{amount / 1000:.3f}",
        energy_kwh=f"{amount / 1000:.2f}" if scene == "home-electricity" else "",
    )


def a_stream() -> st.SearchStrategy[list[Row]]:
    """Two people crowded into twelve days."""
    row = st.builds(
        a_row,
        number=st.integers(1, 60),
        person=st.sampled_from(["card:1", "card:1", "card:2"]),
        scene=st.sampled_from(["home-electricity"] * 3 + ["ev-charging", "nev-trip", "metro"]),
        day=st.integers(1, 12),
        hour=st.integers(6, 8),
        amount=st.sampled_from([10, 900, 2_000, 9_990, 12_340, 77_010]),
        corrects=st.one_of(st.just(0), st.just(0), st.just(0), st.integers(1, 60)),
    )
    return st.lists(row, min_size=25, max_size=60)


def answers(places: list[tuple[int, int]]) -> list[Any]:
    """What became of each row, its number computed again; None for a row that is no event."""
    found: list[Any] = []
    for place in places:
        try:
            document = explain_result(platform(), ResultId(*place))
        except NotFound:
            found.append(None)
            continue
        assert document["matches"], document
        record = document["record"]
        names = ("status", "reason", "mg_before", "points", "shares", "quantities")
        found.append([document["stored_mg"], *(record[name] for name in names)])
    return found


def holdings() -> list[tuple[str, int]]:
    """What every kind of holder has, once the books are proved."""
    assert [proof for proof in prove() if not proof.ok] == []
    rows = Balance.objects.values_list("account__owner_kind", "credits", "debits")
    return sorted((kind, credits - debits) for kind, credits, debits in rows)


@pytest.mark.django_db
@pytest.mark.usefixtures("_law")
@FEW
@given(a_stream(), st.lists(st.integers(1, 59), max_size=5))
def test_cuts_and_replay_reproduce_every_term(rows: list[Row], cuts: list[int]) -> None:
    folder = Path(tempfile.mkdtemp())
    with an_empty_platform():
        deliver(folder, rows)
        whole = answers([(1, row + 1) for row in range(len(rows))]), holdings()
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
        assert (answers(places), holdings()) == whole
        assert_replay_gives_the_same(folder)
