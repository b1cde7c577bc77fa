"""Spark on this machine: the same bytes, only loopback, and what is missing is named."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tanhui.core.errors import InputRefused, Unavailable
from tanhui.engine.batch.events import Column, Columns
from tanhui.engine.batch.parts import PartJob
from tanhui.engine.batch.schedulers import spark_start
from tanhui.engine.batch.schedulers.process import InProcess
from tanhui.engine.batch.schedulers.spark import Spark
from tanhui.engine.batch.spool import Stretch

from .landed import a_landed_batch, left_by


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PartJob:
    return a_landed_batch(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def local() -> Iterator[Spark]:
    with Spark("local[2]") as spark:
        yield spark


def no_file(stretch: Stretch, persons: Column) -> Columns:
    raise FileNotFoundError("earlier evidence is gone")


@pytest.mark.slow
def test_local_spark_leaves_the_same_bytes(local: Spark, job: PartJob, tmp_path: Path) -> None:
    alone = left_by(InProcess(), job, tmp_path / "alone")
    assert left_by(local, job, tmp_path / "spark") == alone
    assert left_by(local, job, tmp_path / "again") == alone
    assert alone.parts > 3


@pytest.mark.slow
def test_a_task_that_fails_is_an_error_that_leaves_nothing(
    local: Spark, job: PartJob, tmp_path: Path
) -> None:
    broken = PartJob(job.landed, job.rules, no_file, job.scratch, job.batch)
    with pytest.raises(Unavailable) as refused:
        left_by(local, broken, tmp_path / "spark")
    assert refused.value.code == "spark.failed"
    assert list((tmp_path / "spark").iterdir()) == []


@pytest.mark.parametrize("master", ["", "yarn", "local[0.5]", "spark://host", "spark://:7077"])
def test_a_master_that_is_none_is_refused(master: str) -> None:
    with pytest.raises(InputRefused) as refused, Spark(master):
        pass
    assert refused.value.code == "spark.master_malformed"


def refusal(enter: Callable[[], object]) -> Unavailable:
    with pytest.raises(Unavailable) as refused:
        enter()
    return refused.value


def test_missing_pyspark_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    error = refusal(Spark("local[1]").__enter__)
    assert error.code == "spark.pyspark_missing"
    assert "tanhui[spark]" in error.en


def a_java(folder: Path, version: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2020-01-01' >&2\n")
    java.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("version", "told"), [(None, "no java"), ("1.8.0_402", "has Java 1"), ("11.0.2", "Java 11")]
)
def test_missing_or_old_java_says_what_to_install(
    version: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_start, "_need_pyspark", lambda: None)
    home = a_java(tmp_path, version) if version else tmp_path
    monkeypatch.setenv("JAVA_HOME", str(home))
    error = refusal(Spark("local[1]").__enter__)
    assert error.code == "spark.java_missing"
    assert told in error.en
    assert "openjdk-17-jre-headless" in error.en


def test_a_master_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_start, "_need_pyspark", lambda: None)
    monkeypatch.setattr(spark_start, "_need_java", lambda: None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refusal(Spark(f"spark://127.0.0.1:{port}").__enter__)
    assert error.code == "spark.master_unreachable"
    assert f"127.0.0.1:{port}" in error.en
