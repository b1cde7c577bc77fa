"""A batch in parts: stretches that one task settles, into files of their own.

A part is the unit that a scheduler hands out. Parts are cut before anybody knows who will settle
them, so that the evidence is the same bytes on one core, on many, and on a cluster. A batch of one
part keeps its files in the batch's folder, a larger one in `part-001`, `part-002` and so on.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .files import ResultFiles
from .run import BatchOutcome, History, Rules, run_stretches
from .spool import Landed, Stretch

PART_ROWS = 1_000_000
TOTALS_FILE = "totals.arrow"


class Part(NamedTuple):
    """Stretches in order; parts of a batch count 1, 2, 3."""

    number: int
    stretches: tuple[Stretch, ...]

    @property
    def rows(self) -> int:
        """Landed rows in it."""
        return sum(stretch.rows for stretch in self.stretches)


def parts_of(stretches: Sequence[Stretch]) -> list[Part]:
    """Neighbouring stretches taken together up to PART_ROWS rows; at least one part.

    >>> [part.rows for part in parts_of([Stretch(0, 1, 600_000), Stretch(1, 2, 600_000)])]
    [600000, 600000]
    """
    found = [Part(1, ())]
    for stretch in stretches:
        last = found[-1]
        if last.stretches and last.rows + stretch.rows > PART_ROWS:
            found.append(Part(last.number + 1, (stretch,)))
        else:
            found[-1] = Part(last.number, (*last.stretches, stretch))
    return found


@dataclass(frozen=True)
class PartJob:
    """What settling any part of one batch needs; a value that travels to another process.

    `scratch` is a folder that every task and the caller see; tasks write there and nowhere else.
    """

    landed: Landed
    rules: Rules
    history: History
    scratch: Path
    batch: int


@dataclass(frozen=True)
class SettledPart:
    """What a task hands back: small figures, and where its files are."""

    part: Part
    folder: Path
    reversals: int
    outcome: BatchOutcome
    cpu_ns: int
    """CPU time of the process while it settled, nanoseconds."""


def settle_part(
    job: PartJob, part: Part, progress: Callable[[int], None] = lambda rows: None
) -> SettledPart:
    """Settle one part into a new folder of `job.scratch`.

    The folder is new each time, so a task that is run again, or that outlives the loss of its
    connection, never meets its own files.
    """
    began = time.process_time_ns()
    own = Path(tempfile.mkdtemp(prefix=f"part-{part.number:03d}-", dir=job.scratch))
    own.chmod(0o755)
    folder = own / "evidence"
    folder.mkdir()
    shares = bool(job.rules.laws.splits.any())
    with ResultFiles(folder, job.landed.event_types, shares=shares) as files:
        outcome = run_stretches(
            job.landed.read(part.stretches),
            job.rules,
            job.history,
            files,
            totals=own / TOTALS_FILE,
            batch=job.batch,
            progress=progress,
        )
    return SettledPart(part, folder, files.reversals, outcome, time.process_time_ns() - began)


@dataclass
class SettledBatch:
    """A batch whose parts stand in order in the folder of its evidence."""

    outcome: BatchOutcome = field(default_factory=BatchOutcome)
    parts: list[list[Stretch]] = field(default_factory=list)
    """Row groups of each part, in file order."""
    reversals: int = 0
    cpu_ns: int = 0


def part_folders(batch: Path, parts: int) -> list[Path]:
    """Where the parts of a batch are; one part needs no folder of its own.

    >>> [path.as_posix() for path in part_folders(Path("b"), 2)]
    ['b/part-001', 'b/part-002']
    """
    return [batch] if parts == 1 else [batch / f"part-{n:03d}" for n in range(1, parts + 1)]


def gather(settled: Sequence[SettledPart], staged: Path) -> SettledBatch:
    """Move the parts of a whole batch into `staged`, and add up what they came to."""
    whole = SettledBatch()
    ordered = sorted(settled, key=lambda each: each.part.number)
    for each, folder in zip(ordered, part_folders(staged, len(ordered)), strict=True):
        folder.mkdir(exist_ok=True)
        for file in sorted(each.folder.iterdir()):
            file.rename(folder / file.name)
        whole.outcome.add(each.outcome)
        whole.parts.append(list(each.part.stretches))
        whole.reversals += each.reversals
        whole.cpu_ns += each.cpu_ns
    return whole
