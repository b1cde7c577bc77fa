"""The feed `ev-sessions`: workplace charging sessions; repairs nothing silently.

The public data set writes years as 0014 and gives local times without a zone. Both are facts
only the partner can state: without them in the feed's configuration the rows are quarantined.

    year_offset   added to years below 100, such as 2000
    utc_offset    zone of all times, such as +08:00
    region        GB/T 2260 code of the chargers, 100000 when not given
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tanhui.core.errors import InputRefused
from tanhui.core.region import CHINA, Region
from tanhui.engine.batch.landing import FeedChunk, FeedState, Waiting, outcomes
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.engine.batch.limits import BLOCK_BYTES
from tanhui.engine.batch.validate_time import read_time
from tanhui.engine.batch.validate_verdicts import Verdicts

from .blocks import read_header
from .csv_table import TextBlock, read_csv
from .header import check_columns, parse_header
from .sniff import refuse_unless_text

COLUMNS = (
    "sessionId", "kwhTotal", "dollars", "created", "ended", "startTime", "endTime",
    "chargeTimeHrs", "weekday", "platform", "distance", "userId", "stationId", "locationId",
    "Efficiency_WhKm",
)  # fmt: skip
USED = ("sessionId", "kwhTotal", "created", "ended", "userId")

_LOCAL_TIME = r"^([0-9]{4})-([0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})$"
_OFFSET = re.compile(r"[+-]\d\d:\d\d|Z", re.ASCII)
_YEAR_OFFSET = re.compile(r"\d{1,4}", re.ASCII)
_SHORT_YEARS = 100
_PLAUSIBLE_YEAR_MIN = 2000


@dataclass(frozen=True)
class EvSessionsFeed:
    """Sessions of drivers `ev:<userId>` as events of scene ev-charging."""

    year_offset: int | None
    utc_offset: str | None
    region: str
    block_bytes: int = BLOCK_BYTES
    name: str = "ev-sessions"

    def read(self, source: SourceFile, waiting: Waiting) -> Iterator[FeedChunk | FeedState]:
        """Chunks in row order; a session of 0 kWh is an event of 0, judged by the methodology."""
        refuse_unless_text(source)
        line, start = read_header(source)
        names = parse_header(line)
        unused = set(COLUMNS) - set(USED)
        check_columns(names, required=USED, optional=unused)
        for block in read_csv(source, names, start, block_bytes=self.block_bytes):
            yield self._chunk(block)

    def _chunk(self, block: TextBlock) -> FeedChunk:
        frame = block.frame
        verdicts = Verdicts(frame.height)
        for name, field in (("userId", "person"), ("sessionId", "external_id")):
            verdicts.refuse(frame[name].is_null().to_numpy(), f"{field}.missing")
        start = self._times(frame["created"], verdicts)
        end = self._times(frame["ended"], verdicts)
        events = frame.select(
            "row",
            pl.col("sessionId").alias("external_id"),
            pl.lit("ev:").add(pl.col("userId")).alias("person"),
            pl.lit("ev-charging").alias("scene"),
            pl.lit(self.region).alias("region"),
            start.alias("started_at"),
            end.alias("ended_at"),
            pl.col("kwhTotal").alias("energy_kwh"),
        ).filter(pl.Series(verdicts.accepted()))
        told = verdicts.rejects(frame["row"])
        rejects = [*block.rejects, *zip(told["row"], told["reason"], strict=True)]
        return FeedChunk(
            events=events,
            outcomes=outcomes([(row, "rejected", reason, "") for row, reason in rejects]),
            rows=block.rows,
            raw=block.index.raw,
            lines=block.index,
            owners=frame.select("row", pl.lit("ev:").add(pl.col("userId")).alias("person")),
        )

    def _times(self, local: pl.Series, verdicts: Verdicts) -> pl.Series:
        """ISO texts with the declared year and zone; reasons where nothing was declared."""
        verdicts.refuse(local.is_null().to_numpy(), "time.missing")
        parts = local.str.extract_groups(_LOCAL_TIME).struct.unnest()
        parts.columns = ["year", "day", "time"]
        year = parts["year"].cast(pl.Int64).to_numpy()
        year, readable = np.nan_to_num(year).astype(np.int64), parts["year"].is_not_null()
        verdicts.refuse(~readable.to_numpy(), "time.unreadable")
        year = self._declared(year)
        verdicts.refuse(year < _PLAUSIBLE_YEAR_MIN, "time.year_implausible")
        if self.utc_offset is None:
            verdicts.refuse(np.ones(len(local), dtype=bool), "time.zone_not_declared")
        parts = parts.with_columns(pl.Series("year", year).cast(pl.String).str.zfill(4))
        zone = self.utc_offset or ""
        return parts.select(
            pl.concat_str("year", pl.lit("-"), "day", pl.lit("T"), "time", pl.lit(zone))
        ).to_series()

    def _declared(self, year: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if self.year_offset is None:
            return year
        return np.where(year < _SHORT_YEARS, year + self.year_offset, year)


def ev_sessions_feed(config: Mapping[str, str]) -> EvSessionsFeed:
    """The feed with its configuration; raises InputRefused `feed.config_value`."""
    years, zone = config.get("year_offset"), config.get("utc_offset")
    if years is not None and not _YEAR_OFFSET.fullmatch(years):
        raise _bad_value("year_offset", "2000")
    if zone is not None and (
        not _OFFSET.fullmatch(zone) or read_time(f"2000-01-01T00:00:00{zone}")[1] is not None
    ):
        raise _bad_value("utc_offset", "+08:00")
    region = Region(config.get("region", CHINA)).code
    return EvSessionsFeed(None if years is None else int(years), zone, region)


def _bad_value(key: str, example: str) -> InputRefused:
    return InputRefused(
        "feed.config_value",
        zh=f"数据源配置 {key} 应写成 {example} 的形式。",
        en=f"The feed's configuration {key} must read like {example}.",
    )
