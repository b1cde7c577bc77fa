"""Ten million transfers: how long a statement and all proofs of the books take.

200,000 holders receive from one system account over two years. Beside each time stands one plain
scan of the same transfers (`SELECT sum(amount)`), which any proof must do at least once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from .database import own_database
from .measure import Facts, measure
from .report import Row

PEOPLE, DAYS, ACTS = 200_000, 730, 10_000
STATEMENTS = 50
TRANSFERS_MAX = 10_000_000

_FILL = """
INSERT INTO books_asset (id, code, unit, scale) VALUES (1, 'reduction:420100', 'mg', 0);
INSERT INTO books_account (id, owner_id, asset_id, owner_kind, role, floor_zero)
    VALUES (1, 0, 1, 'system', 'granted', false);
INSERT INTO books_account (id, owner_id, asset_id, owner_kind, role, floor_zero)
    SELECT 10 + n, n, 1, 'person', 'holder', true FROM generate_series(1, %(people)s) n;
SELECT books_ensure_month((date '2024-01-01' + make_interval(months => m))::date)
    FROM generate_series(0, 24) m;
INSERT INTO books_journal (idempotency_key, verb, actor, at, request_hash, detail)
    SELECT 'bench/' || n, 'bench', 'bench', now(), '', '{}' FROM generate_series(1, %(acts)s) n;
INSERT INTO books_transfer (id, journal_id, debit_account_id, credit_account_id, amount, asset_id,
    effective_day, n_events, code)
SELECT ((1 + n / %(per_act)s) << 32) + n %% %(per_act)s, 1 + n / %(per_act)s, 1,
    11 + n * 7919 %% %(people)s, 1 + n %% 1000, 1,
    date '2024-01-01' + (n * %(days)s / %(transfers)s)::integer, 1, 'move'
FROM generate_series(0::bigint, %(transfers)s - 1) n;
INSERT INTO books_balance (account_id, debits, credits, held, floor_zero)
    SELECT credit_account_id, 0, sum(amount), 0, true FROM books_transfer GROUP BY 1;
ANALYZE;
"""


def asking(folder: str, transfers: int) -> Generator[None, None, Facts]:
    """Seconds of a plain scan, a holder's and the system account's statement, all proofs."""
    own_database(Path(folder))
    from django.db import connection

    from tanhui.books.proofs import prove
    from tanhui.books.statements import statement
    from tanhui.books.system_days import roll_up

    values = {"people": PEOPLE, "days": DAYS, "acts": ACTS, "transfers": transfers}
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        for part in _FILL.strip().rstrip(";").split(";\n"):
            cursor.execute(part, values | {"per_act": transfers // ACTS})
    filled = time.perf_counter() - begun

    def scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(amount) FROM books_transfer")

    yield
    holders = [_seconds(partial(statement, 11 + n * 3_001)) for n in range(STATEMENTS)]
    scanned = median([_seconds(scan) for _ in range(3)])
    unsummed = _seconds(partial(statement, 1))
    rolled_up = _seconds(roll_up)
    system = _seconds(partial(statement, 1))
    begun = time.perf_counter()
    failed = [proof.name_en for proof in prove() if not proof.ok]
    proved = time.perf_counter() - begun
    assert not failed, failed
    return {
        "fill_s": filled,
        "scan_s": scanned,
        "holder_s": median(holders),
        "unsummed_s": unsummed,
        "roll_up_s": rolled_up,
        "system_s": system,
        "prove_s": proved,
    }


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def rows(folder: Path, *, transfers: int) -> Iterator[Row]:
    """The rows of the report."""
    facts = measure("ledger:asking", folder=str(folder), transfers=transfers).facts
    scan = f"{facts['scan_s']:.2f} s, one scan"
    for name, what, seconds in (
        ("holder", "a holder's statement, all of it", facts["holder_s"]),
        ("unsummed", "the system account's statement, no day summed", facts["unsummed_s"]),
        ("roll-up", "its sums by day, all of them", facts["roll_up_s"]),
        ("system", "its statement out of the sums", facts["system_s"]),
        ("prove", "all proofs of the books", facts["prove_s"]),
    ):
        yield Row(
            f"ledger/{name}",
            f"{transfers:,} transfers: {what}",
            f"{seconds * 1e3:,.1f} ms" if seconds < 1 else f"{seconds:.1f} s",
            scan,
            seconds / facts["scan_s"],
            0,
            facts,
        )
