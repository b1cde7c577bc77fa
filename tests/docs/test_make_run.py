"""`make run` in a clean clone: from nothing to a served demo city, and again in seconds."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tidy.source import PROJECT

FIRST_START_S = 600
NEXT_START_S = 120
STOP_S = 60
OFFLINE = ("Temporary failure in name resolution", "Could not connect", "No matching distribution")


@pytest.fixture
def clone() -> Iterator[Path]:
    """HEAD in a folder of its own, outside private folders."""
    if not (PROJECT / ".git").exists():
        pytest.skip("not a git repository: there is no HEAD to clone")
    root = Path(tempfile.mkdtemp(prefix="tanhui-clone-"))
    root.chmod(0o755)
    folder = root / "tanhui"
    any_owner = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    subprocess.run(
        ["git", "clone", "--quiet", str(PROJECT), str(folder)],
        env={**os.environ, **any_owner},
        check=True,
        timeout=120,
    )
    try:
        yield folder
    finally:
        stop_database(folder)
        shutil.rmtree(root, ignore_errors=True)


def stop_database(folder: Path) -> None:
    """End the embedded PostgreSQL of this clone, if a failed test left it running."""
    lock = folder / "var" / "pg" / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.kill(int(lock.read_text().split()[0]), signal.SIGINT)
        time.sleep(1)


def hear_ctrl_c() -> None:
    """Tests started in the background of a shell inherit a deaf ear for it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Running:
    """`make run` in a folder: started, answering, stopped."""

    def __init__(self, folder: Path, port: int) -> None:
        ours = ("DATABASE_URL", "TANHUI_", "DJANGO_", "VIRTUAL_ENV", "MAKE", "PYTHONPATH")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        self.log = folder.parent / f"run-{port}-{time.monotonic_ns()}.log"
        self.port = port
        self.began = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["make", "run", f"PORT={port}"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=hear_ctrl_c,  # noqa: PLW1509 - the child only sets one signal
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def page(self, limit_s: int) -> str:
        """The first page, as soon as it is served; skips when set-up has no network."""
        while time.monotonic() - self.began < limit_s:
            if self.process.poll() is not None:
                if any(sign in self.said() for sign in OFFLINE):
                    pytest.skip("set-up of a clean clone needs the network")
                pytest.fail(self.said())
            with contextlib.suppress(urllib.error.URLError, OSError):
                address = f"http://127.0.0.1:{self.port}/"
                with urllib.request.urlopen(address, timeout=10) as answer:
                    return str(answer.read().decode())
            time.sleep(0.2)
        return pytest.fail(f"no page after {limit_s} s\n{self.said()}")

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            pytest.fail(f"did not stop within {STOP_S} s\n{self.said()}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.slow
def test_make_run_serves_the_demo_city_from_a_clean_clone(clone: Path) -> None:
    port = free_port()
    for limit_s in (FIRST_START_S, NEXT_START_S):
        running = Running(clone, port)
        try:
            page = running.page(limit_s)
        finally:
            running.stop()
        assert "碳惠" in page
        assert f"http://127.0.0.1:{port}/" in running.said()
        assert "demo-citizen" in running.said()
    assert not (clone / "var" / "pg" / "postmaster.pid").exists(), "PostgreSQL was left running"
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, check=True, timeout=60
    )
    assert changed.stdout == b"", "what a run makes must be ignored by git"


def test_every_target_of_the_makefile_is_in_its_help() -> None:
    said = subprocess.run(
        ["make"], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    for target in ("setup", "run", "check", "test", "bench", "screenshots", "lock", "clean"):
        assert f"make {target} " in said


def test_ci_runs_what_the_readme_tells() -> None:
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.splitlines()[-1].endswith("make test")
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for package in ("chromium", "fonts-noto-cjk"):
        assert package in script
        assert package in makefile
