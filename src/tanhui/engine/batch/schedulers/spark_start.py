"""Start Spark, or say what is missing: pyspark, Java, the master, its workers.

For `local[n]` and for a master on this machine's loopback address nothing listens on any other
address. For a real cluster the operator's own spark-defaults.conf decides (docs/spark.md).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from typing import Any

from tanhui.core.errors import InputRefused, Unavailable

JAVA_MIN = 17
CONNECT_S = 5
WORKERS_WAIT_S = 60
POLL_MS = 100
LOOPBACK = ("127.0.0.1", "localhost")

_LOCAL = re.compile(r"local(\[(\d+|\*)\])?")
_CLUSTER = re.compile(r"spark://([^/:,]+:\d+(?:,[^/:,]+:\d+)*)")


def addresses_of(master: str) -> list[tuple[str, int]]:
    """The masters of a `spark://` address, none of `local[n]`; raises InputRefused.

    >>> addresses_of("spark://a:7077,b:7077"), addresses_of("local[2]")
    ([('a', 7077), ('b', 7077)], [])
    """
    if _LOCAL.fullmatch(master):
        return []
    cluster = _CLUSTER.fullmatch(master)
    if cluster is None:
        raise InputRefused(
            "spark.master_malformed",
            zh=f"--master “{master}”应写成 local[2] 或 spark://主机:7077。",
            en=f"--master '{master}' must be local[2] or spark://host:7077.",
        )
    pairs = [one.rpartition(":") for one in cluster[1].split(",")]
    return [(host, int(port)) for host, _, port in pairs]


def start(master: str) -> Any:
    """A running SparkContext on `master` with at least one worker; raises Unavailable."""
    masters = addresses_of(master)
    _need_pyspark()
    _need_java()
    if masters:
        _need_master(masters)
    from pyspark import SparkContext

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if _is_loopback(masters):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    try:
        context = SparkContext(conf=_configuration(master, masters))
    except Exception as error:
        raise Unavailable(
            "spark.not_started",
            zh=f"Spark 未能启动或未被主节点 {master} 接受；请查看上方 Spark 的输出。",
            en=f"Spark did not start, or the master {master} did not accept it; see what Spark "
            "printed above.",
            cause=last_line(str(error)),
        ) from error
    if masters:
        try:
            _need_workers(context, master)
        except BaseException:
            context.stop()
            raise
    return context


def workers_of(context: Any) -> int:
    """Executors that are connected now, the driver's own not counted."""
    return len(context._jsc.sc().statusTracker().getExecutorInfos()) - 1


def no_workers(master: str) -> Unavailable:
    """The error for a cluster without free workers."""
    return Unavailable(
        "spark.no_workers",
        zh=f"主节点 {master} 在 {WORKERS_WAIT_S} 秒内没有可用的工作节点；"
        "请启动工作节点，或释放其内存和核。",
        en=f"The master {master} had no free worker for {WORKERS_WAIT_S} seconds; start workers, "
        "or free memory and cores of theirs.",
    )


def last_line(text: str) -> str:
    """The last line of a long error that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:500] if lines else ""


def _need_pyspark() -> None:
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        raise Unavailable(
            "spark.pyspark_missing",
            zh='未安装 pyspark；请运行 pip install "tanhui[spark]"，'
            "在源码目录中运行 make setup-spark。",
            en='pyspark is not installed; run pip install "tanhui[spark]", '
            "or make setup-spark in a source folder.",
        ) from error


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin" if home else None)
    found = _java_version(java) if java else 0
    if found < JAVA_MIN:
        raise Unavailable(
            "spark.java_missing",
            zh=f"Spark 需要 Java {JAVA_MIN} 或更新版本（{_where(found, home, zh=True)}）；"
            "Debian：apt-get install openjdk-17-jre-headless。",
            en=f"Spark needs Java {JAVA_MIN} or newer ({_where(found, home, zh=False)}); "
            "Debian: apt-get install openjdk-17-jre-headless.",
        )


def _java_version(java: str) -> int:
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    number = re.search(r'version "(\d+)', told)
    return int(number[1]) if number else 0


def _where(found: int, home: str | None, *, zh: bool) -> str:
    place = f"JAVA_HOME={home}" if home else "PATH"
    if zh:
        return f"{place} 中是 Java {found}" if found else f"{place} 中没有 java"
    return f"{place} has Java {found}" if found else f"no java in {place}"


def _need_master(masters: list[tuple[str, int]]) -> None:
    refused = []
    for address in masters:
        try:
            socket.create_connection(address, timeout=CONNECT_S).close()
        except OSError as error:
            refused.append(f"{address[0]}:{address[1]}: {error}")
    if len(refused) == len(masters):
        raise Unavailable(
            "spark.master_unreachable",
            zh=f"{CONNECT_S} 秒内无法连接 Spark 主节点（{'；'.join(refused)}）；请核对 --master。",
            en=f"The Spark master does not answer within {CONNECT_S} seconds "
            f"({'; '.join(refused)}); check --master.",
        )


def _is_loopback(masters: list[tuple[str, int]]) -> bool:
    """Whether all of Spark is on this machine; `local[n]` has no master at all."""
    return all(host in LOOPBACK for host, _ in masters)


def _configuration(master: str, masters: list[tuple[str, int]]) -> Any:
    from pyspark import SparkConf

    settings = {
        "spark.app.name": "tanhui",
        "spark.master": master,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    if _is_loopback(masters):
        settings |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    return SparkConf().setAll(list(settings.items()))


def _need_workers(context: Any, master: str) -> None:
    until = time.monotonic() + WORKERS_WAIT_S
    while workers_of(context) < 1:
        if time.monotonic() > until:
            raise no_workers(master)
        time.sleep(POLL_MS / 1000)
