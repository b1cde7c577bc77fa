"""Parts side by side in processes of this machine.

Processes start fresh (spawn), because NumPy, Polars and database connections do not survive a
fork; each costs about a second, so a batch of one part stays in this process.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from tanhui.core.errors import Unavailable

from ..parts import Part, PartJob, SettledPart, settle_part
from .process import InProcess
from .seam import RowsDone


class ProcessPool:
    """Settles in `workers` processes; by default one for each core."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1

    def run(self, job: PartJob, parts: Sequence[Part], progress: RowsDone) -> list[SettledPart]:
        """Every part, in the order in which they finish; Unavailable when a process was killed."""
        workers = min(self.workers, len(parts))
        if workers == 1:
            return InProcess().run(job, parts, progress)
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
            waiting = [pool.submit(settle_part, job, part) for part in parts]
            try:
                return [_heard(each.result(), progress) for each in as_completed(waiting)]
            except BrokenProcessPool as error:
                raise Unavailable(
                    "scheduler.worker_lost",
                    zh="核算进程被终止（常见原因：内存不足）；本批未改变任何数据，请减少进程数后重试。",
                    en="A settling process was killed (often: out of memory); this batch changed "
                    "nothing. Try again with fewer --workers.",
                ) from error
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _heard(settled: SettledPart, progress: RowsDone) -> SettledPart:
    progress(settled.part.rows)
    return settled
