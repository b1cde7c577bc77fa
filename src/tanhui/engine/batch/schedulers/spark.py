"""Parts as tasks of Apache Spark, on this machine (`local[n]`) or on a cluster (`spark://...`).

Spark only hands out parts and brings back small figures. Each task reads the landed rows and the
earlier evidence from storage that every machine sees, and writes its files there. Spark runs a
lost task again elsewhere; a task's files stand in a folder of its own, so what a lost worker may
still write is never part of the evidence.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from tanhui.core.errors import Unavailable

from ..parts import Part, PartJob, SettledPart
from . import spark_start
from .seam import RowsDone
from .spark_task import TOKEN_FILE, SparkJob, Unfit, settle_on_worker, software


class Spark:
    """A connection to Spark, started when entered and stopped when left.

    `master` is `local[2]`, `local[*]` or `spark://host:7077`. Entering raises InputRefused for
    another master, and Unavailable when pyspark, Java, the master or its workers are missing.
    """

    def __init__(self, master: str = "local[*]") -> None:
        self.master = master
        self._context: Any = None

    def __enter__(self) -> Spark:
        self._context = spark_start.start(self.master)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._context.stop()

    def run(self, job: PartJob, parts: Sequence[Part], progress: RowsDone) -> list[SettledPart]:
        """Every part, in order; Unavailable when a worker is unfit or none is left."""
        token = secrets.token_hex(16)
        (job.scratch / TOKEN_FILE).write_text(token, encoding="ascii")
        shared = self._context.broadcast(SparkJob(job, token, software()))
        done = self._context.accumulator(0)
        tasks = self._context.parallelize(list(parts), len(parts)).map(
            lambda part: settle_on_worker(shared.value, part, done.add)
        )
        try:
            answers = self._collect(tasks, done, progress)
        finally:
            shared.destroy()
        return _settled(answers, self.master)

    def _collect(self, tasks: Any, done: Any, progress: RowsDone) -> list[SettledPart | Unfit]:
        """The answers of all tasks; `progress` hears rows as tasks end."""
        answers: list[SettledPart | Unfit] = []
        failed: list[Exception] = []

        def collect() -> None:
            try:
                answers.extend(tasks.collect())
            except Exception as error:
                failed.append(error)

        waiting = threading.Thread(target=collect, name="spark", daemon=True)
        waiting.start()
        try:
            self._wait(waiting, done, progress)
        except BaseException:
            self._context.cancelAllJobs()
            waiting.join()
            raise
        if failed:
            raise Unavailable(
                "spark.failed",
                zh="Spark 未能完成核算，本批未改变任何数据；请查看工作节点的日志。",
                en="Spark could not finish; this batch changed nothing. See the workers' logs.",
                cause=spark_start.last_line(str(failed[0])),
            ) from failed[0]
        return answers

    def _wait(self, waiting: threading.Thread, done: Any, progress: RowsDone) -> None:
        """Until the tasks are collected; raises Unavailable when the cluster has no worker left."""
        heard, alone_since = 0, None
        while waiting.is_alive():
            waiting.join(spark_start.POLL_MS / 1000)
            heard = _hear(done.value, heard, progress)
            if self.master.startswith("local") or spark_start.workers_of(self._context):
                alone_since = None
            else:
                alone_since = alone_since or time.monotonic()
                if time.monotonic() - alone_since > spark_start.WORKERS_WAIT_S:
                    raise spark_start.no_workers(self.master)
        _hear(done.value, heard, progress)


def _hear(rows: int, heard: int, progress: RowsDone) -> int:
    """Tell what is new; a task that Spark ran twice may count twice, so it is only a figure."""
    if rows > heard:
        progress(rows - heard)
    return max(rows, heard)


def _settled(answers: list[SettledPart | Unfit], master: str) -> list[SettledPart]:
    """The settled parts; raises Unavailable when a machine was unfit."""
    unfit = {answer.host: answer for answer in answers if isinstance(answer, Unfit)}
    settled = [answer for answer in answers if isinstance(answer, SettledPart)]
    differing = [f"{each.host}: {each.detail}" for each in unfit.values() if each.why == "software"]
    if differing:
        raise Unavailable(
            "spark.worker_differs",
            zh=f"工作节点的软件与本机不同（{'；'.join(differing)}）；请在各节点安装相同的环境。",
            en=f"Workers run other software than this machine ({'; '.join(differing)}); install "
            "the same environment on each.",
        )
    blind = [f"{each.host}: {each.detail}" for each in unfit.values()]
    blind += [f"{each.folder} is not here" for each in settled if not each.folder.is_dir()]
    if blind:
        raise Unavailable(
            "spark.storage_not_shared",
            zh=f"工作节点看不到存证目录（{'；'.join(blind)}）；"
            f"请把 TANHUI_HOME 放在 {master} 各节点以相同路径可读写的共享存储上。",
            en=f"Workers do not see the evidence folder ({'; '.join(blind)}); put TANHUI_HOME on "
            f"storage that every node of {master} reads and writes under the same path.",
        )
    return settled
