"""Which scheduler a command asks for, by name; started when entered, stopped when left."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from tanhui.core.errors import InputRefused
from tanhui.engine.batch.schedulers.pool import ProcessPool
from tanhui.engine.batch.schedulers.process import InProcess
from tanhui.engine.batch.schedulers.seam import Scheduler
from tanhui.engine.batch.schedulers.spark import Spark

NAMES = ("process", "pool", "spark")


def scheduler_named(
    name: str, *, master: str | None = None, workers: int | None = None
) -> AbstractContextManager[Scheduler]:
    """The scheduler `name` (NAMES). Raises InputRefused for options of another one.

    >>> with scheduler_named("pool", workers=2) as scheduler:
    ...     scheduler.workers
    2
    """
    if (master is not None and name != "spark") or (workers is not None and name != "pool"):
        raise InputRefused(
            "scheduler.option_misplaced",
            zh="--master 只与 --scheduler spark 同用，--workers 只与 --scheduler pool 同用。",
            en="--master goes with --scheduler spark only, --workers with --scheduler pool only.",
        )
    if name == "spark":
        return Spark(master or "local[*]")
    return nullcontext(ProcessPool(workers) if name == "pool" else InProcess())
