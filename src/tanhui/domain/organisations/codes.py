"""Unified social credit codes: 18 characters, the last one a check (GB 32100-2015)."""

from __future__ import annotations

from . import errors

_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def check_character(first_17: str) -> str:
    """The last character of a code; raises ValueError for one that no code has.

    >>> check_character("91350100M000100Y4")
    '3'
    """
    total = sum(
        _CHARACTERS.index(one) * weight for one, weight in zip(first_17, _WEIGHTS, strict=True)
    )
    return _CHARACTERS[-total % 31]


def checked_code(code: str) -> str:
    """The code in capitals; raises InputRefused for a slip of the pen."""
    capital = code.strip().upper()
    try:
        is_right = len(capital) == 18 and check_character(capital[:17]) == capital[17]
    except ValueError:
        is_right = False
    if not is_right:
        raise errors.code_malformed(code)
    return capital
