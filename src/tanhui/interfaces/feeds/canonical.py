"""The canonical feed: event records in the platform's own columns, as CSV, NDJSON or Parquet.

The format is recognised by the first bytes or declared by the configuration key `format`. See
README.md of this room for the columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from tanhui.core.errors import InputRefused
from tanhui.engine.batch.landing import (
    BASE_COLUMNS,
    REQUIRED_COLUMNS,
    FeedChunk,
    FeedState,
    Waiting,
    outcomes,
)
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.engine.batch.limits import BLOCK_BYTES

from .blocks import read_header, text_start
from .csv_table import TextBlock, read_csv
from .header import check_columns, parse_header
from .json_lines import read_json
from .parquet_table import ParquetRows, open_parquet, read_parquet
from .sniff import PARQUET_MAGIC, refuse_unless_text

FORMATS = ("csv", "ndjson", "parquet")
_OPTIONAL_BASE = BASE_COLUMNS[len(REQUIRED_COLUMNS) :]


@dataclass(frozen=True)
class CanonicalFeed:
    """Reads canonical records; `quantities` are the quantity columns the library knows."""

    quantities: frozenset[str]
    format: str | None = None
    block_bytes: int = BLOCK_BYTES
    name: str = "canonical"

    def read(self, source: SourceFile, waiting: Waiting) -> Iterator[FeedChunk | FeedState]:
        """Chunks in row order; nothing ever waits in this feed."""
        kind = self.format or recognise(source)
        if kind == "parquet":
            yield from self._read_parquet(source)
            return
        refuse_unless_text(source)
        blocks = self._csv(source) if kind == "csv" else self._ndjson(source)
        for block in blocks:
            yield FeedChunk(
                events=block.frame,
                outcomes=rejected(block.rejects),
                rows=block.rows,
                raw=block.index.raw,
                lines=block.index,
            )

    def _csv(self, source: SourceFile) -> Iterator[TextBlock]:
        line, start = read_header(source)
        names = parse_header(line)
        check_columns(names, required=REQUIRED_COLUMNS, optional=self._optional())
        return read_csv(source, names, start, block_bytes=self.block_bytes)

    def _ndjson(self, source: SourceFile) -> Iterator[TextBlock]:
        columns = [*BASE_COLUMNS, *sorted(self.quantities)]
        start = text_start(source)
        return read_json(source, columns, start, block_bytes=self.block_bytes)

    def _read_parquet(self, source: SourceFile) -> Iterator[FeedChunk]:
        with open_parquet(source) as file:
            names = list(file.schema_arrow.names)
            check_columns(names, required=REQUIRED_COLUMNS, optional=self._optional())
            keeper = ParquetRows(source, names)
            for block in read_parquet(file, names, keeper):
                yield FeedChunk(
                    events=block.frame,
                    outcomes=rejected(block.rejects),
                    rows=block.rows,
                    raw=keeper.raw,
                )

    def _optional(self) -> Collection[str]:
        return {*_OPTIONAL_BASE, *self.quantities}


def rejected(rejects: list[tuple[int, str]]) -> pl.DataFrame:
    """Outcomes of rows a feed could not read."""
    return outcomes([(row, "rejected", reason, "") for row, reason in rejects])


def recognise(source: SourceFile) -> str:
    """csv, ndjson or parquet, by the first bytes; raises InputRefused `file.json_array`."""
    head = source.read(0, 4096)
    if head.startswith(PARQUET_MAGIC):
        return "parquet"
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"[":
        raise InputRefused(
            "file.json_array",
            zh="这是一个 JSON 数组；请提交 NDJSON：每行一个对象，不加逗号和方括号。",
            en="This is a JSON array; submit NDJSON: one object per line, no commas or brackets.",
        )
    return "ndjson" if first == b"{" else "csv"


def canonical_feed(config: Mapping[str, str], quantities: frozenset[str]) -> CanonicalFeed:
    """The feed with its configuration; raises InputRefused `feed.config_value`."""
    wanted = config.get("format")
    if wanted is not None and wanted not in FORMATS:
        raise InputRefused(
            "feed.config_value",
            zh=f"format 应为 {'、'.join(FORMATS)} 之一。",
            en=f"format must be one of {', '.join(FORMATS)}.",
        )
    return CanonicalFeed(quantities, wanted)
