"""What is kept is checked against its manifest: missing and changed evidence is an incident."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.flows.deliveries import a_metro_ride, deliver

from tanhui.books.models import Batch
from tanhui.core.errors import Conflict
from tanhui.core.ids import ResultId
from tanhui.engine.batch.files import RESULTS_FILE
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.flows.deliveries import Delivery, keep_source
from tanhui.flows.explain_result import explain_result
from tanhui.flows.prove import prove
from tanhui.interfaces.platform import feed_of, platform

pytestmark = pytest.mark.django_db


def folder_of(batch: int) -> Path:
    return platform().evidence / Batch.objects.get(seq=batch).uri


def test_untouched_evidence_is_proved(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    proofs = prove(platform())
    assert all(proof.ok for proof in proofs)
    evidence, log = proofs[-2:]
    files = 9 + len(platform().rulesets.texts)  # the batch's own, and every rule set sealed with it
    assert evidence.figure_left == evidence.figure_right == files
    assert log.figure_left == log.figure_right > 0


def test_missing_evidence_is_found(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    folder_of(1).rename(folder_of(1).with_name("elsewhere"))
    broken = [proof for proof in prove(platform()) if not proof.ok]
    assert [proof.figure_right for proof in broken] == [0]
    assert "missing" in broken[0].detail


def test_a_changed_result_is_found_and_does_not_match_its_explanation(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    results = folder_of(1) / RESULTS_FILE
    changed = pl.read_parquet(results).with_columns(mg=pl.lit(999_999_999, dtype=pl.Int64))
    results.chmod(0o644)
    changed.write_parquet(results)
    broken = [proof for proof in prove(platform()) if not proof.ok]
    assert "results.parquet" in broken[0].detail
    assert explain_result(platform(), ResultId(1, 1))["matches"] is False
    found = explain_result(platform(), ResultId(1, 1))["differences"]
    assert {"of": "after_caps_mg", "stored": 999_999_999, "recomputed": 784_000} in found


def test_a_file_that_is_still_being_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "growing.csv"
    path.write_bytes(b"a\n")
    source = SourceFile(path, path.name)
    assert source.sha256
    path.write_bytes(b"a\nb\n")
    delivery = Delivery(source, feed_of("canonical", {}), {}, "metro-co", "test")
    (tmp_path / "staged").mkdir()
    with pytest.raises(Conflict) as refused:
        keep_source(delivery, tmp_path / "staged")
    assert refused.value.code == "file.changed"


def test_no_note_of_doubt_is_left_behind_a_committed_batch(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    assert not list((platform().evidence / "staging").glob("*.sealing"))
