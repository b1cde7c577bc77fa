"""Issuing a million units from ten million result rows, with the trace and everybody's marks.

Against reading the same columns of the same evidence: what any issue must do at least. Ours ends
with the commit: rows gathered and laid out, discount, trace file, serials, one mark for each of
300,000 people with its balance, act and log entry.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from .database import own_database, server_cpu_s
from .measure import Facts, cpu_s, measure
from .report import Row

if TYPE_CHECKING:
    from tanhui.flows.registry.effects import Moment

HOLD = 25.0
ROWS = 10_000_000
ROWS_PER_UNIT = 10
ROWS_PER_PERSON = 33
UNIT_MG = 1_000_000
BATCHES = 4
FIRST_DAY = 19_997  # 2024-10-01
DAYS = 31
NUMBER = "L-420100-2024-0001"
EVENT_COLUMNS = ["row", "person", "scene", "region", "day", "method"]
RESULT_COLUMNS = ["row", "mg"]


def _folder_of(folder: Path, batch: int) -> Path:
    return folder / "evidence" / f"batch-{batch}"


def make(folder: str, rows: int) -> Generator[None, None, Facts]:
    """The evidence of BATCHES batches, posted to the books, and a pool of all of it."""
    own_database(Path(folder))
    yield
    for batch in range(1, BATCHES + 1):
        _post(Path(folder), batch, _write(Path(folder), batch, rows // BATCHES))
    _gather(rows)
    return {}


def _write(folder: Path, batch: int, rows: int) -> tuple[list[list[int]], pl.DataFrame]:
    """One batch's files, ordered by bucket as intake leaves them; returns its stretches and
    what each person has.
    """
    from tanhui.engine.batch.events import BUCKETS, EVENT_TYPES, RESULT_TYPES, REVERSAL_TYPES
    from tanhui.engine.batch.files import ResultFiles
    from tanhui.engine.batch.spool import Stretch

    people = rows * BATCHES // ROWS_PER_PERSON
    random = np.random.default_rng(batch)
    person = (random.integers(0, people, rows, dtype=np.int64) + 1) * 1_000_003
    order = np.argsort(person & (BUCKETS - 1), kind="stable")
    person = person[order]
    mg = random.integers(60_000, 145_000, rows, dtype=np.int64)
    row, day = order + 1, (FIRST_DAY + random.integers(0, DAYS, rows)).astype(np.int32)
    place = _folder_of(folder, batch)
    place.mkdir(parents=True)
    stretches = []
    starts = np.searchsorted(person & (BUCKETS - 1), np.arange(0, BUCKETS + 1, 16))
    nothing = {name: np.empty(0, dtype=kind) for name, kind in REVERSAL_TYPES.items()}
    with ResultFiles(place) as files:
        for number, (begin, end) in enumerate(pairwise(starts)):
            count = int(end - begin)
            events = {name: np.zeros(count, dtype=kind) for name, kind in EVENT_TYPES.items()}
            results = {name: np.zeros(count, dtype=kind) for name, kind in RESULT_TYPES.items()}
            events |= {"row": row[begin:end], "person": person[begin:end], "day": day[begin:end]}
            events["region"] = np.full(count, 420100, dtype=np.int32)
            results |= {"row": row[begin:end], "mg": mg[begin:end]}
            stretch = Stretch(number * 16, number * 16 + 16, count)
            files.write(stretch, events, results, nothing)
            stretches.append([*stretch])
    sums = pl.DataFrame({"person": person, "mg": mg}).group_by("person")
    return stretches, sums.agg(pl.col("mg").sum(), n_events=pl.len().cast(pl.Int64))


def _post(folder: Path, batch: int, made: tuple[list[list[int]], pl.DataFrame]) -> None:
    """The batch in the books."""
    from django.db import connection, transaction

    from tanhui.books.manifest import BatchManifest
    from tanhui.books.posting import PointsRule, head, post_batch
    from tanhui.domain.partners.services import register

    stretches, sums = made
    rows = sum(stretch[2] for stretch in stretches)
    totals = sums.with_columns(
        region=pl.lit(420100, pl.Int32),
        scene=pl.lit("metro"),
        day=pl.lit(FIRST_DAY, pl.Int32),
        reversal=pl.lit(value=False),
        points=pl.lit(0, pl.Int64),
        origin=pl.lit(None, pl.Int64),
    )
    manifest = BatchManifest(
        seq=batch,
        public_id=f"batch-{batch}",
        partner_id=register("bench", name_zh="测速", name_en="Bench").pk,
        feed="canonical",
        feed_config={},
        source_name="bench",
        source_sha256=f"{batch:064x}",
        source_bytes=1,
        received_at=datetime.now(UTC),
        n_rows=rows,
        counts={"credited": rows},
        prev_digest=head().digest,
        code_version="bench",
        uri=f"batch-{batch}",
        buckets={"scenes": ["metro"], "parts": [stretches], "reversals": 0, "people": len(sums)},
        mg_credited=int(sums["mg"].sum()),
        n_events=rows,
        first_day=date(2024, 10, 1),
        last_day=date(2024, 10, 31),
    )
    rules = PointsRule(programme="bench", valid_years=2, people_min=20)
    with transaction.atomic():
        post_batch(connection, batch=manifest, totals=totals, rules=rules, actor="bench")
    assert folder.exists()


def _gather(rows: int) -> None:
    """A pool of all batches, and the organisation that will hold the units."""
    from tanhui.domain.matters.models import Matter
    from tanhui.domain.organisations.services import Registration, register
    from tanhui.domain.partners import queries as partners
    from tanhui.domain.pools.services import Piece, Scope, gather

    at = datetime.now(UTC)
    body = Registration(name_zh="测速", name_en="Bench", kind="platform", region="420100")
    owner = register(body, actor="bench", at=at, key="bench")
    scope = Scope(
        region="420100",
        scene="metro",
        partner_id=partners.get("bench").pk,
        owner=owner.pk,
        first_month="2024-10",
        last_month="2024-10",
    )
    Matter.objects.create(
        number=NUMBER,
        kind="pool",
        region="420100",
        title="bench",
        state="noticed",
        organisation=owner.pk,
        data={"discount_percent": "1.5"},
        opened_at=at,
        changed_at=at,
    )
    pieces = [Piece(batch, "2024-10", rows // BATCHES, 0) for batch in range(1, BATCHES + 1)]
    gather(NUMBER, scope, pieces, journal=1)


def read(folder: str) -> Generator[None, None, Facts]:
    """The limit: the columns that an issue needs, all rows."""
    from tanhui.engine.batch.files import EVENTS_FILE, RESULTS_FILE, read_columns

    yield
    rows = 0
    for batch in range(1, BATCHES + 1):
        place = _folder_of(Path(folder), batch)
        events = read_columns(place / EVENTS_FILE, EVENT_COLUMNS)
        answers = read_columns(place / RESULTS_FILE, RESULT_COLUMNS)
        rows += len(events["row"])
        assert len(answers["mg"]) == len(events["row"])
    return {"rows": rows}


def issue(folder: str) -> Generator[None, None, Facts]:
    """Ours."""
    own_database(Path(folder))
    from django.db import transaction

    from tanhui.books.acts import disclose
    from tanhui.flows.registry import pools

    moment = _moment()
    yield
    own, server, wall = cpu_s(), server_cpu_s(Path(folder)), time.perf_counter()
    with transaction.atomic():
        act, recorded = _act(moment.at)
        brought = pools.EFFECTS["pool", "issue"].run(replace(moment, journal=recorded.journal))
        disclose(act, recorded, brought.public)
    wall = time.perf_counter() - wall
    own, server = cpu_s() - own, server_cpu_s(Path(folder)) - server
    return {
        "cpu_s": own + server,
        "wall_s": wall,
        "units": brought.result["units"],
        "client_cpu_s": own,
        "server_cpu_s": server,
        "load": os.getloadavg()[0],
    }


def _act(at: datetime) -> Any:
    from tanhui.books.acts import Act, record

    act = Act(verb="registry.pool.issue", actor="bench", at=at, key=f"bench/{at}", request={})
    return act, record(act)


def _moment() -> Moment:
    from tanhui.domain.matters.models import Matter
    from tanhui.domain.matters.services import Who
    from tanhui.engine.rulesets import Rulesets
    from tanhui.flows.registry.effects import Moment
    from tanhui.interfaces.platform import platform

    installed = platform()
    rules: dict[Any, Any] = dict(installed.rulesets.rules)
    key = "100000", "issue.unit_mg"
    rules[key] = tuple(replace(one, value=UNIT_MG) for one in rules[key])
    return Moment(
        platform=replace(installed, rulesets=Rulesets(rules)),
        matter=Matter.objects.get(number=NUMBER),
        verb="issue",
        data={},
        who=Who(user=0, role="authority", organisation=None),
        at=datetime.now(UTC),
        today=date(2024, 12, 2),
    )


def rows(folder: Path, *, events: int) -> Iterator[Row]:
    """The row of the report; an issue happens once, so it is measured once."""
    place = folder / "pool"
    place.mkdir(mode=0o755)
    asked: Mapping[str, Any] = {"folder": str(place)}
    measure("pool:make", **asked, rows=events)
    limit = measure("pool:read", **asked)
    ours = measure("pool:issue", **asked)
    yield Row.of(
        "pool/issue",
        f"{ours.facts['units']:,} units issued from {events:,} rows with their trace, against "
        "reading the same columns",
        ours=ours,
        limit=limit,
        hold=HOLD,
    )
