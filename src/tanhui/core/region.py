"""Administrative regions by GB/T 2260 code; a code carries its own parents.

`420106` (Wuchang) lies in `420100` (Wuhan), `420000` (Hubei) and `100000` (China).
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import InputRefused

CHINA = "100000"
CHINA_OFFSET_MIN = 480  # all of China keeps +08:00, GB/T 7408


@dataclass(frozen=True, order=True)
class Region:
    """A GB/T 2260 code of six digits.

    >>> Region("420106").lineage()
    ('420106', '420100', '420000', '100000')
    >>> Region("100000").lineage()
    ('100000',)
    """

    code: str

    def __post_init__(self) -> None:
        code = self.code
        if not (len(code) == 6 and code.isascii() and code.isdigit() and code[0] != "0"):
            raise InputRefused(
                "region.malformed",
                zh=f"“{code[:20]}”不是行政区划代码；应为 GB/T 2260 的六位数字，如 420100。",
                en=f"'{code[:20]}' is no region code; six digits of GB/T 2260, such as 420100.",
            )

    def lineage(self) -> tuple[str, ...]:
        """The code itself and its parents, nearest first, ending with China."""
        chain = [self.code, self.code[:4] + "00", self.code[:2] + "0000", CHINA]
        return tuple(dict.fromkeys(chain))

    @property
    def offset_min(self) -> int:
        """Minutes east of UTC; the day of an event is counted in this zone."""
        return CHINA_OFFSET_MIN
