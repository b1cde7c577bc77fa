"""The feed `shenzhen-transit`: card taps become metro trips and bus rides, every tap answered.

Metro: entry and exit of one card are one trip, its distance the shortest path of the network.
The exit's fare is a second witness: where it allows less than the network says, the upper end of
its band counts. An exit without entry, or without known stations, gets the lower end of its
fare's band, from the dated ladder in library/directory. Bus: every boarding is a ride.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from tanhui.core.errors import LibraryBroken
from tanhui.engine.batch.landing import (
    OUTCOME_SCHEMA,
    FeedChunk,
    FeedState,
    Waiting,
    outcomes,
)
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.engine.batch.limits import BLOCK_BYTES

from .blocks import read_header
from .csv_table import TextBlock, read_csv
from .fares import Fares, load_aliases, load_fares
from .header import check_columns, parse_header
from .network import MetroNetwork, load_network
from .shenzhen_distance import Distances
from .shenzhen_memory import THIS_FILE, person_of, used_rows, waiting_rows
from .shenzhen_pairing import Matched, match_taps
from .shenzhen_taps import BUS, COLUMNS, REGION, parse_taps, tap_ids
from .sniff import refuse_unless_text

FARES_FILE = "shenzhen-metro-fares.yaml"
STATIONS_FILE = "shenzhen-metro-stations.yaml"
_EVENT_SCHEMA = dict.fromkeys(
    ("external_id", "person", "scene", "region", "started_at", "ended_at", "distance_km",
     "rides_ride"),
    pl.String,
)  # fmt: skip


@dataclass(frozen=True)
class ShenzhenTransitFeed:
    """Reads tap files; without `network` every metro distance comes from the fare.

    `secret` keys the names under which cards wait from file to file.
    """

    secret: bytes
    fares: Fares
    network: MetroNetwork | None
    aliases: Mapping[str, str] = field(default_factory=dict)
    block_bytes: int = BLOCK_BYTES
    name: str = "shenzhen-transit"

    def read(self, source: SourceFile, waiting: Waiting) -> Iterator[FeedChunk | FeedState]:
        """Reads the file twice: to pair the metro taps of all of it, then to answer in row order.

        Memory grows with the metro taps of the file (about 100 bytes each), not with its bytes.
        """
        refuse_unless_text(source)
        line, start = read_header(source)
        names = parse_header(line)
        check_columns(names, required=COLUMNS, optional=())
        metro = [
            parse_taps(block.frame)[0].filter(pl.col("kind") != BUS)
            for block in self._blocks(source, names, start)
        ]
        empty = parse_taps(pl.DataFrame(schema={"row": pl.Int64} | dict.fromkeys(names, pl.String)))
        matched = match_taps(pl.concat([empty[0], *metro]), waiting, self.fares, secret=self.secret)
        answers = self._answer(matched)
        for block in self._blocks(source, names, start):
            yield _chunk(block, answers)
        yield answers.state

    def _blocks(self, source: SourceFile, names: list[str], start: int) -> Iterator[TextBlock]:
        return read_csv(source, names, start, block_bytes=self.block_bytes)

    def _answer(self, matched: Matched) -> _Answers:
        """Events and outcomes of all metro taps, and what waits from now on."""
        wait = partial(waiting_rows, secret=self.secret)
        distances = Distances(self.fares, self.network, self.aliases)
        rides, ride_notes = distances.of_rides(matched.rides)
        alone, alone_notes = distances.of_exits(matched.alone)
        good_rides, bad_rides = _split(rides)
        good_exits, bad_exits = _split(alone)
        events = pl.concat(
            [
                _metro_events(good_rides, started="start_text"),
                _metro_events(good_exits, started="at_text"),
            ]
        ).sort("row")
        reports = [
            _report(matched.duplicates, "duplicate", "tap.duplicate", ("first_batch", "first_row")),
            _report(matched.open, "waiting", "tap.waiting_for_exit", None),
            _report(_entries(good_rides), "paired", "tap.paired", ("batch", "row")),
            _report(_entries(bad_rides), "rejected", "tap.exit_refused", ("batch", "row")),
            *_late_reports(matched.late),
            _report(bad_rides, "rejected", None, None),
            _report(bad_exits, "rejected", None, None),
        ]
        state = FeedState(
            waiting=[
                *wait(matched.open, "entry", "next_at"),
                *wait(good_exits, "settled", "prev_at"),
                *wait(bad_exits, "refused", "prev_at"),
                *used_rows(good_rides, _answered(matched.late), secret=self.secret),
            ],
            consumed=matched.consumed,
            notes={**ride_notes, **alone_notes},
        )
        return _Answers(events, pl.concat(reports).sort("row"), state)


@dataclass(frozen=True)
class _Answers:
    events: pl.DataFrame
    outcomes: pl.DataFrame
    state: FeedState


def shenzhen_transit_feed(
    config: Mapping[str, str], directory: Path, secret: bytes | None
) -> ShenzhenTransitFeed:
    """The feed with the ladder and aliases of `directory` and the optional network file.

    Raises LibraryBroken `feed.no_secret` without the installation's secret: cards that wait are
    never named by a plain hash.
    """
    if not secret:
        raise LibraryBroken(
            "feed.no_secret",
            zh="深圳通数据源需要本机密钥，才能安全地记住等待配对的卡。",
            en="The feed of Shenzhen taps needs the secret of this installation to name cards.",
        )
    network = load_network(Path(config["network"])) if "network" in config else None
    return ShenzhenTransitFeed(
        secret=secret,
        fares=load_fares(directory / FARES_FILE),
        network=network,
        aliases=load_aliases(directory / STATIONS_FILE, on=date.max),
    )


def _chunk(block: TextBlock, answers: _Answers) -> FeedChunk:
    """The rows of one block: bus rides from the block itself, metro answers by row number."""
    taps, rejects = parse_taps(block.frame)
    events = pl.concat(
        [_bus_events(taps.filter(pl.col("kind") == BUS)), _rows_of(answers.events, block)]
    ).sort("row")
    refused = outcomes(
        [(row, "rejected", reason, "") for row, reason in [*block.rejects, *rejects]]
    )
    reports = pl.concat([refused, _rows_of(answers.outcomes, block)]).sort("row")
    assert events.height + reports.height == block.rows, "a row has no answer"
    return FeedChunk(
        events=events,
        outcomes=reports,
        rows=block.rows,
        raw=block.index.raw,
        lines=block.index,
        owners=taps.select("row", person_of("card")),
    )


def _rows_of(frame: pl.DataFrame, block: TextBlock) -> pl.DataFrame:
    """Rows of a sorted frame that lie in the block."""
    first = int(frame["row"].search_sorted(block.first_row))
    end = int(frame["row"].search_sorted(block.first_row + block.rows))
    return frame.slice(first, end - first)


def _bus_events(taps: pl.DataFrame) -> pl.DataFrame:
    return taps.select(
        "row",
        pl.Series("external_id", tap_ids(taps), dtype=pl.String),
        person_of("card"),
        pl.lit("bus").alias("scene"),
        pl.lit(REGION).alias("region"),
        pl.col("at_text").alias("started_at"),
        pl.col("at_text").alias("ended_at"),
        pl.lit(None, dtype=pl.String).alias("distance_km"),
        pl.lit("1").alias("rides_ride"),
    )


def _metro_events(trips: pl.DataFrame, *, started: str) -> pl.DataFrame:
    """Canonical events of exits with `distance_m`; the event's row is the exit's."""
    kilometres = pl.format(
        "{}.{}",
        pl.col("distance_m") // 1_000,
        (pl.col("distance_m") % 1_000).cast(pl.String).str.zfill(3),
    )
    taps = trips.with_columns(kind=pl.lit("地铁出站"))
    return trips.select(
        "row",
        pl.Series("external_id", tap_ids(taps), dtype=pl.String),
        person_of("card"),
        pl.lit("metro").alias("scene"),
        pl.lit(REGION).alias("region"),
        pl.col(started).alias("started_at"),
        pl.col("at_text").alias("ended_at"),
        kilometres.alias("distance_km"),
        pl.lit(None, dtype=pl.String).alias("rides_ride"),
    )


def _split(trips: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Those with a distance, and those with a reason against it."""
    has = pl.col("distance_m").is_not_null()
    return trips.filter(has), trips.filter(~has)


