"""What the books must say of units after every act: a list of blocks, moved in plain Python.

Nothing here knows a database, a matter or a rule. A block is the serials that stand together; a
move takes some of them out, and what is left of the block stays where it was.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

HELD, LOCKED, LISTED, RETIRED, CANCELLED = "held", "locked", "listed", "retired", "cancelled"
POOLED, CREDITED, RECOGNISED = "pool", "project", "recognised"

Shown = tuple[int, int, str, str]
"""First serial, last serial, owner, state."""


@dataclass
class Block:
    """Neighbouring serials of one issue with one owner in one state."""

    serials: list[int]
    owner: str
    state: str


@dataclass
class Units:
    """Every unit ever issued, in order of serial; `origin` says what each one is."""

    blocks: list[Block] = field(default_factory=list)
    origin: dict[int, str] = field(default_factory=dict)
    first_owner: dict[int, str] = field(default_factory=dict)

    def issue(self, count: int, *, owner: str, origin: str) -> list[int]:
        """New units, which follow the last one ever issued."""
        first = len(self.origin) + 1
        serials = list(range(first, first + count))
        self.blocks.append(Block(serials, owner, HELD))
        self.origin |= dict.fromkeys(serials, origin)
        self.first_owner |= dict.fromkeys(serials, owner)
        return list(serials)

    def move(self, serials: list[int], *, state: str, owner: str = "") -> None:
        """Give units another state, and another owner if one is named."""
        going = set(serials)
        blocks: list[Block] = []
        for block in self.blocks:
            for goes, run in groupby(block.serials, lambda serial: serial in going):
                if goes:
                    blocks.append(Block(list(run), owner or block.owner, state))
                else:
                    blocks.append(Block(list(run), block.owner, block.state))
        self.blocks = blocks

    def of(self, owner: str, state: str = HELD) -> list[Block]:
        """The blocks of an owner in a state."""
        return [one for one in self.blocks if (one.owner, one.state) == (owner, state)]

    def held(self, owner: str) -> int:
        """How many units an owner may use."""
        return sum(len(block.serials) for block in self.of(owner))

    def stand(self, serials: list[int], owner: str, state: str = HELD) -> bool:
        """Whether all of these units are an owner's, in a state."""
        there = {serial for block in self.of(owner, state) for serial in block.serials}
        return there.issuperset(serials)

    def lowest(self, owner: str, count: int) -> list[int]:
        """The held units that go when a number is asked for: whole blocks from the lowest, then
        the high part of the next. All of them when there are fewer.
        """
        going: list[int] = []
        for block in self.of(owner):
            missing = count - len(going)
            going += block.serials if len(block.serials) <= missing else block.serials[-missing:]
            if len(going) == count:
                break
        return going

    def shown(self) -> list[Shown]:
        """The blocks as the books show them."""
        return [(one.serials[0], one.serials[-1], one.owner, one.state) for one in self.blocks]

    def totals(self) -> Counter[str]:
        """Units by state."""
        counted: Counter[str] = Counter()
        for block in self.blocks:
            counted[block.state] += len(block.serials)
        return counted
