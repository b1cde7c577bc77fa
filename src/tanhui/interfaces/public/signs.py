"""The signs and units of arithmetic as people write them."""

from __future__ import annotations

import re

SIGNS = {"*": "×", "-": "−", "<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
_IN_LINES = SIGNS | {"/": "÷"}
_SIGN = re.compile(r" ([*/-]|<=|>=|==|!=) ")
_CARBON = re.compile(r"(?<![A-Za-z])([mkMG]?g|k?t)CO2(e?)(?![A-Za-z0-9])")


def plain(text: str) -> str:
    """A line of arithmetic or a unit with the signs people write.

    >>> plain("6.825 km * 78.4 gCO2e/km")
    '6.825 km × 78.4 g\\xa0CO₂e/km'
    """
    text = _SIGN.sub(lambda found: f" {_IN_LINES[found[1]]} ", text)
    return _CARBON.sub("\\1\N{NO-BREAK SPACE}CO₂\\2", text)
