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
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
import pytest
from tests.stories.crowd import write_month
from tests.stories.installation import Platform, prepared

from tanhui.domain.citizens.links import LEFT, unseal

KILLS = 20
RIDES_PER_FILE = 20_000
FILES = 2
PROVE_EVERY = 4

BALANCES = """
SELECT a.owner_id, s.code, b.debits, b.credits
FROM books_balance b JOIN books_account a ON a.id = b.account_id
JOIN books_asset s ON s.id = a.asset_id
"""
LINKS = "SELECT encode(digest, 'hex'), sealed FROM citizens_identity"
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
            with suppress(psutil.NoSuchProcess):  # a child dies with its parent
                each.send_signal(signal.SIGKILL)
    else:
        process.kill()
    process.communicate(timeout=120)
    return was_running


def balances(platform: Platform, settings: Any) -> list[list[Any]]:
    """What each reference has: numbers of people are random, so their links are opened."""
    settings.TANHUI_HOME = platform.home
    names, sealed = zip(*platform.rows(LINKS), strict=True)
    digests = np.array([bytes.fromhex(str(name)) for name in names], dtype="S32")
    people = unseal(np.array(sealed, dtype=np.int64), digests).tolist()
    name_of = dict(zip(people, names, strict=True))
    assert LEFT not in name_of, "no key of a link was lost"
    return sorted([name_of[owner], *rest] for owner, *rest in platform.rows(BALANCES))


@pytest.mark.slow
def test_twenty_kills_leave_the_balances_of_an_undisturbed_run(folder: Path, settings: Any) -> None:
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
    assert balances(shaken, settings) == balances(calm, settings)
    assert shaken.rows(BATCHES) == calm.rows(BATCHES)
    assert shaken.run("prove")["ok"]
    named = {uri for (uri,) in shaken.rows("SELECT uri FROM books_batch")}
    kept = {path.name for path in (shaken.home / "evidence").iterdir()} - {"staging"}
    assert named <= kept


def test_psycopg_reports_a_lost_server_as_an_operational_error() -> None:
    """What the command line turns into `database.unavailable`."""
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect("host=/nonexistent dbname=none", connect_timeout=1)
