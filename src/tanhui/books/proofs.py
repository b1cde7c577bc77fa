"""The proofs: figures that must be equal, computed from the rows themselves, never repaired.

tanhui prove   ->   every proof with its two figures; any difference is an incident
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from django.db import connection, transaction

from . import ledger_proofs, system_days
from .manifest import FIRST_PREV_DIGEST, BatchManifest, FileDigest
from .models import CREDIT, MG, OPERATOR, PARTNER, POINTS, REVERSE, SYSTEM, Batch
from .serial_proofs import issued_and_standing

_DIFFERENCES_SHOWN = 5
WORK_MEM = "256MB"  # of one sort or hash while proving


@dataclass(frozen=True)
class Proof:
    """Two figures that must be equal; `detail` names the first places where they are not."""

    name_zh: str
    name_en: str
    ok: bool
    figure_left: int
    figure_right: int
    detail: str


def prove() -> list[Proof]:
    """All proofs, over everything in the books, at one moment.

    One snapshot: a batch posted meanwhile is either in all figures or in none.
    """
    nested = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if not nested:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEM}'")
        return [proof for check in CHECKS for proof in check()]


def _equal(
    name_zh: str, name_en: str, left: int, right: int, differing: list[str] | None = None
) -> Proof:
    differing = differing or []
    detail = "; ".join(differing[:_DIFFERENCES_SHOWN])
    return Proof(name_zh, name_en, left == right and not differing, left, right, detail)


_SIDES = """
SELECT s.code, sum(t.amount) FILTER (WHERE d.asset_id = t.asset_id),
       sum(t.amount) FILTER (WHERE c.asset_id = t.asset_id), sum(t.amount)
FROM books_transfer t
LEFT JOIN books_account d ON d.id = t.debit_account_id
LEFT JOIN books_account c ON c.id = t.credit_account_id
LEFT JOIN books_asset s ON s.id = t.asset_id
GROUP BY 1 ORDER BY 1
"""


def _sides() -> Iterator[Proof]:
    """Per asset: debits of known accounts of that asset equal credits of the same."""
    for code, given, received, total in _rows(_SIDES):
        wrong = [] if given == received == total else [f"{code}: {total} moved"]
        name = (f"借贷相等：{code}", f"debits equal credits: {code}")
        yield _equal(*name, int(given or 0), int(received or 0), wrong)


_BALANCES = f"""
WITH moved AS (
    SELECT account, sum(debits) AS debits, sum(credits) AS credits FROM (
        SELECT debit_account_id AS account, amount AS debits, 0 AS credits FROM books_transfer
        UNION ALL
        SELECT credit_account_id, 0, amount FROM books_transfer) sides
    WHERE account NOT IN (SELECT id FROM books_account WHERE owner_kind = '{SYSTEM}')
    GROUP BY 1
)
SELECT coalesce(b.account_id, m.account), coalesce(b.credits - b.debits, 0),
       coalesce(m.credits - m.debits, 0),
       coalesce(b.credits, 0) <> coalesce(m.credits, 0)
       OR coalesce(b.debits, 0) <> coalesce(m.debits, 0)
FROM books_balance b FULL JOIN moved m ON m.account = b.account_id
"""


def _balances() -> Iterator[Proof]:
    """Every balance equals the sum of its transfers, debits and credits each."""
    name = ("余额等于流水之和", "every balance equals its transfers")
    table = f"({_BALANCES}) x (account, stored, moved, differs)"
    text = "'account ' || account || ': ' || stored || ' stored, ' || moved || ' moved'"
    yield _from_sql(
        name,
        f"SELECT coalesce(sum(stored), 0), coalesce(sum(moved), 0), {_first(text, 'differs')} "
        f"FROM {table}",
    )


_LOTS = f"""
SELECT coalesce(a.id, l.account_id), coalesce(b.credits - b.debits, 0), coalesce(l."left", 0),
       coalesce(b.credits, 0), coalesce(l.amount, 0)
FROM (SELECT account_id, sum("left") AS "left", sum(amount) AS amount
      FROM books_lot GROUP BY 1) l
FULL JOIN (
    SELECT a.id FROM books_account a JOIN books_asset s ON s.id = a.asset_id
    WHERE s.unit = '{POINTS}' AND a.owner_kind <> '{SYSTEM}') a ON a.id = l.account_id
