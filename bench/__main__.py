"""`python -m bench [modules] [--events N] [--json]`: the ratios of architecture section 6."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from . import (
    desk,
    equality,
    evidence,
    intake,
    ledger,
    log,
    online,
    pipeline,
    pool,
    posting,
    redeem,
    redeem_http,
    schedulers,
)
from .measure import Measured
from .report import Row, show

EQUALITY_EVENTS_MAX = 1_000_000
GROWTH_FROM = 10_000_000


def _pipeline(folder: Path, events: int, rounds: int) -> Iterator[Row]:
    """With more than GROWTH_FROM events, the growth from there instead."""
    if events <= GROWTH_FROM:
        yield from pipeline.rows(folder, events=events, rounds=rounds)
        return
    for row in pipeline.rows(folder, events=GROWTH_FROM, rounds=rounds):
        yield row
        if row.name == "pipeline/evidence":
            small = Measured(**row.facts["ours"])
    yield from pipeline.growth(folder, small, events=GROWTH_FROM, times=events // GROWTH_FROM)


def _equality(folder: Path, events: int, rounds: int) -> Iterator[Row]:
    yield from equality.rows(folder, events=min(events, EQUALITY_EVENTS_MAX))


MODULES: dict[str, Callable[[Path, int, int], Iterator[Row]]] = {
    "equality": _equality,
    "pipeline": _pipeline,
    "schedulers": lambda folder, events, rounds: schedulers.rows(
        folder, events=min(events, GROWTH_FROM), rounds=rounds
    ),
    "intake": lambda folder, events, rounds: intake.rows(folder, rounds=rounds),
    "posting": lambda folder, events, rounds: posting.rows(folder, rounds=rounds),
    "pool": lambda folder, events, rounds: pool.rows(folder, events=min(events, pool.ROWS)),
    "desk": lambda folder, events, rounds: desk.rows(folder),
    "evidence": lambda folder, events, rounds: evidence.rows(folder, rounds=rounds),
    "log": lambda folder, events, rounds: log.rows(folder),
    "ledger": lambda folder, events, rounds: ledger.rows(
        folder, transfers=min(events, ledger.TRANSFERS_MAX)
    ),
    "redeem": lambda folder, events, rounds: redeem.rows(folder, rounds=rounds),
    "redeem-http": lambda folder, events, rounds: redeem_http.rows(folder, rounds=rounds),
    "online": lambda folder, events, rounds: online.rows(folder, rounds=rounds),
}


@click.command()
@click.argument("modules", nargs=-1, type=click.Choice(list(MODULES)))
@click.option("--events", default=GROWTH_FROM, show_default=True, help="Landed events.")
@click.option("--rounds", default=3, show_default=True, help="Rounds; the median is shown.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to make the test data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def bench(
    *, modules: tuple[str, ...], events: int, rounds: int, folder: Path | None, as_json: bool
) -> None:
    """Measure MODULES (default: all); more than 10,000,000 events also measure the growth."""
    rows: list[Row] = []
    for name in modules or MODULES:
        place = Path(tempfile.mkdtemp(prefix=f"tanhui-bench-{name}-", dir=folder))
        place.chmod(0o755)  # an embedded PostgreSQL runs as its own user
        try:
            for row in MODULES[name](place, events, rounds):
                rows.append(row)
                click.echo(f"{row.work}: {row.ratio:.2f}x", err=True)
        finally:
            shutil.rmtree(place, ignore_errors=True)
    if as_json:
        click.echo(json.dumps([row.document() for row in rows], ensure_ascii=False))
    else:
        show(rows)
    sys.exit(0 if all(row.is_held for row in rows) else 1)


if __name__ == "__main__":
    bench()
