"""A Spark standalone cluster on the loopback address: a master and workers of one core each."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTED = re.compile(r"Starting Spark master at (spark://\S+)")
REGISTERED = "Successfully registered with master"
WAIT_S = 60
PROJECT = Path(__file__).parent.parent

os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
"""Short-lived JVMs, many at once: compile less, collect simply."""


class Node:
    """A master or worker with all that it starts, in a session of its own."""

    def __init__(self, folder: Path, name: str, arguments: list[str]) -> None:
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(Path(sys.executable).parent / "spark-class"), *arguments],
                cwd=folder,
                env=os.environ
                | {
                    "SPARK_LOCAL_IP": "127.0.0.1",
                    "SPARK_DAEMON_MEMORY": "256m",
                    "PYSPARK_PYTHON": sys.executable,
                    "PYTHONPATH": str(PROJECT),  # modules of bench and tests
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def told(self, pattern: str | re.Pattern[str]) -> re.Match[str]:
        """Wait until its log says it."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until and self._process.poll() is None:
            found = re.search(pattern, self.log.read_text(errors="replace"))
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(self.log.read_text(errors="replace")[-4000:])

    def kill(self) -> None:
        """End it and all that it started, as a machine that loses its power."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Cluster:
    """Master and workers; `address` is for --master."""

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder = folder
        local = ["--host", "127.0.0.1", "--webui-port", "0", "--port", "0"]
        self.nodes = [Node(folder, "master", ["org.apache.spark.deploy.master.Master", *local])]
        try:
            self.address = self.nodes[0].told(STARTED)[1]
            place = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / "work")]
            worker = ["org.apache.spark.deploy.worker.Worker", *local, *place, self.address]
            self.workers = [Node(folder, f"worker{n}", worker) for n in range(workers)]
            self.nodes += self.workers
            for node in self.workers:
                node.told(REGISTERED)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process of the cluster."""
        for node in reversed(self.nodes):
            node.kill()


@contextmanager
def a_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A running cluster, gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(folder, workers)
    try:
        yield cluster
    finally:
        cluster.stop()
