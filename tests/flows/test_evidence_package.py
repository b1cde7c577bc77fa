"""A batch checked from its bytes, and packed so that a stranger recomputes it with one command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from tests.books.s3_stand_in import s3
from tests.flows.deliveries import a_metro_ride, deliver
from tests.flows.test_schedulers import rides

from tanhui.books.evidence_store import EvidenceStore
from tanhui.books.models import Batch
from tanhui.core.errors import Conflict, InputRefused, Unavailable
from tanhui.core.ids import ResultId
from tanhui.domain.citizens import queries as citizens
from tanhui.engine.batch.files import RESULTS_FILE
from tanhui.flows.evidence_check import ERASED, check_batch, fetch_missing
from tanhui.flows.evidence_package import export_batch
from tanhui.flows.recompute import recompute
from tanhui.flows.ride_proof import ride_proof
from tanhui.interfaces.log import public_log
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Three batches with duplicates, overlaps and corrections; the third is packed."""
    for name, first, end in (("one.csv", 0, 120), ("two.csv", 90, 240), ("three.csv", 200, 330)):
        deliver(tmp_path, rides(first, end), name=name)
    export_batch(platform(), public_log(), 3, tmp_path / "package")
    return tmp_path / "package"


def test_a_stranger_recomputes_with_one_command(package: Path, tmp_path: Path) -> None:
    """Without database, home or anything else of the platform."""
    code, told = recomputed(package, tmp_path)
    assert (code, told["ok"]) == (0, True)
    assert not (tmp_path / "nothing").exists()
    batch = Batch.objects.get(seq=3)
    assert batch.mg_reversed > 0, "the case is meant to hold corrections of earlier batches"
    figures = {each["en"]: each["found"] for each in told["findings"]}
    assert figures["reductions credited (mg)"] == str(batch.mg_credited)
    assert figures["reductions reversed (mg)"] == str(batch.mg_reversed)


def recomputed(package: Path, folder: Path) -> tuple[int, dict[str, object]]:
    environment = {**os.environ, "TANHUI_HOME": str(folder / "nothing"), "DATABASE_URL": "no://"}
    command = [sys.executable, "-m", "tanhui.interfaces.cli.main"]
    done = subprocess.run(
        [*command, "evidence", "recompute", str(package), "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def test_a_package_holds_no_reference_and_no_file_of_a_partner(package: Path) -> None:
    held = b"".join(path.read_bytes() for path in package.rglob("*") if path.is_file())
    assert b"card:" not in held
    names = {path.name for path in package.rglob("*")}
    assert not {"source.sealed", "delivery.json", "source"} & names


def test_changed_results_and_changed_law_are_seen(package: Path) -> None:
    results = package / "batches" / "3" / RESULTS_FILE
    whole = results.read_bytes()
    pl.read_parquet(results).with_columns(mg=pl.col("mg") + 1).write_parquet(results)
    wrong = {each.en for each in recompute(package) if not each.ok}
    assert wrong == {"files that differ from the manifest", "result hash: of the stored results"}
    results.write_bytes(whole)
    earlier = package / "batches" / "1" / RESULTS_FILE
    frame = pl.read_parquet(earlier)
    frame.with_columns(status=pl.lit(3, frame["status"].dtype)).write_parquet(earlier)
    wrong = {each.en for each in recompute(package) if not each.ok}
    assert "result hash: recomputed" in wrong


def test_no_package_is_refused(tmp_path: Path, package: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        recompute(tmp_path)
    assert refused.value.code == "evidence.no_package"
    with pytest.raises(Conflict) as there:
        export_batch(platform(), public_log(), 3, package)
    assert there.value.code == "evidence.package_exists"


def test_a_batch_is_checked_from_its_bytes(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride(), a_metro_ride(external_id="r2", person="card:2")])
    found = {each.en: each for each in check_batch(platform(), 1)}
    assert all(each.ok for each in found.values())
    assert found["rows that open their leaf"].said == "2"
    person = citizens.find("card:2", key=platform().identity_key)
    assert person is not None
    platform().people_keys.destroy(person)
    found = {each.en: each for each in check_batch(platform(), 1)}
    assert all(each.ok for each in found.values())
    assert found["rows that open their leaf"].said == "1"
    assert found["the partner's file"].found == ERASED
    folder = platform().evidence / Batch.objects.get(seq=1).uri
    shutil.rmtree(folder / "law")
    wrong = [each.en for each in check_batch(platform(), 1) if not each.ok]
    assert wrong == ["missing or changed files"]


def test_a_lost_batch_comes_back_from_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an S3 stand-in; without an answer of the store nothing is posted."""
    with s3() as (address, objects):
        query = f"scheme=http&endpoint_override={address}&region=x"
        store = EvidenceStore.at(f"s3://me:not-a-secret@bucket/kept?{query}")
        there = replace(platform(), store=store)
        monkeypatch.setattr("tanhui.interfaces.intake.platform", lambda: there)
        deliver(tmp_path, [a_metro_ride()])
        assert {name.split("/")[2] for name in objects} == {"measured", "proof", "law", "partner"}
        assert not any(b"card:1" in data for data in objects.values())
        folder = platform().evidence / Batch.objects.get(seq=1).uri
        shutil.rmtree(folder)
        assert fetch_missing(there) == [1]
        assert fetch_missing(there) == []
        shutil.rmtree(folder)
        proof = ride_proof(there, public_log(), ResultId(1, 1))
        assert proof["batch"]["root"] == Batch.objects.get(seq=1).root
        found = {each.en: each.ok for each in check_batch(there, 1)}
        assert all(found.values())
        assert "missing or changed files in the store" in found
        objects.clear()
        assert [each.en for each in check_batch(there, 1) if not each.ok] == [
            "missing or changed files in the store"
        ]
    silent = replace(there, store=EvidenceStore.at(f"s3://me:other@bucket/kept?{query}"))
    monkeypatch.setattr("tanhui.interfaces.intake.platform", lambda: silent)
    with pytest.raises(Unavailable):
        deliver(tmp_path, [a_metro_ride(external_id="r9")], name="later.csv")
    assert Batch.objects.count() == 1
    with pytest.raises(InputRefused) as refused:
        fetch_missing(platform())
    assert refused.value.code == "evidence.no_store"
