"""The platform as a process of its own: own data folder, own database, real HTTP."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PROJECT = Path(__file__).resolve().parents[2]
START_S_MAX = 60


@dataclass(frozen=True)
class Site:
    """A running platform with the small city in it."""

    url: str
    environment: dict[str, str]
    key: Ed25519PrivateKey

    def command(self, *arguments: str) -> str:
        """What a `tanhui` command of this platform prints."""
        return run(["-m", "tanhui.interfaces.cli.main", *arguments], self.environment)


def run(arguments: list[str], environment: dict[str, str]) -> str:
    """Output of a Python process; its errors stop the test."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    return done.stdout


@contextmanager
def own_database(name: str) -> Iterator[str]:
    """A fresh database in the test server; gone afterwards."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            parts = urlsplit(os.environ["DATABASE_URL"])
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def served(home: Path) -> Iterator[Site]:
    """The small city, served on a free port."""
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    with own_database(f"test_web_{os.getpid()}_{secrets.token_hex(3)}") as database:
        environment = os.environ | {"DATABASE_URL": database, "TANHUI_HOME": str(home)}
        run(["-m", "tests.web.small_city", public], environment)
        with serving(environment) as url:
            yield Site(url, environment, key)


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """`tanhui serve` until the block ends; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tanhui.interfaces.cli.main", "serve", "--port", str(port)]
    with (Path(environment["TANHUI_HOME"]) / "serve.txt").open("ab") as said:
        process = subprocess.Popen(
            [*command, "--workers", "1"],
            env=environment,
            cwd=PROJECT,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended while starting"
        try:
            with urllib.request.urlopen(f"{url}/sign-in", timeout=10):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"no answer within {START_S_MAX} s")
