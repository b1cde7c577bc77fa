"""What waits between files, through the platform: found by key, kept for a written time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tanhui.domain.citizens import queries as citizens
from tanhui.domain.feeds.models import WaitingRow
from tanhui.domain.partners import services as partners
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.engine.batch.limits import WAITING_DAYS_MAX
from tanhui.flows.deliveries import Delivery
from tanhui.flows.record_batch import record_batch
from tanhui.flows.waiting import Waiting
from tanhui.interfaces.platform import feed_of, platform

from .bad_partner_files import taps_file
from .test_shenzhen_transit import entry, leave

pytestmark = pytest.mark.django_db
ARRIVED = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def partner() -> None:
    partners.register("taps", name_zh="刷卡（测试）", name_en="Taps (test)")


def take(folder: Path, *lines: str, days: int = 0) -> dict[str, Any]:
    """The receipt of a file of these taps that arrives so many days later."""
    path = folder / f"taps-{days}.csv"
    path.write_bytes(taps_file(*lines))
    then = replace(platform(), clock=lambda: ARRIVED + timedelta(days=days))
    feed = feed_of("shenzhen-transit", {})
    return record_batch(then, Delivery(SourceFile(path, path.name), feed, {}, "taps", "test"))


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        (WAITING_DAYS_MAX, {"duplicate": 1}),
        (WAITING_DAYS_MAX + 1, {"waiting": 1}),
    ],
)
def test_a_tap_waits_so_many_days_after_its_file(
    days: int, counts: dict[str, int], tmp_path: Path
) -> None:
    assert take(tmp_path, entry(0), entry(1, card="B"))["counts"] == {"waiting": 2}
    assert take(tmp_path, entry(0), days=days)["counts"] == counts
    assert WaitingRow.objects.count() == (2 if "duplicate" in counts else 1)


def test_the_database_holds_no_more_of_a_ride_than_it_needs(tmp_path: Path) -> None:
    take(tmp_path, entry(0, card="FIAAAEIFD"))
    take(tmp_path, leave(20, card="FIAAAEIFD", paid="285", face="300"), days=1)
    waited, used = WaitingRow.objects.order_by("batch_seq")
    assert (waited.consumed_by, waited.key, waited.person) == (2, "", 0)
    assert bytes(waited.sealed) == b""
    (said,) = Waiting(used.partner_id, used.feed, platform().people_keys).open([used.key])
    assert said.payload["kind"] == "used"
    assert used.person == citizens.find("szt:FIAAAEIFD", key=platform().identity_key)
    for text in (b"FIAAAEIFD", b"kind", b"2018-"):
        assert text not in used.key.encode() + bytes(used.sealed)


def test_who_is_erased_waits_no_longer(tmp_path: Path) -> None:
    take(tmp_path, entry(0, card="FIAAAEIFD"))
    person = WaitingRow.objects.get().person
    assert platform().people_keys.destroy(person)
    later = take(tmp_path, leave(20, card="FIAAAEIFD", paid="285", face="300"), days=1)
    assert later["notes"].get("rides", 0) == 0
    assert WaitingRow.objects.filter(batch_seq=1, consumed_by__isnull=True).exists()