LEFT JOIN books_balance b ON b.account_id = coalesce(a.id, l.account_id)
"""


def _lots() -> Iterator[Proof]:
    """What is left in the lots of an account is its points balance; what they held, its credits."""
    table = f"({_LOTS}) x (account, stored, lots, credited, earned)"
    for names, stored, lots in (
        (("积分批次剩余等于积分余额", "lots equal points balances"), "stored", "lots"),
        (("积分批次总额等于入账积分", "lots equal points credited"), "credited", "earned"),
    ):
        text = f"'account ' || account || ': ' || {stored} || ', lots ' || {lots}"
        yield _from_sql(
            names,
            f"SELECT coalesce(sum({stored}), 0), coalesce(sum({lots}), 0), "
            f"{_first(text, f'{stored} <> {lots}')} FROM {table}",
        )


_HOLDS = """
SELECT coalesce(b.account_id, h.account), coalesce(b.held, 0), coalesce(h.amount, 0)
FROM (SELECT account_id, held FROM books_balance WHERE held <> 0) b
FULL JOIN (SELECT account_id AS account, sum(amount) AS amount FROM books_hold
           WHERE state = 'open' GROUP BY 1) h ON h.account = b.account_id
"""


def _held() -> Iterator[Proof]:
    """What an account has held is the sum of its open holds."""
    text = "'account ' || account || ': ' || held || ' held, ' || holds || ' in open holds'"
    yield _from_sql(
        ("冻结额等于未结冻结之和", "held equals open holds"),
        f"SELECT coalesce(sum(held), 0), coalesce(sum(holds), 0), "
        f"{_first(text, 'held <> holds')} FROM ({_HOLDS}) x (account, held, holds)",
    )


def _floors() -> Iterator[Proof]:
    """No holder is below zero, and no balance has lost its floor."""
    below = _rows(
        "SELECT b.account_id FROM books_balance b LEFT JOIN books_account a ON a.id = b.account_id "
        "WHERE b.floor_zero IS DISTINCT FROM a.floor_zero "
        "OR (a.floor_zero AND b.credits - b.debits - b.held < 0) ORDER BY 1"
    )
    names = [f"account {account}" for (account,) in below]
    yield _equal("没有账户为负", "no account is below its floor", len(below), 0, names)


_MANIFESTS = """
SELECT b.seq, b.mg_credited, b.mg_reversed, b.points_credited, b.points_reversed,
       coalesce(t.mg_credited, 0), coalesce(t.mg_reversed, 0),
       coalesce(t.points_credited, 0), coalesce(t.points_reversed, 0)
FROM books_batch b FULL JOIN ({moved}) t ON t.journal_id = b.journal_id
"""

_MOVED = " ".join(
    [
        "SELECT t.journal_id,",
        ", ".join(
            f"sum(t.amount) FILTER (WHERE s.unit = '{unit}' AND t.code = '{code}') AS {name}"
            for unit, code, name in (
                (MG, "credit", "mg_credited"),
                (MG, "reverse", "mg_reversed"),
                (POINTS, "earn", "points_credited"),
                (POINTS, "reverse", "points_reversed"),
            )
        ),
        "FROM books_transfer t JOIN books_asset s ON s.id = t.asset_id",
        "WHERE t.code IN ('credit', 'earn', 'reverse') GROUP BY 1",
    ]
)


def _manifests() -> Iterator[Proof]:
    """What the manifests say was credited is what the ledger holds, batch by batch."""
    rows = [
        (seq, [int(figure or 0) for figure in figures])
        for seq, *figures in _rows(_MANIFESTS.format(moved=_MOVED))
    ]
    for name_zh, name_en, at in (
        ("清单减排量等于账上减排量", "manifests' mg equal the ledger's", 0),
        ("清单积分等于账上积分", "manifests' points equal the ledger's", 2),
    ):
        said = sum(figures[at] - figures[at + 1] for _, figures in rows)
        held = sum(figures[at + 4] - figures[at + 5] for _, figures in rows)
        wrong = [
            f"batch {seq}: {figures[at : at + 2]} said, {figures[at + 4 : at + 6]} moved"
            for seq, figures in rows
            if figures[at : at + 2] != figures[at + 4 : at + 6]
        ]
        yield _equal(name_zh, name_en, said, held, wrong)


_SHARES = f"""
SELECT b.seq, b.buckets->'shares', a.owner_kind, t.code, sum(t.amount)
FROM books_batch b
LEFT JOIN (books_transfer t JOIN books_account a
    ON a.id = CASE t.code WHEN '{REVERSE}' THEN t.debit_account_id ELSE t.credit_account_id END
   AND a.owner_kind IN ('{PARTNER}', '{OPERATOR}')) ON t.journal_id = b.journal_id
