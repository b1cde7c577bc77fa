"""The manifest of a batch, as a value, and the one text of it that is hashed.

Canonical form: JSON with sorted keys, no spaces, UTF-8; amounts are text, because a reader in
another language may not hold 64 bits; times are UTC with milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from tanhui.core.canonical import canonical_json
from tanhui.core.clock import utc_text

FIRST_PREV_DIGEST = "0" * 64  # what the first batch names as its predecessor

_AMOUNTS = ("mg_credited", "mg_reversed", "points_credited", "points_reversed")


@dataclass(frozen=True)
class FileDigest:
    """One evidence file: name inside the batch folder, SHA-256 in hex, size."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class BatchManifest:
    """What came, what became of it, and where the evidence is; `n_events` counts events posted.

    `counts` is status -> rows and adds up to `n_rows`; `reasons` is reason code -> rows;
    `methodologies` holds {code, version, digest}; `buckets` is whatever JSON says how the
    evidence is cut. `root` is the tree over its `leaves` rows, in hex; batches of the first
    release have none, and are hashed without.
    """

    seq: int
    public_id: str
    partner_id: int
    feed: str
    feed_config: Mapping[str, str]
    source_name: str
    source_sha256: str
    source_bytes: int
    received_at: datetime
    n_rows: int
    counts: Mapping[str, int]
    prev_digest: str
    code_version: str
    uri: str
    idempotency_key: str | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)
    mg_credited: int = 0
    mg_reversed: int = 0
    points_credited: int = 0
    points_reversed: int = 0
    n_events: int = 0
    methodologies: Sequence[Mapping[str, str]] = ()
    files: Sequence[FileDigest] = ()
    buckets: Any = field(default_factory=list)
    first_day: date | None = None
    last_day: date | None = None
    root: str = ""
    leaves: int = 0

    @property
    def feed_config_sha256(self) -> str:
        """Hex digest of the feed's configuration; part of what makes an intake the same intake."""
        return config_digest(self.feed_config)

    @property
    def source_identity(self) -> str:
        """Hex digest of feed, configuration and source: the same intake, the same identity."""
        return config_digest(
            {
                "feed": self.feed,
                "feed_config": self.feed_config_sha256,
                "source": self.source_sha256,
            }
        )

    def document(self) -> dict[str, Any]:
        """The manifest as JSON-ready values, exactly as it is hashed."""
        values = asdict(self)
        for name in _AMOUNTS:
            values[name] = str(values[name])
        values["received_at"] = utc_text(self.received_at)
        for name in ("first_day", "last_day"):
            values[name] = values[name].isoformat() if values[name] else None
        if not self.root:
            del values["root"], values["leaves"]
        return values

    def canonical(self) -> bytes:
        """The bytes that are hashed."""
        return canonical_json(self.document())

    @property
    def digest(self) -> str:
        """SHA-256 of `canonical()`, in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


def config_digest(config: Mapping[str, str]) -> str:
    """Hex digest of a feed configuration; the order of its keys does not matter.

    >>> config_digest({"a": "1", "b": "2"}) == config_digest({"b": "2", "a": "1"})
    True
    """
    return hashlib.sha256(canonical_json(dict(config))).hexdigest()
