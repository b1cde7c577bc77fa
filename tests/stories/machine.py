"""One installation on a machine of its own: data folder, database, commands, what it must keep."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from tests.web.serving import PROJECT
from tests.web.small_city import PARTNER, csv_text

BALANCES = """
SELECT a.owner_kind, a.owner_id, a.role, s.code, b.debits, b.credits, b.held
FROM books_balance b JOIN books_account a ON a.id = b.account_id
JOIN books_asset s ON s.id = a.asset_id ORDER BY 1, 2, 3, 4
"""
BLOCKS = "SELECT serials::text, owner_id, state, closed_by_id FROM books_creditblock ORDER BY id"
TRANSFERS = "SELECT * FROM books_transfer ORDER BY id"
LOG = (
    "SELECT p.year, p.index, e.body FROM books_logplace p JOIN books_logentry e ON e.id=p.entry_id"
)

BODY = ("--name-zh", "测试机构", "--name-en", "Body", "--kind", "enterprise", "--region", "420100")


@dataclass(frozen=True)
class Machine:
    """One installation: its data folder and its database."""

    home: Path
    database: str
    library: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.database,
            "TANHUI_HOME": str(self.home),
            "TANHUI_LIBRARY": str(self.library),
        }

    @property
    def owner(self) -> str:
        """The number of the one organisation, which holds the units."""
        (found,) = self.do("organisation", "list")["organisations"]
        return str(found["organisation"])

    def ask(self, *arguments: str | Path) -> tuple[int, Any]:
        """Exit code and JSON answer of a command."""
        words = ["-m", "tanhui.interfaces.cli.main", *map(str, arguments), "--json"]
        done = subprocess.run(
            [sys.executable, *words],
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr[-3_000:]
        return done.returncode, json.loads(done.stdout)

    def do(self, *arguments: str | Path) -> Any:
        """The JSON answer of a command that succeeds."""
        code, answer = self.ask(*arguments)
        assert code == 0, answer
        return answer

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(query).fetchall()

    def take_in(self, name: str, rows: list[dict[str, str]]) -> None:
        path = self.home.parent / name
        path.write_text(csv_text(rows), encoding="utf-8")
        self.do("intake", path, "--feed", "canonical", "--partner", PARTNER)

    @property
    def checkpoints(self) -> dict[str, str]:
        return {
            path.parent.name: path.read_text()
            for path in sorted(self.home.glob("log/*/checkpoint"))
        }

    @property
    def state(self) -> dict[str, Any]:
        """What must be the same afterwards."""
        told = {
            query: self.rows(query)
            for query in (BALANCES, BLOCKS, TRANSFERS, f"{LOG} ORDER BY 1,2")
        }
        account = self.do("account", "card:1", "--records", "100")
        units = self.do("units", "show", self.owner)
        return told | {"account": account, "units": units, "log": self.checkpoints}
