"""Every stored row under random caps is explained from the evidence alone, and matches.

Caps per day, month and year, in milligrams and in events, over one scene and over several; rows of
two people in several files, with resends, overlaps and corrections.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.engine.methodology_texts import GOOD
from tests.flows.deliveries import Row, a_metro_ride
from tests.flows.test_cuts_and_replay import an_empty_platform
from tests.stories.lawgiver import write_law
from tests.stories.test_terms import deliver

from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.flows.explain_result import explain_result
from tanhui.interfaces.platform import installed, platform

SCENES = ("metro", "bus", "nev-trip")
ROWS, FILES, EXAMPLES = 110, 4, 20
MANY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def a_law(scene: str, caps: list[str]) -> str:
    """78.4 g/km in the scene, shared out, under these caps."""
    terms = "caps:\n" + "".join(caps) if caps else ""
    return (
        GOOD.replace("test-metro", f"test-{scene}")
        .replace("scene: metro", f"scene: {scene}")
        .replace(
            "allocation: {person: 100%}",
            f"{terms}allocation: {{person: 70%, platform: 20%, operator: 10%}}",
        )
    )


@st.composite
def laws(draw: st.DrawFn) -> list[str]:
    """One methodology per scene, each with up to three caps that differ in period or kind."""
    found = []
    for scene in SCENES:
        kinds = st.tuples(st.sampled_from(["day", "month", "year"]), st.booleans(), st.booleans())
        caps = []
        for per, of_events, several in draw(st.lists(kinds, max_size=3, unique=True)):
            others = [each for each in SCENES if each != scene]
            over = sorted({scene, *draw(st.sets(st.sampled_from(others), min_size=1))})
            most = (
                f"{{events: {draw(st.integers(1, 12))}}}"
                if of_events
                else f"{draw(st.integers(1, 90))}00 gCO2e"
            )
            place = f"scenes, {per}], scenes: [{', '.join(over)}]" if several else f"scene, {per}]"
            caps.append(f"  - {{per: [person, {place}, max: {most}, source: t, evidence: seed}}\n")
        found.append(a_law(scene, caps))
    return found


@st.composite
def streams(draw: st.DrawFn) -> list[Row]:
    """Rides crowded into some days on both sides of a month's and a year's end."""
    days = ["2024-11-30", "2024-12-01", "2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"]
    rows = []
    for number in range(1, ROWS + 1):
        day, hour = draw(st.sampled_from(days)), draw(st.integers(0, 23))
        corrects = draw(st.integers(1, number)) if draw(st.integers(0, 6)) == 0 else number
        rows.append(
            a_metro_ride(
                external_id=f"r{draw(st.integers(1, number)) if number % 9 == 0 else number}",
                person=draw(st.sampled_from(["card:1", "card:2"])),
                scene=draw(st.sampled_from(SCENES)),
                started_at=f"{day}T{hour:02d}:{draw(st.sampled_from(['00', '30']))}:00+08:00",
                ended_at=f"{day}T{hour:02d}:40:00+08:00",
                corrects=f"r{corrects}" if corrects != number else "",
                distance_km=draw(st.sampled_from(["0.001", "1.234", "7", "20"])),
            )
        )
    return rows


def explain_and_compare(place: ResultId) -> list[int]:
    """How many caps the row met, once it matches; nothing for a row refused at the door."""
    try:
        found = explain_result(platform(), place)
    except NotFound:
        return []
    assert found["matches"], (str(place), found["differences"], found["caps"])
    for step in found["caps"]:
        listed = step["used_by"]
        assert step["used"] == sum(1 if step["max_mg"] is None else each["mg"] for each in listed)
        assert all(ResultId.parse(each["id"]) < place for each in listed)
        assert all(step["first_day"] <= each["day"] <= step["last_day"] for each in listed)
    return [len(found["caps"])]


@pytest.mark.django_db
def test_thousands_of_rows_under_random_caps_match(settings: Any) -> None:
    explained: list[int] = []

    @seed(20260101)
    @MANY
    @given(laws(), streams())
    def explain_each(texts: list[str], rows: list[Row]) -> None:
        folder = Path(tempfile.mkdtemp())
        settings.TANHUI_LIBRARY = write_law(folder, *texts)
        installed.cache_clear()
        size = -(-len(rows) // FILES)
        with an_empty_platform():
            for number in range(FILES):
                part = rows[number * size : (number + 1) * size]
                deliver(folder, part, name=f"{number}.csv", idempotency_key=str(number))
            places = [ResultId(n // size + 1, n % size + 1) for n in range(len(rows))]
            for place in places:
                explained.extend(explain_and_compare(place))

    explain_each()
    installed.cache_clear()
    assert len(explained) > 1_500
    assert sum(map(bool, explained)) > 500, "rows that met a cap"
