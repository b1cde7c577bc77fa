"""An installation of its own for the crash stories: data folder, embedded server, command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil


class Platform:
    """One installation with its own data folder and embedded server, used through the CLI."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.home.mkdir(mode=0o755)
        self._set_environment()

    def _set_environment(self) -> None:
        self.environment = {
            name: value for name, value in os.environ.items() if name != "DATABASE_URL"
        } | {"TANHUI_HOME": str(self.home)}

    @classmethod
    def at(cls, home: Path) -> Platform:
        """The installation of a folder that is there."""
        found = cls.__new__(cls)
        found.home = home
        found._set_environment()
        return found

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A running `tanhui` command."""
        return subprocess.Popen(
            [sys.executable, "-m", "tanhui.interfaces.cli.main", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str) -> dict[str, object]:
        """The JSON answer of a command that must succeed."""
        process = self.start(*arguments, "--json")
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, (arguments, out.decode(), err.decode())
        document: dict[str, object] = json.loads(out)
        return document

    def postgres(self) -> list[psutil.Process]:
        """The server processes of this installation."""
        data = str(self.home / "pg")
        found = []
        for process in psutil.process_iter(["name", "cmdline"]):
            if process.info["name"] == "postgres" and data in (process.info["cmdline"] or []):
                found += [process, *process.children(recursive=True)]
        return found

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database answers, asked through a server started for it."""
        script = (
            "import json, os, psycopg\n"
            "from tanhui.interfaces.database import ensure_database\n"
            "with psycopg.connect(ensure_database()) as c:\n"
            f"    print(json.dumps(c.execute({query!r}).fetchall()))"
        )
        out = subprocess.run(
            [sys.executable, "-c", script], env=self.environment, capture_output=True, check=True
        ).stdout
        return [tuple(row) for row in json.loads(out)]

    def keep_database(self) -> tuple[subprocess.Popen[str], str]:
        """Start the database and a process that keeps it; with the address."""
        script = (
            "import sys\n"
            "from tanhui.interfaces.database import ensure_database\n"
            "print(ensure_database(), flush=True)\n"
            "sys.stdin.read()"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the database did not start"
        return process, address


def prepared(home: Path) -> Platform:
    platform = Platform(home)
    platform.run("migrate")
    platform.run("partner", "add", "crowd", "--name-zh", "测试人群", "--name-en", "Test crowd")
    return platform
