"""Feeds: each turns one partner format into canonical event records and answers every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tanhui.core.errors import InputRefused, NotFound
from tanhui.engine.batch.landing import Feed, FeedChunk, FeedState, WaitingRow
from tanhui.engine.batch.landing_file import SourceFile

from .canonical import canonical_feed
from .ev_sessions import ev_sessions_feed
from .shenzhen_transit import shenzhen_transit_feed

__all__ = [
    "FEEDS",
    "Feed",
    "FeedChunk",
    "FeedKind",
    "FeedState",
    "SourceFile",
    "Surroundings",
    "WaitingRow",
    "open_feed",
]


@dataclass(frozen=True)
class Surroundings:
    """What a feed may need of the installation.

    `quantities` are the quantity columns the library knows (engine.batch.validate
    quantity_columns), `directory` is library/directory. `secret` keys what a feed remembers of
    persons between files; feeds that remember nothing do without.
    """

    quantities: frozenset[str]
    directory: Path
    secret: bytes | None = None


@dataclass(frozen=True)
class FeedKind:
    """A feed that can be chosen: its configuration keys, its title, and how it is made.

    `file_keys` are the configuration keys that name a file of this machine.
    """

    config_keys: frozenset[str]
    zh: str
    en: str
    make: Callable[[Mapping[str, str], Surroundings], Feed]
    file_keys: frozenset[str] = frozenset()


FEEDS: dict[str, FeedKind] = {
    "canonical": FeedKind(
        frozenset({"format"}),
        zh="标准事件记录（CSV、NDJSON、Parquet）",
        en="Canonical event records (CSV, NDJSON, Parquet)",
        make=lambda config, around: canonical_feed(config, around.quantities),
    ),
    "shenzhen-transit": FeedKind(
        frozenset({"network"}),
        zh="深圳通刷卡记录",
        en="Shenzhen transit card taps",
        make=lambda config, around: shenzhen_transit_feed(config, around.directory, around.secret),
        file_keys=frozenset({"network"}),
    ),
    "ev-sessions": FeedKind(
        frozenset({"year_offset", "utc_offset", "region"}),
        zh="充电会话记录",
        en="EV charging sessions",
        make=lambda config, around: ev_sessions_feed(config),
    ),
}


def open_feed(name: str, config: Mapping[str, str], *, around: Surroundings) -> Feed:
    """The feed `name` with its configuration.

    Raises NotFound `feed.unknown`; InputRefused `feed.config_unknown` or of the feed itself.
    """
    kind = FEEDS.get(name)
    if kind is None:
        raise NotFound(
            "feed.unknown",
            zh=f"没有数据源“{name[:40]}”；可用的有 {'、'.join(FEEDS)}。",
            en=f"There is no feed '{name[:40]}'; choose from {', '.join(FEEDS)}.",
        )
    unknown = sorted(set(config) - kind.config_keys)
    if unknown:
        raise InputRefused(
            "feed.config_unknown",
            zh=f"数据源 {name} 没有配置项 {'、'.join(unknown)[:80]}；"
            f"可用的有 {'、'.join(sorted(kind.config_keys))}。",
            en=f"The feed {name} has no configuration {', '.join(unknown)[:80]}; "
            f"it has {', '.join(sorted(kind.config_keys))}.",
        )
    return kind.make(config, around)
