"""Administrative regions by six digits; a code carries its own parents.

In China the digits are those of GB/T 2260: `420106` (Wuchang) lies in `420100` (Wuhan), `420000`
(Hubei) and `100000` (China). GB/T 2260 leaves the first digit 9 free. A place abroad is 9, the
three digits of its country in ISO 3166-1 and the two of its part in ISO 3166-2, 00 for the whole:
`941011` is Seoul (KR-11) in `941000`, the Republic of Korea (410); `900000` is no country at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import InputRefused

CHINA = "100000"
ABROAD = "9"
CHINA_OFFSET_MIN = 480  # all of China keeps +08:00, GB/T 7408


@dataclass(frozen=True, order=True)
class Region:
    """A GB/T 2260 code of six digits, or a place abroad.

    >>> Region("420106").lineage()
    ('420106', '420100', '420000', '100000')
    >>> Region("100000").lineage()
    ('100000',)
    >>> Region("941011").lineage()
    ('941011', '941000')
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
        """The code itself and its parents, nearest first, ending with the country."""
        if self.code[0] == ABROAD:
            return tuple(dict.fromkeys((self.code, self.code[:4] + "00")))
        chain = [self.code, self.code[:4] + "00", self.code[:2] + "0000", CHINA]
        return tuple(dict.fromkeys(chain))

    @property
    def prefix(self) -> str:
        """The digits with which every code inside begins; none for all of China.

        >>> Region("420000").prefix, Region("420100").prefix, Region("100000").prefix
        ('42', '4201', '')
        """
        if self.code == CHINA:
            return ""
        kept = 4 if self.code[0] == ABROAD else 2
        while len(self.code) > kept and self.code[kept:].strip("0"):
            kept += 2
        return self.code[:kept]

    def holds(self, other: str) -> bool:
        """Whether a place lies in this one, or is it.

        >>> Region("420000").holds("420106"), Region("420100").holds("420000")
        (True, False)
        """
        return self.code in Region(other).lineage()
