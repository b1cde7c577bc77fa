"""A past period under a new version: exact differences, nothing changed, and honest gaps."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.engine.methodology_texts import spoiled
from tests.flows.deliveries import a_metro_ride, deliver
from tests.tidy.source import PROJECT

from tanhui.books.models import Batch
from tanhui.core.errors import InputRefused, NotFound
from tanhui.engine.methodology import Methodology
from tanhui.engine.onefile import load_file
from tanhui.flows.impact import impact
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db

LAW = PROJECT / "library/methodologies/420100/wuhan-metro/methodology.yaml"
MONTH = {"first": date(2024, 10, 1), "last": date(2024, 10, 31)}


def new_version(folder: Path, *changes: tuple[str, str]) -> Methodology:
    """Wuhan metro with these texts replaced, its examples dropped but one."""
    text = LAW.read_text(encoding="utf-8")
    text = text[: text.index("examples:")] + (
        'examples:\n  - {given: {region: "420100", at: 2020-01-01, distance: 1},'
        " expect: {no_parameter: true}}\n"
    )
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "new.yaml"
    path.write_text(text, encoding="utf-8")
    return load_file(path, library=PROJECT / "library")[0]


def rides() -> list[dict[str, str]]:
    """10 km, 0.6 km, 0.1 km (too short), 20 km of a district, a resend, a corrected one."""
    return [
        a_metro_ride(),
        a_metro_ride(external_id="r2", person="card:2", distance_km="0.6"),
        a_metro_ride(external_id="r3", person="card:3", distance_km="0.1"),
        a_metro_ride(external_id="r4", person="card:4", region="420106", distance_km="20"),
        a_metro_ride(),
        a_metro_ride(external_id="r5", person="card:5", distance_km="30"),
        a_metro_ride(
            external_id="r6",
            person="card:5",
            distance_km="3",
            corrects="r5",
        ),
    ]


def test_the_difference_is_exact_by_scene_and_region(tmp_path: Path) -> None:
    deliver(tmp_path, rides())
    new = new_version(tmp_path, ("value: 78.4", "value: 80"), ("value: 0.5,", "value: 1,"))
    found = impact(platform(), new, **MONTH)
    assert found["batches"] == 1
    city, district = found["rows"]
    assert (city["scene"], city["region"], city["events"]) == ("metro", "420100", 4)
    assert city["mg_old"] == 784_000 + 47_040 + 0 + 235_200
    assert city["mg_new"] == 800_000 + 0 + 0 + 240_000
    assert (city["up"], city["down"], city["same"]) == (2, 0, 0)
    assert (city["newly_not_applicable"], city["newly_applicable"]) == (1, 0)
    assert (district["region"], district["difference_mg"]) == ("420106", 20 * 1_600)
    total = found["total"]
    assert total["difference_mg"] == city["difference_mg"] + district["difference_mg"]
    assert Batch.objects.count() == 1


def test_a_wider_condition_makes_records_applicable(tmp_path: Path) -> None:
    deliver(tmp_path, rides())
    new = new_version(tmp_path, ("value: 0.5,", "value: 0,"))
    total = impact(platform(), new, **MONTH)["total"]
    assert (total["newly_applicable"], total["same"]) == (1, 4)
    assert total["difference_mg"] == 7_840


def test_a_coarser_step_says_what_it_cannot_compare(tmp_path: Path) -> None:
    deliver(tmp_path, rides())
    new = new_version(tmp_path, ("step: 0.001", "step: 1"))
    total = impact(platform(), new, **MONTH)["total"]
    assert total["not_comparable"] == 2
    assert total["difference_mg"] == 0


def test_what_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    deliver(tmp_path, rides())
    same = new_version(tmp_path)
    with pytest.raises(NotFound, match="2023"):
        impact(platform(), same, first=date(2023, 9, 1), last=date(2023, 9, 30))
    file = tmp_path / "other.yaml"
    file.write_text(spoiled(("test-metro", "wuhan-metro"), ("distance", "path")), encoding="utf-8")
    other, _ = load_file(file, library=PROJECT / "library")
    with pytest.raises(InputRefused, match="path"):
        impact(platform(), other, **MONTH)


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    deliver(tmp_path, rides())
    heard: list[tuple[int, int]] = []
    impact(
        platform(),
        new_version(tmp_path),
        progress=lambda done, total: heard.append((done, total)),
        **MONTH,
    )
    assert heard == [(7, 7)]
