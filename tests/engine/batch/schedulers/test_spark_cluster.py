"""Spark standalone, a master and two workers: same bytes, lost workers, blind workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from bench.cluster import Cluster, Node, a_cluster

from tanhui.core.errors import Unavailable
from tanhui.engine.batch.events import Column, Columns
from tanhui.engine.batch.history import no_history
from tanhui.engine.batch.parts import PartJob
from tanhui.engine.batch.schedulers import spark_start, spark_task
from tanhui.engine.batch.schedulers.process import InProcess
from tanhui.engine.batch.schedulers.spark import Spark
from tanhui.engine.batch.spool import Stretch

from .landed import a_landed_batch, left_by

pytestmark = pytest.mark.slow


def slow_history(stretch: Stretch, persons: Column) -> Columns:
    """Time enough to lose a worker."""
    time.sleep(0.1)
    return no_history()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with a_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def spark(cluster: Cluster) -> Iterator[Spark]:
    """One connection for the whole module; both workers are there."""
    with Spark(cluster.address) as connected:
        while spark_start.workers_of(connected._context) < 2:
            time.sleep(0.1)
        yield connected


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PartJob:
    return a_landed_batch(tmp_path, monkeypatch)


def test_a_cluster_leaves_the_same_bytes_and_opens_no_port(
    spark: Spark, job: PartJob, tmp_path: Path
) -> None:
    alone = left_by(InProcess(), job, tmp_path / "alone")
    assert left_by(spark, job, tmp_path / "cluster") == alone
    assert alone.parts > 3
    assert sorted(_listening_beyond_this_machine()) == []


def _listening_beyond_this_machine() -> Iterator[str]:
    """Where any process that we started, the cluster's too, listens on another address."""
    own = {psutil.Process().pid, *(child.pid for child in psutil.Process().children(True))}
    for one in psutil.net_connections("tcp"):
        if one.status == psutil.CONN_LISTEN and one.pid in own:
            host = one.laddr.ip.removeprefix("::ffff:")
            if host not in ("127.0.0.1", "::1"):
                yield f"{psutil.Process(one.pid).cmdline()}: {host}:{one.laddr.port}"


def test_workers_with_other_software_are_named(
    spark: Spark, job: PartJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = spark_task.software() | {"polars": "0.1"}
    monkeypatch.setattr("tanhui.engine.batch.schedulers.spark.software", lambda: other)
    with pytest.raises(Unavailable) as refused:
        left_by(spark, job, tmp_path / "cluster")
    assert refused.value.code == "spark.worker_differs"
    assert "instead of 0.1" in refused.value.en


def test_workers_that_see_another_folder_are_named(
    spark: Spark, job: PartJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token there is not the one of this batch, as on a machine with a disk of its own."""
    monkeypatch.setattr("tanhui.engine.batch.schedulers.spark.TOKEN_FILE", "elsewhere")
    (job.scratch / spark_task.TOKEN_FILE).write_text("of another machine")
    with pytest.raises(Unavailable) as refused:
        left_by(spark, job, tmp_path / "cluster")
    assert refused.value.code == "spark.storage_not_shared"
    assert str(job.scratch) in refused.value.en
    assert list((tmp_path / "cluster").iterdir()) == []


def test_lost_workers_change_nothing_or_end_in_an_error(
    cluster: Cluster, spark: Spark, job: PartJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two is lost: the same bytes. The other one too: an error, and nothing is left."""
    alone = left_by(InProcess(), job, tmp_path / "alone")
    slow = replace(job, history=slow_history)
    with _loses(cluster.workers[0], job, busy=2) as begun:
        assert left_by(spark, slow, tmp_path / "one") == alone
    assert begun() > alone.parts  # some part was begun again
    monkeypatch.setattr(spark_start, "WORKERS_WAIT_S", 1)
    with _loses(cluster.workers[1], job, busy=1), pytest.raises(Unavailable) as refused:
        left_by(spark, slow, tmp_path / "none")
    assert refused.value.code == "spark.no_workers"
    assert list((tmp_path / "none").iterdir()) == []


@contextmanager
def _loses(worker: Node, job: PartJob, *, busy: int) -> Iterator[Callable[[], int]]:
    """The worker loses its power once `busy` parts have begun; gives how many have."""
    before = len(list(job.scratch.glob("part-*")))

    def begun() -> int:
        return len(list(job.scratch.glob("part-*"))) - before

    def kill() -> None:
        while begun() < busy:
            time.sleep(0.02)
        worker.kill()

    waiting = threading.Thread(target=kill)
    waiting.start()
    yield begun
    waiting.join()


def test_a_master_without_workers_is_an_error_in_time(
    cluster: Cluster, spark: Spark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the test before, no worker is left."""
    for worker in cluster.workers:
        worker.kill()
    monkeypatch.setattr(spark_start, "WORKERS_WAIT_S", 1)
    with pytest.raises(Unavailable) as refused:
        spark_start._need_workers(spark._context, cluster.address)
    assert refused.value.code == "spark.no_workers"
