"""Rows set aside, shown to a partner: each person whose line it is can read that it was shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow.parquet as pq

from tanhui.books import queries as books
from tanhui.books.sealed_source import SOURCE_FILE, SealedSource
from tanhui.domain.viewings.services import Viewer, note

from . import reading
from .platform import Platform
from .quarantine import QUARANTINE_FILE

ROWS = "rows"


def quarantine(platform: Platform, seq: int, *, viewer: Viewer, **page: Any) -> dict[str, Any]:
    """As `reading.quarantine`, the look noted before it is shown."""
    found = reading.quarantine(platform, seq, **page)
    _note(platform, seq, [one["row"] for one in found["items"]], viewer)
    return found


def quarantine_file(platform: Platform, seq: int, *, viewer: Viewer) -> Iterator[bytes]:
    """As `reading.quarantine_file`, the look noted before the first byte."""
    file = platform.evidence / books.batch(seq).uri / QUARANTINE_FILE
    _note(platform, seq, pq.read_table(file, columns=["row"])["row"].to_pylist(), viewer)
    return reading.quarantine_file(platform, seq)


def _note(platform: Platform, seq: int, rows: Iterable[int], viewer: Viewer) -> None:
    path = platform.evidence / books.batch(seq).uri / SOURCE_FILE
    wanted = list(rows)
    if not wanted or not path.is_file():  # evidence of the first release does not say whose
        return
    people = SealedSource(path, seq, platform.people_keys).people_of(wanted)
    note(people, ROWS, viewer=viewer, at=platform.clock())
