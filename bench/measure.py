"""Measure one side in a process of its own: CPU seconds, wall seconds and peak memory.

A side is a generator function: what it does before its first `yield` (imports, set-up) is not
measured, what follows is; what it returns are facts for the report. Memory is what the process
holds for itself; pages of mapped files, which the kernel takes back at will, are counted apart.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

Facts = dict[str, Any]
Side = Callable[..., Generator[None, None, Facts]]

SAMPLE_S = 0.02
KIB = 1024


@dataclass(frozen=True)
class Measured:
    """One run of a side; memory in bytes."""

    cpu_s: float
    wall_s: float
    memory_bytes: int  # private
    mapped_bytes: int  # resident pages of files, at most
    facts: Facts


def measure(side: str, **arguments: Any) -> Measured:
    """Run `module:function` of the bench in a fresh process; raises when it fails."""
    command = [sys.executable, "-m", "bench.measure", side, json.dumps(arguments)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )
    if done.returncode != 0:
        raise RuntimeError(f"{side} failed:\n{done.stderr[-4000:]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def middle(runs: list[Measured]) -> Measured:
    """The run with the median CPU time; with an even number, the faster of the two."""
    wanted = median_low([run.cpu_s for run in runs])
    return next(run for run in runs if run.cpu_s == wanted)


def median_low(values: list[float]) -> float:
    """
    >>> median_low([3.0, 1.0, 2.0, 4.0])
    2.0
    """
    ordered = sorted(values)
    return median(ordered[: len(ordered) - 1 if len(ordered) % 2 == 0 else None])


class MemoryWatch:
    """Samples the memory of this process until it is left."""

    def __init__(self) -> None:
        self.private_bytes = 0
        self.mapped_bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_S):
            self._look()

    def _look(self) -> None:
        lines = Path("/proc/self/status").read_text().splitlines()
        sizes = {
            name: int(value.split()[0]) * KIB
            for name, value in (line.split(":", 1) for line in lines)
            if name.startswith("Rss")
        }
        self.private_bytes = max(self.private_bytes, sizes["RssAnon"] + sizes["RssShmem"])
        self.mapped_bytes = max(self.mapped_bytes, sizes["RssFile"])


def cpu_s() -> float:
    """CPU seconds of this process and its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _run(side: Side, arguments: Mapping[str, Any]) -> Measured:
    running = side(**arguments)
    next(running)
    with MemoryWatch() as memory:
        cpu_before, wall_before = cpu_s(), time.perf_counter()
        try:
            next(running)
            raise AssertionError("a side yields once")
        except StopIteration as done:
            facts: Facts = done.value or {}
        cpu, wall = cpu_s() - cpu_before, time.perf_counter() - wall_before
    cpu = facts.pop("cpu_s", cpu)
    wall = facts.pop("wall_s", wall)
    return Measured(cpu, wall, memory.private_bytes, memory.mapped_bytes, facts)


def _main() -> None:
    module, _, function = sys.argv[1].partition(":")
    side: Side = getattr(importlib.import_module(f"bench.{module}"), function)
    measured = _run(side, json.loads(sys.argv[2]))
    sys.stdout.write(json.dumps(measured.__dict__) + "\n")


if __name__ == "__main__":
    _main()
