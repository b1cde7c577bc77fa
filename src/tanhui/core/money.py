"""Money as whole fen; a fare or a price is never a float."""

from __future__ import annotations

from typing import NewType

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
