"""A corpus of bad inputs: each is refused as a whole, or every row of it is quarantined.

Used here at feed and validator level, and by the stories against the whole platform, where none
of them may post anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class BadInput:
    """Bytes and the one answer they must get.

    refused: code of the error that refuses the file; else `rejected` has the reason of every row.
    """

    name: str
    data: bytes
    refused: str | None = None
    rejected: Mapping[int, str] = field(default_factory=dict)
    feed: str = "canonical"
    filename: str = "file.csv"
    config: Mapping[str, str] = field(default_factory=dict)


def refused(name: str, data: bytes, code: str, **more: str) -> BadInput:
    """A file that is refused with `code`."""
    return BadInput(name, data, refused=code, **more)  # type: ignore[arg-type]


def rejected(name: str, data: bytes, *reasons: str, **more: object) -> BadInput:
    """A file whose rows 1, 2, ... are rejected with these reasons."""
    return BadInput(name, data, rejected=dict(enumerate(reasons, start=1)), **more)  # type: ignore[arg-type]


def bad_inputs() -> list[BadInput]:
    """All cases; names are unique."""
    from .bad_files import bad_files
    from .bad_partner_files import bad_partner_files
    from .bad_rows import bad_rows
    from .bad_values import bad_values

    return [*bad_files(), *bad_rows(), *bad_values(), *bad_partner_files()]
