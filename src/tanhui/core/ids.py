"""Ids: random where they stand for a person, readable where a person has to say them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from .errors import InputRefused

RandomId = Callable[[], int]

PERSON_ID_BITS = 62  # fits a signed 64-bit column, leaves the sign alone
_RESULT_ID = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")  # 19 digits hold every 64-bit number


def random_person_id() -> int:
    """A random pseudonym; it says nothing about the person."""
    return secrets.randbits(PERSON_ID_BITS)


@dataclass(frozen=True, order=True)
class ResultId:
    """One row of one batch: `<batch>-<row>`; the row is the data row of the partner's file.

    >>> str(ResultId(12, 345)), ResultId.parse("12-345").row
    ('12-345', 345)
    """

    batch: int
    row: int

    def __str__(self) -> str:
        return f"{self.batch}-{self.row}"

    @classmethod
    def parse(cls, text: str) -> ResultId:
        """Read `12-345`; anything else is refused with an example."""
        parts = _RESULT_ID.fullmatch(text)
        if parts is None:
            raise InputRefused(
                "result.id.malformed",
                zh=f"“{text[:40]}”不是记录编号；应形如 12-345（批次号-行号）。",
                en=f"'{text[:40]}' is no result id; it looks like 12-345 (batch-row).",
            )
        return cls(int(parts[1]), int(parts[2]))
