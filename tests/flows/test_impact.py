"""A past period under a new version: exact differences, nothing changed, and honest gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.engine.methodology_texts import spoiled
from tests.flows.deliveries import Row, a_metro_ride, deliver
from tests.stories.lawgiver import CHARGING, HOME, TRIP, a_cap, metro, write_law
from tests.stories.test_terms import a_reading
from tests.stories.test_terms import deliver as deliver_used
from tests.tidy.source import PROJECT

from tanhui.books.models import Batch
from tanhui.core.errors import InputRefused, NotFound
from tanhui.engine.methodology import Methodology
from tanhui.engine.onefile import load_file
from tanhui.flows.impact import impact
from tanhui.interfaces.cli import methodology_impact
from tanhui.interfaces.platform import installed, platform

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
    assert city["not_applicable_both"] == 1
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


@pytest.fixture
def under(settings: Any, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Makes the given methodologies the law of the platform."""

    def set_law(*texts: str) -> None:
        settings.TANHUI_LIBRARY = write_law(tmp_path, *texts)
        installed.cache_clear()

    yield set_law
    installed.cache_clear()


def a_version(folder: Path, text: str, *changes: tuple[str, str]) -> Methodology:
    """The methodology with these texts replaced, as a file that is not law yet."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "next.yaml"
    path.write_text(text.replace('version: "1.0"', 'version: "2.0"'), encoding="utf-8")
    return load_file(path, library=folder / "library")[0]


def figures(tally: dict[str, int], *names: str) -> tuple[int, ...]:
    return tuple(tally[name] for name in names)


COUNTS = ("up", "down", "same", "newly_not_applicable", "newly_applicable", "not_applicable_both")
DOUBLE = (("78.4", "156.8"), ("mg: 784000", "mg: 1568000"))


def ride(number: int, day: int, **changes: str) -> Row:
    return a_metro_ride(
        external_id=f"r{number}",
        started_at=f"2024-10-{day:02d}T{number:02d}:00:00+08:00",
        ended_at=f"2024-10-{day:02d}T{number:02d}:30:00+08:00",
        **changes,
    )


def test_caps_hold_under_both_versions(under: Callable[..., None], tmp_path: Path) -> None:
    law = metro("caps:\n" + a_cap("month", "2 kgCO2e"))
    under(law)
    deliver_used(tmp_path, [ride(1, 1), ride(2, 2), ride(3, 3)])  # 784,000 784,000 432,000
    deliver_used(tmp_path, [ride(4, 4), ride(5, 5, distance_km="0")], name="2.csv")
    total = impact(platform(), a_version(tmp_path, law, *DOUBLE), **MONTH)["total"]
    assert figures(total, "mg_old", "mg_new", "difference_mg") == (2_000_000, 2_000_000, 0)
    assert figures(total, "before_caps_old_mg", "before_caps_new_mg") == (3_136_000, 6_272_000)
    assert figures(total, *COUNTS) == (1, 2, 1, 0, 0, 1)  # 1,568,000 432,000 0 0
    assert total["events"] == sum(figures(total, *COUNTS)) == 5
    wider = a_version(tmp_path, law, ("max: 2 kgCO2e", "max: 3 kgCO2e"))
    total = impact(platform(), wider, **MONTH)["total"]
    assert figures(total, "mg_old", "mg_new") == (2_000_000, 3_000_000)


def test_the_same_law_makes_no_difference(under: Callable[..., None], tmp_path: Path) -> None:
    law = metro("caps:\n" + a_cap("day", "{events: 1}") + a_cap("year", "3 kgCO2e"))
    under(law, HOME)
    rows = [ride(1, 1), ride(2, 1), ride(3, 2), ride(4, 2, corrects="r3", distance_km="3")]
    deliver_used(tmp_path, rows)
    deliver_used(tmp_path, [ride(5, 3), ride(5, 3), ride(6, 3)], name="2.csv")
    found = impact(platform(), a_version(tmp_path, law), **MONTH)
    assert found["total"]["difference_mg"] == 0
    assert figures(found["total"], "up", "down", "newly_applicable") == (0, 0, 0)
    assert found["elsewhere"] == []


def test_another_scene_gains_what_an_exclusion_leaves(
    under: Callable[..., None], tmp_path: Path
) -> None:
    under(CHARGING, TRIP)
    charge = ride(1, 8, scene="ev-charging")
    receipt = deliver_used(tmp_path, [charge, ride(2, 8, scene="nev-trip")])
    assert receipt["counts"] == {"credited": 1, "overlapping": 1}, receipt
    stricter = a_version(
        tmp_path,
        CHARGING,
        ("applies: distance > 0", "applies: distance > 11*km"),
        ("distance: 10}, expect: {mg: 784000}", "distance: 20}, expect: {mg: 1568000}"),
    )
    found = impact(platform(), stricter, **MONTH)
    assert figures(found["total"], *COUNTS) == (0, 0, 0, 1, 0, 0)
    assert found["total"]["difference_mg"] == -784_000
    [other] = found["elsewhere"]
    assert (other["scene"], other["newly_applicable"]) == ("nev-trip", 1)
    assert other["difference_mg"] == 784_000


def test_own_history_is_read_again(under: Callable[..., None], tmp_path: Path) -> None:
    under(HOME)
    readings = [a_reading(day, kwh) for day, kwh in enumerate(("10", "12", "11", "8"), start=1)]
    deliver_used(tmp_path, readings)
    sooner = a_version(tmp_path, HOME, ("at_least: 3", "at_least: 2"))
    total = impact(platform(), sooner, **MONTH)["total"]
    # the third day counts now, but with (10 + 12) / 2 - 11 = 0 kWh
    assert figures(total, "mg_old", "mg_new") == (1_500_000, 1_500_000)
    assert figures(total, *COUNTS) == (0, 0, 1, 0, 1, 2)


def test_the_table_is_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(tmp_path, rides())
    text = LAW.read_text(encoding="utf-8").replace("78.4", "80")
    text = text[: text.index("examples:")] + (
        'examples:\n  - {given: {region: "420100", at: 2020-01-01, distance: 1},'
        " expect: {no_parameter: true}}\n"
    )
    file = tmp_path / "new.yaml"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(methodology_impact, "set_up", lambda: None)
    monkeypatch.setattr(methodology_impact, "ensure_schema", lambda: None)
    days = ["--from", "2024-10-01", "--to", "2024-10-31"]
    done = CliRunner().invoke(methodology_impact.impact, [str(file), *days])
    assert done.exit_code == 0, done.output
    for words in ("neither", "1,066,240", "1,088,000", "21,760", "420106", "1,600,000"):
        assert words in done.output, words
    assert "…" not in done.output