WHERE b.buckets ? 'shares' OR a.id IS NOT NULL
GROUP BY 1, 2, 3, 4 ORDER BY 1
"""

_SHARE_OF = {
    (PARTNER, CREDIT): "platform_credited",
    (PARTNER, REVERSE): "platform_reversed",
    (OPERATOR, CREDIT): "operator_credited",
    (OPERATOR, REVERSE): "operator_reversed",
}


def _shares() -> Iterator[Proof]:
    """What the manifests say platform and operator were allocated is what their accounts moved."""
    said: dict[int, dict[str, int]] = {}
    moved: dict[int, dict[str, int]] = {}
    for seq, figures, kind, code, amount in _rows(_SHARES):
        stored = json.loads(figures) if isinstance(figures, str) else figures or {}
        said[seq] = {name: int(mg) for name, mg in stored.items()}
        moved.setdefault(seq, {})
        if kind is not None:
            moved[seq][_SHARE_OF[kind, code]] = int(amount)
    wrong = [
        f"batch {seq}: {said[seq]} said, {moved[seq]} moved"
        for seq in said
        if said[seq] != moved[seq]
    ]
    name = ("清单分配额等于账上分配额", "manifests' shares equal the ledger's")
    yield _equal(*name, _net(said), _net(moved), wrong)


def _net(figures: dict[int, dict[str, int]]) -> int:
    """What all shares come to, reversals taken off."""
    return sum(
        -mg if name.endswith("_reversed") else mg
        for each in figures.values()
        for name, mg in each.items()
    )


def manifest_of(row: Batch) -> BatchManifest:
    """The manifest value a stored batch was made from."""
    values = {field.name: getattr(row, field.name) for field in fields(BatchManifest)}
    values["files"] = tuple(FileDigest(**file) for file in row.files)
    return BatchManifest(**values)


def _chain() -> Iterator[Proof]:
    """Batches count 1, 2, 3; each names the digest of the one before, and its own fits."""
    expected, prev, last = 0, FIRST_PREV_DIGEST, 0
    gaps: list[str] = []
    broken: list[str] = []
    for row in Batch.objects.order_by("seq").iterator(chunk_size=500):
        expected, last = expected + 1, row.seq
        if row.seq != expected and not gaps:
            gaps.append(f"batch {expected} is missing")
        if row.prev_digest != prev or manifest_of(row).digest != row.digest:
            broken.append(f"batch {row.seq}")
        if sum(row.counts.values()) != row.n_rows:
            broken.append(f"batch {row.seq}: counts")
        prev = row.digest
    yield _equal("批次号连续无缺", "batch numbers have no gaps", last, expected, gaps)
    intact = expected - len(broken)
    yield _equal("批次摘要链完整", "the chain of batch digests is intact", intact, expected, broken)


def _serials() -> Iterator[Proof]:
    """Open blocks tile each issue: issued = held, locked, pledged, listed, retired, cancelled."""
    issued, standing, broken = issued_and_standing()
    name = ("签发单位等于各区块之和，无缺无重", "blocks tile every issue exactly")
    yield _equal(*name, issued, standing, broken)


def _movements() -> Iterator[Proof]:
    """Reversals mirror what they name; spent points came out of lots, movement by movement."""
    left, right, wrong = ledger_proofs.reversals()
    name = ("冲回与原划转相反", "reversals mirror what they name")
    yield _equal(*name, left, right, wrong)
    left, right, wrong = ledger_proofs.lots_used()
    yield _equal("使用的积分出自积分批次", "spent points came out of lots", left, right, wrong)


def _system_days() -> Iterator[Proof]:
    """The sums of system accounts by day are those of their transfers."""
    name = ("系统账户的日合计与划转相等", "sums of system accounts equal their transfers")
    stored, moved, wrong = system_days.summed()
    yield _equal(*name, stored, moved, wrong)


def _log() -> Iterator[Proof]:
    """Every entry of the log says what its act says, and the places of each year have no gaps."""
    count, fitting, wrong = ledger_proofs.entries()
    wrong += ledger_proofs.batch_entries()
    name = ("日志条目与账务事项一致", "log entries match their acts")
    yield _equal(*name, count, fitting, wrong)
    placed, end, years = ledger_proofs.places()
    yield _equal("日志序号连续无缺", "places of the log have no gaps", placed, end, years)


CHECKS: tuple[Callable[[], Iterator[Proof]], ...] = (
    _sides,
    _balances,
    _lots,
    _held,
    _floors,
    _manifests,
    _shares,
    _chain,
    _serials,
    _movements,
    _system_days,
    _log,
)


def _first(text: str, condition: str) -> str:
    """SQL: the first texts, by account, where the condition holds."""
    ordered = f"array_agg({text} ORDER BY account) FILTER (WHERE {condition})"
    return f"({ordered})[1:{_DIFFERENCES_SHOWN}]"


def _from_sql(name: tuple[str, str], sql: str) -> Proof:
    """A proof from one row: left, right, and the first differences or null."""
    ((left, right, differing),) = _rows(sql)
    return _equal(*name, int(left), int(right), differing)


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
