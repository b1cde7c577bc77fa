"""A library moves on; what was answered under earlier law is still explained, from the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.engine.methodology_texts import GOOD
from tests.flows.deliveries import Row, a_metro_ride, deliver
from tests.stories.lawgiver import HOME, a_cap, write_law
from tests.tidy.source import PROJECT

from tanhui.books.models import Batch
from tanhui.core.errors import Conflict, NotFound
from tanhui.core.ids import ResultId
from tanhui.domain.citizens import queries as citizens
from tanhui.flows import reading
from tanhui.flows.explain_result import explain_result
from tanhui.flows.impact import impact
from tanhui.flows.prove import prove
from tanhui.flows.sealed_law import LAW_FOLDER
from tanhui.interfaces.platform import installed, platform

pytestmark = pytest.mark.django_db

METRO_FILE = "methodologies/420100/test-metro/methodology.yaml"
TABLE_FILE = "factors/test-grid.yaml"
OVERLAY_FILE = "overlays/420100/test-metro.yaml"

RATE = GOOD[GOOD.index("    unit: gCO2e/km") : GOOD.index("applies:")]
HOME_RATE = RATE.replace("gCO2e/km", "gCO2e/kWh").replace("78.4", "500")
SAVING = HOME.replace(HOME_RATE, "    factor: test-grid\n").replace(
    "history:", f"caps:\n{a_cap('month', '2 kgCO2e')}history:"
)
OPEN_METRO = GOOD.replace(
    "value: 78.4, source: test, evidence: template}",
    "value: unknown, source: test, evidence: unknown}",
).replace("expect: {mg: 784000}", "expect: {no_parameter: true}")
TABLE = """\
factor: test-grid
title: {zh: 测试电网, en: test grid}
unit: gCO2e/kWh
values:
  - {region: "420100", from: 2024-01-01, value: 500, source: test, evidence: template}
"""
OVERLAY = """\
overlay: test-metro
version: "1.0"
fills:
  - {parameter: rate, region: "420100", from: 2024-06-01, value: 45, unit: gCO2e/km,
     source: test, evidence: derived, by: test, on: 2024-05-20}
cases:
  - {given: {region: "420100", at: 2024-10-01, distance: 10}, expect: {mg: 450000}}
"""


class Lawgiver:
    """Writes the law of the platform anew, in place of what was there."""

    def __init__(self, root: Path, settings: Any) -> None:
        self.root, self.settings, self.editions = root, settings, 0

    def publish(self, *, version: str, per_kwh: int, per_km: int) -> None:
        """A home saves `per_kwh` by a table of factors, the metro `per_km` by an overlay."""
        self.editions += 1
        folder = self.root / f"edition-{self.editions}"
        texts = [
            text.replace('version: "1.0"', f'version: "{version}"')
            for text in (SAVING.replace("mg: 1000000", f"mg: {per_kwh * 2000}"), OPEN_METRO)
        ]
        library = write_law(folder, *texts)
        overlay = OVERLAY.replace('"1.0"', f'"{version}"').replace("value: 45", f"value: {per_km}")
        files = {
            TABLE_FILE: TABLE.replace("500", str(per_kwh)),
            OVERLAY_FILE: overlay.replace("450000", str(per_km * 10_000)),
        }
        for name, text in files.items():
            (library / name).parent.mkdir(parents=True)
            (library / name).write_text(text, encoding="utf-8")
        self.settings.TANHUI_LIBRARY = library
        installed.cache_clear()


@pytest.fixture
def law(settings: Any, tmp_path: Path) -> Iterator[Lawgiver]:
    yield Lawgiver(tmp_path, settings)
    installed.cache_clear()


def a_reading(day: int, kwh: str) -> Row:
    """A day's electricity of October 2024."""
    row = a_metro_ride(
        external_id=f"e{day}",
        scene="home-electricity",
        started_at=f"2024-10-{day:02d}T00:00:00+08:00",
        ended_at=f"2024-10-{day:02d}T23:59:59+08:00",
        energy_kwh=kwh,
    )
    return row | {"distance_km": ""}


def two_batches_and_new_law(law: Lawgiver, folder: Path) -> None:
    """A ride and a week's readings under the first law, then another law in its place."""
    law.publish(version="1.0", per_kwh=500, per_km=45)
    readings = [a_reading(day, kwh) for day, kwh in ((1, "10"), (2, "12"), (3, "11"))]
    deliver(folder, [a_metro_ride(), *readings])
    deliver(folder, [a_reading(4, "8")], name="2.csv")
    law.publish(version="1.1", per_kwh=600, per_km=50)


def explained(result: str) -> tuple[int, str]:
    """What the engine makes of a stored result, and with which version; it must match."""
    answer = explain_result(platform(), ResultId.parse(result))
    assert answer["matches"], answer
    return answer["recomputed_mg"], answer["explanation"]["methodology"]["version"]


def sealed(batch: int, name: str) -> Path:
    return platform().evidence / Batch.objects.get(seq=batch).uri / LAW_FOLDER / name


def person() -> int:
    found = citizens.find("card:1", key=platform().identity_key)
    assert found is not None
    return found


