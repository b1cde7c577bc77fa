"""Whoever settles: the same receipts, the same evidence, with earlier batches and corrections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from tests.flows.deliveries import Row, a_metro_ride, deliver

from bench import cluster  # noqa: F401 - quick JVMs
from tanhui.books import queries as books
from tanhui.books.models import Batch
from tanhui.books.proofs import prove
from tanhui.books.sealed_source import SOURCE_FILE
from tanhui.core.errors import InputRefused, Unavailable
from tanhui.domain.citizens.services import identify
from tanhui.engine.batch import parts, spool
from tanhui.engine.batch.parts import Part, PartJob, SettledPart, settle_part
from tanhui.engine.batch.schedulers.pool import ProcessPool
from tanhui.engine.batch.schedulers.process import InProcess
from tanhui.engine.batch.schedulers.seam import RowsDone, Scheduler
from tanhui.engine.batch.schedulers.spark import Spark
from tanhui.flows.deliveries import DELIVERY_FILE
from tanhui.interfaces.platform import platform
from tanhui.interfaces.schedulers import scheduler_named

PEOPLE = 30
NEVER_THE_SAME = (DELIVERY_FILE, SOURCE_FILE)  # the time of receipt, and random nonces
TOLD = ("counts", "reasons", "mg_credited", "mg_reversed", "points", "people")


def rides(first: int, end: int) -> list[Row]:
    """Rides of thirty people: some twice, some at the same time, some that correct others."""
    found = []
    for number in range(first, end):
        hour = f"2024-10-{8 + number % 2:02d}T{6 + number % 13:02d}"
        corrects = number % 11 == 0
        found.append(
            a_metro_ride(
                external_id=f"r{number % 97}",
                person=f"card:{number % PEOPLE}",
                started_at=f"{hour}:{number % 50:02d}:00+08:00",
                ended_at=f"{hour}:{9 + number % 50:02d}:59+08:00",
                distance_km=f"{number * 37 % 40_000 / 1000:.3f}",
                corrects=f"r{(number - PEOPLE) % 97}" if corrects else "",
            )
        )
    return found


@contextmanager
def an_empty_platform() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def left_by(scheduler: Scheduler | None, folder: Path) -> list[Any]:
    """Receipts, digests of the evidence and balances of two files after one another."""
    left: list[Any] = []
    people()
    with an_empty_platform():
        for name, first, end in (("one.csv", 0, 150), ("two.csv", 120, 300)):
            receipt = deliver(folder, rides(first, end), name=name, scheduler=scheduler)
            batch = Batch.objects.get(seq=receipt["batch"])
            files = {
                file["name"]: file["sha256"]
                for file in batch.files
                if file["name"] not in NEVER_THE_SAME
            }
            left += [{name: receipt[name] for name in TOLD}, files, batch.buckets]
        left.append([books.balance(person) for person in people()])
        assert all(proof.ok for proof in prove())
    return left


def people() -> list[int]:
    """The thirty, made at the first call: their numbers decide how a batch is cut."""
    refs = [f"card:{number}" for number in range(PEOPLE)]
    return list(identify(refs, key=platform().identity_key).values())


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 40)
    monkeypatch.setattr(spool, "STRETCH_ROWS", 15)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_parts")
def test_a_pool_gives_the_same_receipts_and_evidence(tmp_path: Path) -> None:
    alone = left_by(None, tmp_path)
    assert len(alone[2]["parts"]) > 2
    assert alone[3]["mg_reversed"] > 0
    assert left_by(ProcessPool(2), tmp_path) == alone


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("small_parts")
def test_spark_gives_the_same_receipts_and_evidence(tmp_path: Path) -> None:
    alone = left_by(InProcess(), tmp_path)
    with Spark("local[2]") as spark:
        assert left_by(spark, tmp_path) == alone


@pytest.mark.django_db
def test_parts_and_no_parts_give_every_row_the_same_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = left_by(None, tmp_path)
    monkeypatch.setattr(parts, "PART_ROWS", 40)
    monkeypatch.setattr(spool, "STRETCH_ROWS", 15)
    cut = left_by(None, tmp_path)
    assert [cut[0], cut[3], cut[6]] == [whole[0], whole[3], whole[6]]


class Fails:
    """Settles one part and is then gone."""

    def run(self, job: PartJob, parts: list[Part], progress: RowsDone) -> list[SettledPart]:
        settle_part(job, parts[0])
        raise Unavailable("scheduler.worker_lost", zh="中断", en="lost")


@pytest.mark.django_db
@pytest.mark.usefixtures("small_parts")
def test_a_scheduler_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with an_empty_platform():
        with pytest.raises(Unavailable):
            deliver(tmp_path, rides(0, 150), scheduler=Fails())
        assert not Batch.objects.exists()
        staging = platform().evidence / "staging"
        assert [path for path in staging.iterdir() if path.is_dir()] == []
        assert deliver(tmp_path, rides(0, 150))["batch"] == 1


@pytest.mark.parametrize(
    ("name", "options"), [("process", {"workers": 2}), ("pool", {"master": "local[2]"})]
)
def test_options_of_another_scheduler_are_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(InputRefused) as refused:
        scheduler_named(name, **options)
    assert refused.value.code == "scheduler.option_misplaced"
