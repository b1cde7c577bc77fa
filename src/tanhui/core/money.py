"""Money as whole fen; a fare or a price is never a float."""

from __future__ import annotations

import re
from typing import NewType

from .errors import InputRefused

_YUAN = re.compile(r"(\d{1,15})(?:\.(\d{1,2})0*)?", re.ASCII)

Fen = NewType("Fen", int)


def yuan_text(fen: int) -> str:
    """
    >>> yuan_text(1234)
    '12.34'
    >>> yuan_text(-5)
    '-0.05'
    """
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def read_yuan(text: str) -> Fen:
    """Fen of an amount in yuan, exact; raises InputRefused for less than a fen or below zero.

    >>> read_yuan("1478116"), read_yuan("57.5")
    (147811600, 5750)
    """
    match = _YUAN.fullmatch(text)
    if match is None:
        raise InputRefused(
            "money.unreadable",
            zh=f"“{text[:30]}”不是金额；请写元，至多两位小数，如 4604.00。",
            en=f"'{text[:30]}' is no amount; write yuan with at most two decimals, like 4604.00.",
        )
    return Fen(int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")))
