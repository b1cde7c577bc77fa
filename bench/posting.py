"""Posting a million totals to the ledger against COPY of the same rows into a bare logged table.

CPU of the client and of the server together; both sides are one transaction, committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import polars as pl

from .database import own_database, server_cpu_s
from .measure import Facts, Measured, cpu_s, measure, middle
from .report import Row

if TYPE_CHECKING:
    from tanhui.books.manifest import BatchManifest

HOLD = 6.0
TOTALS = 1_000_000
PEOPLE = 300_000
FIRST_DAY = 19_997  # 2024-10-01
DAYS = 30
SCENES = ("metro", "ferry", "train")  # of one length, as binary COPY wants it
COPIED = ("person", "region", "scene", "day", "mg", "points", "n_events")


def totals(round_: int, points: int) -> pl.DataFrame:
    """A million totals of a month, with `points` 1 or none; a tenth of the people is new."""
    number = np.arange(TOTALS, dtype=np.int64)
    person = (number * 7_919 % PEOPLE + round_ * PEOPLE // 10 + 1) * 1_000_003
    mg = 50_000 + number * 104_729 % 3_000_000
    return pl.DataFrame(
        {
            "person": person,
            "region": np.full(TOTALS, 420100, dtype=np.int32),
            "scene": pl.Series(SCENES).gather(number // PEOPLE % len(SCENES)),
            "day": (FIRST_DAY + number // PEOPLE * 7 % DAYS + number % 7).astype(np.int32),
            "reversal": np.zeros(TOTALS, dtype=bool),
            "mg": mg,
            "points": mg // 10_000 * points,
            "n_events": np.full(TOTALS, 2, dtype=np.int64),
            "origin": pl.Series([None] * TOTALS, dtype=pl.Int64),
        }
    )


def post(folder: str, round_: int, points: int) -> Generator[None, None, Facts]:
    """Ours."""
    own_database(Path(folder))
    from django.db import connection, transaction

    from tanhui.books.posting import PointsRule, post_batch

    rows = totals(round_, points)
    batch = _manifest(rows)
    rules = PointsRule(programme="bench", valid_years=2, people_min=20)
    yield

    def work() -> None:
        with transaction.atomic():
            post_batch(connection, batch=batch, totals=rows, rules=rules, actor="bench")

    return _timed(Path(folder), work)


def copy(folder: str, round_: int, points: int) -> Generator[None, None, Facts]:
    """The limit."""
    own_database(Path(folder))
    from django.db import connection, transaction

    from tanhui.books.copying import copy_in

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_copy")
        cursor.execute(
            "CREATE TABLE bench_copy (person bigint, region int, scene text, day int,"
            " mg bigint, points bigint, n_events bigint)"
        )
    rows = totals(round_, points)
    yield

    def work() -> None:
        columns = {name: rows[name].to_numpy() for name in COPIED if name != "scene"}
        columns["scene"] = rows["scene"].to_numpy().astype("S5")
        with transaction.atomic():
            copy_in(connection, "bench_copy", columns)

    return _timed(Path(folder), work)


def _timed(folder: Path, work: Callable[[], None]) -> Facts:
    own, server, wall = cpu_s(), server_cpu_s(folder), time.perf_counter()
    work()
    wall = time.perf_counter() - wall
    own, server = cpu_s() - own, server_cpu_s(folder) - server
    return {"cpu_s": own + server, "wall_s": wall, "client_cpu_s": own, "server_cpu_s": server}


def _manifest(rows: pl.DataFrame) -> BatchManifest:
    """A manifest that agrees with the totals."""
    from tanhui.books.manifest import BatchManifest
    from tanhui.books.posting import head
    from tanhui.domain.partners.services import register

    last = head()
    return BatchManifest(
        seq=last.seq + 1,
        public_id=uuid4().hex,
        partner_id=register("bench", name_zh="测速", name_en="Bench").pk,
        feed="canonical",
        feed_config={},
        source_name="bench",
        source_sha256=f"{last.seq + 1:064x}",
        source_bytes=1,
        received_at=datetime.now(UTC),
        n_rows=2 * TOTALS,
        counts={"credited": 2 * TOTALS},
        prev_digest=last.digest,
        code_version="bench",
        uri="bench",
        mg_credited=int(rows["mg"].sum()),
        points_credited=int(rows["points"].sum()),
        n_events=2 * TOTALS,
    )


def rows(folder: Path, *, rounds: int) -> Iterator[Row]:
    """The rows of the report: a total is one movement of mg, and with points two and a lot."""
    for points, what in ((0, "reductions"), (1, "reductions and points, with their lots")):
        place = folder / f"points-{points}"
        place.mkdir(mode=0o755)
        yield _row(place, rounds, points, what)


def _row(folder: Path, rounds: int, points: int, what: str) -> Row:
    """The first round warms the server and is not counted."""
    limits: list[Measured] = []
    ours: list[Measured] = []
    for round_ in range(rounds + 1):
        given = {"folder": str(folder), "round_": round_, "points": points}
        limits.append(measure("posting:copy", **given))
        ours.append(measure("posting:post", **given))
    return Row.of(
        "posting/points" if points else "posting/mg",
        f"{TOTALS:,} totals posted ({what}), against COPY into a bare table",
        ours=middle(ours[1:]),
        limit=middle(limits[1:]),
        hold=HOLD,
    )
