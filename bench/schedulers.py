"""One process, a pool, Spark here and Spark on a cluster: the same bytes, the same task CPU.

CPU seconds are those of the tasks, which each measures of its own process; starting processes
and the Java of Spark are not in them (wall seconds, in the JSON, hold all). The cluster is a
master and two workers of one core on the loopback address.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil

from tanhui.engine.batch.parts import PartJob, SettledBatch
from tanhui.engine.batch.schedulers import spark_start
from tanhui.engine.batch.schedulers.pool import ProcessPool
from tanhui.engine.batch.schedulers.process import InProcess
from tanhui.engine.batch.schedulers.seam import Scheduler, settle_batch
from tanhui.engine.batch.schedulers.spark import Spark

from .cluster import a_cluster
from .measure import KIB, Facts, measure, middle
from .pipeline import MEMORY_HOLD_BYTES, OUT, LandedSpool, _fresh_folder, _no_history, _rules
from .report import Row

HOLD = 1.1
WORKERS = 2
SAMPLE_S = 0.25
NAMES = {
    "process": "one process",
    "pool": "a pool of two",
    "local": "Spark local[2]",
    "cluster": "Spark, a master and two workers",
}


def settle(folder: str, scheduler: str) -> Generator[None, None, Facts]:
    """The landed batch settled by `scheduler` (NAMES)."""
    place = Path(folder)
    scratch, out = _fresh_folder(place / "scratch"), _fresh_folder(place / OUT)
    landed = LandedSpool(place).landed()
    job = PartJob(landed, _rules(place), _no_history, scratch, batch=1)
    with ExitStack() as running:
        chosen = _scheduler(scheduler, scratch, running)
        yield
        began = time.perf_counter()
        memory = WorkersMemory()
        if scheduler != "process":  # looking costs CPU, and here the tasks are in this process
            running.enter_context(memory)
        settled = settle_batch(job, chosen, out, lambda rows: None)
        wall_s = time.perf_counter() - began
    return {
        "cpu_s": settled.cpu_ns / 1e9,
        "wall_s": wall_s,
        "digest": _digest(settled, out),
        "worker_bytes": memory.bytes_max,
    }


def _scheduler(name: str, folder: Path, running: ExitStack) -> Scheduler:
    if name == "process":
        return InProcess()
    if name == "pool":
        return ProcessPool(WORKERS)
    master = f"local[{WORKERS}]"
    if name == "cluster":
        master = running.enter_context(a_cluster(folder / "cluster", WORKERS)).address
    spark = running.enter_context(Spark(master))
    while name == "cluster" and spark_start.workers_of(spark._context) < WORKERS:
        time.sleep(SAMPLE_S)
    return spark


class WorkersMemory:
    """The most that one Python process below this one held for itself, in bytes."""

    def __init__(self) -> None:
        self.bytes_max = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> WorkersMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_S):
            for child in psutil.Process().children(recursive=True):
                self.bytes_max = max(self.bytes_max, _private_bytes(child.pid))


def _private_bytes(pid: int) -> int:
    """Private memory of a Python process; 0 for another, or one that is gone."""
    try:
        if "python" not in Path(f"/proc/{pid}/exe").readlink().name:
            return 0
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    held = (line.split() for line in lines if line.startswith(("RssAnon", "RssShmem")))
    return sum(int(words[1]) * KIB for words in held)


def _digest(settled: SettledBatch, out: Path) -> str:
    """Of every byte of evidence with its file's name, and of what the receipt would say."""
    whole = hashlib.sha256()
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        whole.update(path.relative_to(out).as_posix().encode())
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    told = (list(settled.outcome.counts.items()), settled.outcome.sums, settled.outcome.days)
    whole.update(repr(told).encode())
    return whole.hexdigest()[:16]


def rows(folder: Path, *, events: int, rounds: int) -> Iterator[Row]:
    """The rows of the report."""
    measure("pipeline:prepare", folder=str(folder), rows=events)
    runs = {
        name: [measure("schedulers:settle", folder=str(folder), scheduler=name)] for name in NAMES
    }
    for _ in range(rounds - 1):
        for name in ("process", "cluster"):
            runs[name].append(measure("schedulers:settle", folder=str(folder), scheduler=name))
    middles = {name: middle(each) for name, each in runs.items()}
    alone = middles["process"]
    for name, what in NAMES.items():
        if name != "process":
            yield Row.same(
                f"schedulers/same/{name}",
                f"{events:,} events: bytes of evidence and counts, {what}",
                ours=middles[name].facts["digest"],
                oracle=alone.facts["digest"],
            )
    yield Row(
        "schedulers/cpu",
        f"{events:,} events: task CPU, {NAMES['cluster']}, against one process",
        f"{middles['cluster'].cpu_s:.2f} CPU-s",
        f"{alone.cpu_s:.2f} CPU-s",
        middles["cluster"].cpu_s / alone.cpu_s,
        HOLD,
        {name: each.__dict__ for name, each in middles.items()},
    )
    largest = max(each.facts["worker_bytes"] or each.memory_bytes for each in middles.values())
    yield Row(
        "schedulers/memory",
        f"{events:,} events: the largest worker, in units of {MEMORY_HOLD_BYTES / 1e9:g} GB",
        f"{largest / 1e6:,.0f} MB",
        f"{MEMORY_HOLD_BYTES / 1e6:,.0f} MB",
        largest / MEMORY_HOLD_BYTES,
        1.0,
        {},
    )