def _entries(rides: pl.DataFrame) -> pl.DataFrame:
    """The entry rows of this file in these rides, with their exit as `batch`, `row`."""
    here = rides.filter(pl.col("start_batch") == THIS_FILE)
    return here.select(pl.col("start_row").alias("entry_row"), "batch", "row")


def _late_reports(late: pl.DataFrame) -> list[pl.DataFrame]:
    place = ("exit_batch", "exit_row")
    refused = late.filter(pl.col("exit_kind") == "refused")
    return [
        _report(_answered(late), "paired", "tap.paired_before", place),
        _report(refused, "rejected", "tap.exit_refused", place),
    ]


def _answered(late: pl.DataFrame) -> pl.DataFrame:
    """Late entries whose exit was settled, not refused."""
    return late.filter(pl.col("exit_kind") == "settled")


def _report(
    taps: pl.DataFrame, status: str, reason: str | None, ref: tuple[str, str] | None
) -> pl.DataFrame:
    """Outcomes of taps; `reason` None takes their own, `ref` names batch and row columns."""
    own = pl.col("entry_row") if "entry_row" in taps.columns else pl.col("row")
    other = pl.lit("")
    if ref is not None:
        batch, row = (pl.col(name) for name in ref)
        earlier = pl.format("{}-{}", batch, row)
        other = pl.when(batch == THIS_FILE).then(row.cast(pl.String)).otherwise(earlier)
    why = pl.col("problem") if reason is None else pl.lit(reason)
    return taps.select(
        own.alias("row"),
        pl.lit(status).alias("status"),
        why.alias("reason"),
        other.alias("ref"),
    ).cast(pl.Schema(OUTCOME_SCHEMA))
