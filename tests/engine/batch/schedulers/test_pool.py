"""Processes of this machine: the same bytes as one process, or an error that leaves nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tanhui.core.errors import Unavailable
from tanhui.engine.batch.events import Column, Columns
from tanhui.engine.batch.parts import Part, PartJob, gather, parts_of, settle_part
from tanhui.engine.batch.schedulers.pool import ProcessPool
from tanhui.engine.batch.schedulers.process import InProcess
from tanhui.engine.batch.spool import Stretch

from .landed import a_landed_batch, left_by


def killed_while_reading(stretch: Stretch, persons: Column) -> Columns:
    """A history that ends the process that asks for it, as the kernel does to a greedy one."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PartJob:
    return a_landed_batch(tmp_path, monkeypatch)


def test_parts_hold_every_stretch_once_and_in_order(job: PartJob) -> None:
    stretches = job.landed.stretches()
    parts = parts_of(stretches)
    assert [stretch for part in parts for stretch in part.stretches] == stretches
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert len(parts) > 3
    assert all(len(part.stretches) > 1 for part in parts)


def test_an_empty_batch_is_one_empty_part() -> None:
    assert parts_of([]) == [Part(1, ())]


def test_a_pool_leaves_the_same_bytes_as_one_process(job: PartJob, tmp_path: Path) -> None:
    alone = left_by(InProcess(), job, tmp_path / "alone")
    pool = left_by(ProcessPool(2), job, tmp_path / "pool")
    assert pool == alone
    assert alone.parts == len({name.partition("/")[0] for name in alone.files}) > 3


def test_the_order_in_which_parts_finish_does_not_matter(job: PartJob, tmp_path: Path) -> None:
    settled = [settle_part(job, part) for part in parts_of(job.landed.stretches())]
    backwards = tmp_path / "backwards"
    backwards.mkdir()
    outcome = gather(settled[::-1], backwards).outcome
    assert outcome.totals == [each.outcome.totals[0] for each in settled]


def test_a_part_settled_twice_never_meets_its_own_files(job: PartJob) -> None:
    part = parts_of(job.landed.stretches())[0]
    first, second = settle_part(job, part), settle_part(job, part)
    assert first.folder != second.folder
    assert first.outcome.sums == second.outcome.sums


def test_a_killed_process_is_an_error_with_what_to_do(job: PartJob) -> None:
    doomed = PartJob(job.landed, job.rules, killed_while_reading, job.scratch, job.batch)
    with pytest.raises(Unavailable) as refused:
        ProcessPool(2).run(doomed, parts_of(job.landed.stretches()), lambda rows: None)
    assert refused.value.code == "scheduler.worker_lost"
