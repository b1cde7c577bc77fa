"""What a scheduler is, and the one way to settle a batch with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from ..parts import Part, PartJob, SettledBatch, SettledPart, gather, parts_of

RowsDone = Callable[[int], None]
"""Hears how many more rows are settled."""


class Scheduler(Protocol):
    """Has `settle_part` run once for every part, wherever it likes, in any order."""

    def run(self, job: PartJob, parts: Sequence[Part], progress: RowsDone) -> list[SettledPart]:
        """Every part settled. Raises Unavailable when that cannot be done; nothing is kept then."""


def settle_batch(
    job: PartJob, scheduler: Scheduler, staged: Path, progress: RowsDone
) -> SettledBatch:
    """Settle every landed row of `job` and put the files of evidence into `staged`."""
    settled = scheduler.run(job, parts_of(job.landed.stretches()), progress)
    return gather(settled, staged)