def test_results_outlive_their_law_in_the_library(law: Lawgiver, tmp_path: Path) -> None:
    two_batches_and_new_law(law, tmp_path)
    assert explained("1-1") == (450_000, "1.0"), "the overlay of that time"
    assert explained("2-1") == (1_500_000, "1.0"), "the table of that time"
    account = reading.account(platform(), person())
    assert account["balance"]["mg"] == 1_950_000
    shown = reading.records(platform(), person())["items"]
    assert [item["mg"] for item in shown] == [450_000, 1_500_000, 0, 0, 0]
    assert reading.receipt(platform(), 1)["methodologies"][0]["title_en"] == "test"
    assert all(proof.ok for proof in prove(platform()))


def test_history_and_caps_go_on_over_a_change_of_law(law: Lawgiver, tmp_path: Path) -> None:
    two_batches_and_new_law(law, tmp_path)
    receipt = deliver(tmp_path, [a_reading(5, "9")], name="3.csv")
    assert explained("3-1") == (750_000, "1.1"), "((10 + 12 + 11 + 8) / 4 - 9) kWh of 600 g"
    assert receipt["mg_credited"] == 500_000, "what the first law left of the month's cap"
    october = {"first": date(2024, 10, 1), "last": date(2024, 10, 31)}
    [new] = [each for each in platform().library.methodologies if each.code == "test-metro"]
    total = impact(platform(), new, **october)["total"]
    assert (total["mg_old"], total["mg_new"]) == (450_000, 500_000)
    assert all(proof.ok for proof in prove(platform()))


def test_what_is_sealed_is_what_was_used(law: Lawgiver, tmp_path: Path) -> None:
    two_batches_and_new_law(law, tmp_path)
    home = "methodologies/420100/test-home/methodology.yaml"
    names = [file["name"] for file in Batch.objects.get(seq=1).files]
    rules = [f"rulesets/{file.name}" for file in sorted((PROJECT / "library/rulesets").iterdir())]
    texts = [
        f"{LAW_FOLDER}/{each}" for each in (TABLE_FILE, home, METRO_FILE, OVERLAY_FILE, *rules)
    ]
    assert [name for name in names if name.startswith(LAW_FOLDER)] == texts
    names = [file["name"] for file in Batch.objects.get(seq=2).files]
    texts = [f"{LAW_FOLDER}/{each}" for each in (TABLE_FILE, home, *rules)]
    assert [name for name in names if name.startswith(LAW_FOLDER)] == texts
    edition = tmp_path / "edition-1" / "library"
    assert sealed(2, home).read_bytes() == (edition / home).read_bytes()


def test_points_are_explained_by_the_rule_of_their_time(law: Lawgiver, tmp_path: Path) -> None:
    law.publish(version="1.0", per_kwh=500, per_km=45)
    deliver(tmp_path, [a_metro_ride()])
    before = explain_result(platform(), ResultId(1, 1))["points"]
    rules = tmp_path / "edition-1" / "library" / "rulesets" / "100000.yaml"
    text = rules.read_text(encoding="utf-8")
    step = f"per_mg: {before['per_mg']}"
    assert step in text
    rules.write_text(text.replace(step, "per_mg: 77"), encoding="utf-8")
    installed.cache_clear()
    answer = explain_result(platform(), ResultId(1, 1))
    assert (answer["matches"], answer["points"]) == (True, before)


@pytest.mark.parametrize(
    ("result", "name", "change"),
    [
        ("1-1", METRO_FILE, ("source: test", "source: fake")),
        ("1-1", METRO_FILE, ('version: "1.0"', 'version: "9.0"')),
        ("1-1", OVERLAY_FILE, ("value: 45", "value: 99")),
        ("2-1", TABLE_FILE, ("value: 500", "value: 501")),
    ],
)
def test_changed_sealed_law_is_refused(
    law: Lawgiver, tmp_path: Path, result: str, name: str, change: tuple[str, str]
) -> None:
    two_batches_and_new_law(law, tmp_path)
    batch = int(result[0])
    file = sealed(batch, name)
    file.chmod(0o644)
    text = file.read_text(encoding="utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(Conflict) as caught:
        explain_result(platform(), ResultId.parse(result))
    assert caught.value.code == "methodology.sealed_law_differs"
    assert f"batch {batch}" in caught.value.en
    assert f"批次 {batch}" in caught.value.zh
    [broken] = [proof for proof in prove(platform()) if not proof.ok]
    assert f"batch {batch}: {LAW_FOLDER}/{name}" in broken.detail


def test_evidence_of_older_releases_has_no_law(law: Lawgiver, tmp_path: Path) -> None:
    two_batches_and_new_law(law, tmp_path)
    sealed(1, "").rename(tmp_path / "law-of-1")
    assert explain_result(platform(), ResultId(2, 1))["matches"]
    with pytest.raises(NotFound) as caught:
        explain_result(platform(), ResultId(1, 1))
    assert caught.value.code == "methodology.version_not_found"


def test_a_later_batch_of_the_same_law_speaks_for_an_older_one(
    law: Lawgiver, tmp_path: Path
) -> None:
    law.publish(version="1.0", per_kwh=500, per_km=45)
    deliver(tmp_path, [a_metro_ride()])
    deliver(tmp_path, [a_metro_ride(external_id="r2", person="card:2")], name="2.csv")
    law.publish(version="1.1", per_kwh=600, per_km=50)
    sealed(1, "").rename(tmp_path / "law-of-1")
    assert explained("1-1") == (450_000, "1.0")
