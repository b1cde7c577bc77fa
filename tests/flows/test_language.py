"""Law with eight quantities, facets and steps through the public door: file in, explanation out."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine.methodology_texts import GOOD
from tests.flows.deliveries import a_metro_ride, deliver
from tests.tidy.source import PROJECT

from tanhui.books import queries as books
from tanhui.core.ids import ResultId
from tanhui.engine.batch.events import EVENT_TYPES, WIDE_EVENT_TYPES
from tanhui.engine.batch.files import EVENTS_FILE, event_names
from tanhui.flows.explain_result import explain_result
from tanhui.interfaces.platform import installed, platform

pytestmark = pytest.mark.django_db

LEGS = ("walk", "cycle", "bus", "metro", "ferry", "tram")
TEXT = (
    GOOD.replace("test-metro", "test-green-trip")
    .replace("scene: metro", "scene: carpool")
    .replace(
        "parameters:",
        "".join(
            f"  {leg}: {{name: {{zh: 段, en: leg}}, unit: km, step: 0.001, min: 0, max: 99}}\n"
            for leg in LEGS
        )
        + """\
parameters:
  strength:
    name: {zh: 强度, en: strength}
    unit: percent
    of: km
    values:
      - {region: "420100", from: 2024-01-01, below: 100, steps: [{from: 7, value: 50}], source: t,
         evidence: template}
      - {region: "420100", class: photo, from: 2024-01-01, below: 100, source: t,
         steps: [{from: 7, value: 80}], evidence: template}
      - {region: "420100", class: self, from: 2024-01-01, value: unknown, source: t,
         evidence: unknown}""",
    )
    .replace("distance * rate", f"(distance - {' - '.join(LEGS)}) * rate * strength({LEGS[-1]})")
    .replace("distance: 10}", f"distance: 10, {', '.join(f'{leg}: 0' for leg in LEGS)}}}")
)
CASES = "cases:\n" + GOOD[GOOD.index("  - {given") :].replace(
    "distance: 10}", f"distance: 10, {', '.join(f'{leg}: 0' for leg in LEGS)}}}"
)


@pytest.fixture
def law(settings: Any, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "library"
    for part in ("rulesets", "directory", "factors", "methodologies/420100/wuhan-metro"):
        shutil.copytree(PROJECT / "library" / part, folder / part)
    place = folder / "methodologies" / "420100" / "test-green-trip"
    place.mkdir(parents=True)
    (place / "methodology.yaml").write_text(TEXT, "utf-8")
    (place / "cases.yaml").write_text(CASES, "utf-8")
    settings.TANHUI_LIBRARY = folder
    installed.cache_clear()
    yield folder
    installed.cache_clear()


def a_trip(**changes: str) -> dict[str, str]:
    legs = {f"{leg}_km": "0.001" for leg in LEGS}
    return a_metro_ride(scene="carpool", **legs) | changes


def csv_bytes(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def columns_of(batch: int) -> set[str]:
    """The columns of a batch's events."""
    return set(event_names(platform().evidence / books.batch(batch).uri / EVENTS_FILE))


def test_narrow_and_wide_records_in_one_file_are_explained(law: Path, tmp_path: Path) -> None:
    rows = [
        a_metro_ride(),
        a_trip(external_id="t1", person="card:2"),
        a_trip(external_id="t2", person="card:3", tram_km="7", **{"class": "photo+other"}),
        a_trip(external_id="t3", person="card:4", **{"class": "self"}),
        a_trip(external_id="t4", person="card:5", **{"class": "photo+self"}),
    ]
    receipt = deliver(tmp_path, csv_bytes(rows))
    assert receipt["counts"] == {"credited": 3, "no_parameter": 2}
    assert columns_of(receipt["batch"]) == set(WIDE_EVENT_TYPES)
    found = [explain_result(platform(), ResultId(receipt["batch"], row)) for row in range(1, 6)]
    assert [each["matches"] for each in found] == [True] * 5
    rate = 784  # tenths of a milligram per metre
    assert [each["stored_mg"] for each in found] == [
        784_000,
        ((10_000 - 6) * rate + 5) // 10,
        ((10_000 - 7_005) * rate * 8 + 50) // 100,
        0,
        0,
    ]
    explanation = found[2]["explanation"]
    assert explanation is not None
    assert [
        (each["step"], each["from"], each["below"], each["value"]) for each in explanation["tables"]
    ] == [(1, "7", None, "80")]


def test_a_file_of_four_quantities_stays_narrow(law: Path, tmp_path: Path) -> None:
    receipt = deliver(tmp_path, csv_bytes([a_metro_ride()]))
    assert columns_of(receipt["batch"]) == set(EVENT_TYPES)


def test_the_same_trip_again_is_a_resend(law: Path, tmp_path: Path) -> None:
    """Alone in its file, and beside rides: the fingerprint does not depend on the block."""
    deliver(tmp_path, csv_bytes([a_metro_ride(), a_trip(external_id="t1", person="card:2")]))
    again = deliver(
        tmp_path, csv_bytes([a_trip(external_id="t1", person="card:2")]), name="again.csv"
    )
    ride = deliver(tmp_path, csv_bytes([a_metro_ride()]), name="ride.csv")
    for receipt in (again, ride):
        assert [row["reason"] for row in receipt["reasons"]] == ["duplicate.resent"]
