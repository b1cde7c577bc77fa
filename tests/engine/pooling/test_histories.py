"""Random histories of a chain of pools: nothing is lost, nothing used twice, every mg explained."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from tanhui.engine.batch.events import Columns, concatenate
from tanhui.engine.pooling.assemble import PLACED_TYPES, Line, assemble
from tanhui.engine.pooling.line import inside

HISTORIES = 2_000
Key = tuple[int, int]


class Chain:
    """Pools after one another, as the registry issues them, with what it must remember."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.unit_mg = self.random.randint(1, 4_000)
        self.carried: Columns = concatenate([], PLACED_TYPES)
        self.owed = 0
        self.used: Counter[Key] = Counter()
        self.units = 0
        self.gone: set[Key] = set()
        self.batch = 0

    def rows(self) -> Columns:
        """A new batch of a few rows."""
        self.batch += 1
        count = self.random.randint(0, 12)
        columns = {name: np.zeros(count, dtype=kind) for name, kind in PLACED_TYPES.items()}
        columns["batch"] += self.batch
        columns["row"] = np.arange(1, count + 1)
        columns["person"] = np.array([self.random.randint(1, 5) for _ in range(count)], "i8")
        columns["mg"] = np.array([self.random.randint(1, 2_000) for _ in range(count)], "i8")
        return columns

    def take_back(self) -> int:
        """Corrections of some rows: what was used is a debt, what was carried falls away."""
        known = sorted({*self.used, *self.tail()} - self.gone)
        gone = set(self.random.sample(known, min(len(known), self.random.randint(0, 3))))
        self.gone |= gone
        debt = sum(self.used.pop(key, 0) for key in gone)
        tail = self.tail()
        dropped = sum(tail[key] for key in gone if key in tail)
        keys = zip(self.carried["batch"].tolist(), self.carried["row"].tolist(), strict=True)
        kept = np.array([key not in gone for key in keys], dtype=np.bool_)
        self.carried = {name: column[kept] for name, column in self.carried.items()}
        self.owed += debt
        return debt + dropped

    def tail(self) -> dict[Key, int]:
        """What of each row is carried."""
        names = (self.carried[name].tolist() for name in ("batch", "row", "mg"))
        return {(batch, row): mg for batch, row, mg in zip(*names, strict=True)}

    def pool(self) -> None:
        """One pool: the equation of its figures, and what each row gave."""
        carried_in, owed_in = int(self.carried["mg"].sum()), self.owed
        debts = self.take_back()
        whole = self.random.randint(1, 1_000)
        kept = Fraction(self.random.randint(1, whole), whole)
        own = [self.rows() for _ in range(self.random.randint(0, 3))]
        line = assemble(self.carried, own, kept=kept, owed=self.owed, unit_mg=self.unit_mg)
        gathered = sum(int(part["mg"].sum()) for part in own)
        cut = line.cut
        assert line.gathered == gathered
        assert gathered - line.discount == gathered * kept.numerator // kept.denominator
        left = gathered + carried_in - owed_in - line.discount - debts
        assert left == cut.units * self.unit_mg + cut.carried - cut.owed
        self.units += cut.units
        self.owed = cut.owed
        self._count(line)

    def _count(self, line: Line) -> None:
        used = inside(line.rows["end"], 0, line.cut.spent)
        keys = list(zip(line.rows["batch"].tolist(), line.rows["row"].tolist(), strict=True))
        for key, mg in zip(keys, used.tolist(), strict=True):
            self.used[key] += mg
        marks = line.used()
        assert int(marks["mg"].sum()) == line.cut.spent
        rest = inside(line.rows["end"], line.cut.spent, line.cut.total)
        here = rest > 0
        self.carried = {name: line.rows[name][here] for name in PLACED_TYPES}
        self.carried["mg"] = rest[here]


@pytest.mark.parametrize("part", range(4))
def test_no_milligram_is_lost_or_used_twice(part: int) -> None:
    for seed in range(part, HISTORIES, 4):
        chain = Chain(seed)
        for _ in range(chain.random.randint(1, 6)):
            chain.pool()
            assert sum(chain.used.values()) + chain.owed == chain.units * chain.unit_mg
            assert not chain.gone & {key for key, mg in chain.used.items() if mg}
