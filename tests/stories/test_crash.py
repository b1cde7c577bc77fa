"""kill -9 of the intake and of PostgreSQL, twenty times, then a retry: as if nothing happened.

Two platforms with the same identity key take the same files. One is undisturbed; the other is
killed at random moments of every attempt. At the end both hold the same integers.
"""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.stories.crowd import write_month
from tests.stories.installation import Platform, prepared

KILLS = 20
RIDES_PER_FILE = 20_000
FILES = 2
PROVE_EVERY = 4

BALANCES = """
SELECT encode(i.digest, 'hex'), s.code, b.debits, b.credits
FROM books_balance b JOIN books_account a ON a.id = b.account_id
JOIN books_asset s ON s.id = a.asset_id JOIN citizens_identity i ON i.person_id = a.owner_id
ORDER BY 1, 2
"""
BATCHES = """
SELECT seq, source_sha256, counts::text, reasons::text, mg_credited, mg_reversed, points_credited
FROM books_batch ORDER BY seq
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder the embedded server's own user may enter."""
    path = Path(tempfile.mkdtemp(prefix="tanhui-crash-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def take_in(platform: Platform, file: Path) -> tuple[str, ...]:
    return ("intake", str(file), "--feed", "canonical", "--partner", "crowd")


def kill_once(platform: Platform, file: Path, wait_s: float, *, server: bool) -> bool:
    """Start an intake and kill -9 it, or the database server, after `wait_s` seconds.

    Returns whether there was still something to kill.
    """
    process = platform.start(*take_in(platform, file), "--json")
    deadline = time.monotonic() + wait_s
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    was_running = process.poll() is None
    if server:
        for each in platform.postgres():
            each.send_signal(signal.SIGKILL)
    else:
        process.kill()
    process.communicate(timeout=120)
    return was_running


@pytest.mark.slow
def test_twenty_kills_leave_the_balances_of_an_undisturbed_run(folder: Path) -> None:
    files = write_month(folder, files=FILES, rides=RIDES_PER_FILE)
    calm = prepared(folder / "calm")
    begun = time.monotonic()
    for file in files:
        calm.run(*take_in(calm, file))
    calm_s = (time.monotonic() - begun) / FILES
    shaken = prepared(folder / "shaken")
    shutil.copytree(calm.home / "keys", shaken.home / "keys", dirs_exist_ok=True)

    luck = random.Random(20_240_901)
    hits = 0
    for number, file in enumerate(files):  # arrival order decides, so one file after the other
        for kill in range(number, KILLS, FILES):
            wait_s = luck.uniform(0.1, 0.75) * calm_s
            hits += kill_once(shaken, file, wait_s, server=kill // FILES % 2 == 1)
            if kill % PROVE_EVERY == 0:
                proofs = shaken.run("prove")
                assert proofs["ok"], proofs
        receipt = shaken.run(*take_in(shaken, file))
        counts = receipt["counts"]
        assert isinstance(counts, dict)
        assert sum(counts.values()) == receipt["rows"] == RIDES_PER_FILE

    assert hits >= KILLS // 2, "most kills must meet a running intake"
    assert shaken.rows(BALANCES) == calm.rows(BALANCES)
    assert shaken.rows(BATCHES) == calm.rows(BATCHES)
    assert shaken.run("prove")["ok"]
    named = {uri for (uri,) in shaken.rows("SELECT uri FROM books_batch")}
    kept = {path.name for path in (shaken.home / "evidence").iterdir()} - {"staging"}
    assert named <= kept


def test_psycopg_reports_a_lost_server_as_an_operational_error() -> None:
    """What the command line turns into `database.unavailable`."""
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect("host=/nonexistent dbname=none", connect_timeout=1)
