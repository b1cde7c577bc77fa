"""A landed batch of several parts for the scheduler tests, and what settling it left."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from bench.law import write_library
from bench.pipeline import POINTS
from bench.stream import Stream

from tanhui.engine.batch import parts, spool
from tanhui.engine.batch.events import Column, Columns
from tanhui.engine.batch.history import no_history
from tanhui.engine.batch.parts import PartJob, SettledBatch
from tanhui.engine.batch.run import Rules
from tanhui.engine.batch.schedulers.seam import Scheduler, settle_batch
from tanhui.engine.batch.spool import Stretch
from tanhui.engine.library import Library

ROWS = 24_000
SCENES = [f"s{number}" for number in range(12)]


def nothing_before(stretch: Stretch, persons: Column) -> Columns:
    """The history of an empty platform, by a name that another process can import."""
    return no_history()


def a_landed_batch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, rows: int = ROWS, part_rows: int = 5_000
) -> PartJob:
    """The bench's stream, cut into parts of about `part_rows` rows and stretches of a third."""
    monkeypatch.setattr(parts, "PART_ROWS", part_rows)
    monkeypatch.setattr(spool, "STRETCH_ROWS", part_rows // 3)
    stream = Stream(rows, Library.load(write_library(folder / "law")))
    scratch = folder / "scratch"
    scratch.mkdir()
    return PartJob(
        landed=stream.spool(scratch / "landed.arrow").landed(),
        rules=Rules(stream.methods, stream.forms, POINTS),
        history=nothing_before,
        scratch=scratch,
        batch=1,
    )


@dataclass(frozen=True)
class Left:
    """What a scheduler left: digests of the files by name, counts, sums and totals."""

    files: dict[str, str]
    counts: object
    sums: object
    totals: list[tuple[object, ...]]
    parts: int


def left_by(scheduler: Scheduler, job: PartJob, staged: Path) -> Left:
    """Settle the batch into the new folder `staged`."""
    staged.mkdir()
    heard: list[int] = []
    settled = settle_batch(job, scheduler, staged, heard.append)
    assert sum(heard) == sum(part.rows for part in parts.parts_of(job.landed.stretches()))
    return Left(
        {
            path.relative_to(staged).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(staged.rglob("*"))
            if path.is_file()
        },
        list(settled.outcome.counts.items()),
        settled.outcome.sums,
        totals_of(settled),
        len(settled.parts),
    )


def totals_of(settled: SettledBatch) -> list[tuple[object, ...]]:
    """The totals the books are told, in an order of their own."""
    return sorted(settled.outcome.total(SCENES).rows(), key=repr)
