"""What becomes of citizens' milligrams: rows poured into units one behind another, in plain Python.

Nothing here knows arrays, files or a database. Every division is exact and goes by the largest
remainder, equal ones in front; every line is poured from its front, milligram by milligram.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

ALLOCATION = (Fraction("0.705"), Fraction("0.2"), Fraction("0.095"))
"""What of a row is the person's, the platform's and the operator's."""


class Key(NamedTuple):
    """A row: its batch and its place there."""

    batch: int
    row: int


Poured = list[tuple[Key, int]]


@dataclass(frozen=True)
class Row:
    """A credited row: whose it is, when and how much."""

    key: Key
    person: str
    partner: str
    month: str
    mg: int


@dataclass(frozen=True)
class Piece:
    """What a batch holds of a month."""

    batch: int
    month: str


def fairly(exact: Sequence[Fraction]) -> list[int]:
    """Whole numbers that add up to the floor of the sum: the odd ones to the largest remainders.

    >>> fairly([Fraction(9, 2), Fraction(9, 2), Fraction(9, 2)])
    [5, 4, 4]
    """
    parts = [share.numerator // share.denominator for share in exact]
    total = sum(exact, Fraction(0))
    odd = total.numerator // total.denominator - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])
    for at in by_remainder[:odd]:
        parts[at] += 1
    return parts


def shares(row: Row) -> list[int]:
    """A row among person, platform and operator."""
    return fairly([row.mg * part for part in ALLOCATION])


def pour(line: Poured, mg: int) -> Poured:
    """Take so many milligrams off the front of a line."""
    taken: Poured = []
    while mg:
        key, there = line.pop(0)
        part = min(there, mg)
        mg -= part
        taken.append((key, part))
        if part < there:
            line.insert(0, (key, there - part))
    return taken


@dataclass
class Issued:
    """The figures of one pool, and which rows fill which unit (from 0)."""

    gathered: int
    taken_back: int
    discount: int
    carried_in: int
    debts: int
    made_good: int
    units: list[Poured]
    carried: int
    owed: int


@dataclass
class Chain:
    """Pools of one partner and owner after each other: what they carry, owe and used."""

    carried: Poured = field(default_factory=list)
    owed: int = 0
    used: dict[Key, list[int]] = field(default_factory=dict)  # of each row, line by line
    settled: set[Key] = field(default_factory=set)

    def take_back(self, gone: set[Key]) -> int:
        """What was used of rows that are gone is owed, what was carried falls away."""
        debts = 0
        for key in sorted(gone & {*self.used, *(key for key, _ in self.carried)}):
            used = sum(self.used.pop(key, []))
            debts += used + sum(mg for one, mg in self.carried if one == key)
            self.owed += used
            self.settled.add(key)
        self.carried = [(key, mg) for key, mg in self.carried if key not in gone]
        return debts

    def issue(self, rows: list[Row], gone: set[Key], *, kept: Fraction, unit_mg: int) -> Issued:
        """Lay what is carried and the rows behind each other and pour units off the front."""
        carried_in = sum(mg for _, mg in self.carried)
        debts = self.take_back(gone)
        own = [row for row in rows if row.key not in gone]
        left = fairly([row.mg * kept for row in own])
        line = self.carried + [(row.key, mg) for row, mg in zip(own, left, strict=True) if mg]
        total = sum(mg for _, mg in line)
        made_good = min(total, self.owed)
        good = pour(line, made_good)
        units = [pour(line, unit_mg) for _ in range((total - made_good) // unit_mg)]
        here: Counter[Key] = Counter()
        for key, mg in (*good, *(part for unit in units for part in unit)):
            here[key] += mg
        for key, mg in here.items():
            self.used.setdefault(key, []).append(mg)
        self.carried, self.owed = line, self.owed - made_good
        return Issued(
            gathered=sum(row.mg for row in own),
            taken_back=sum(row.mg for row in rows if row.key in gone),
            discount=sum(row.mg for row in own) - sum(left),
            carried_in=carried_in,
            debts=debts,
            made_good=made_good,
            units=units,
            carried=sum(mg for _, mg in line),
            owed=self.owed,
        )


@dataclass
class Grams:
    """Every row that was credited, which were taken back, and the chains of pools."""

    rows: dict[Key, Row] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    chains: dict[tuple[str, str], Chain] = field(default_factory=dict)
    pooled: set[tuple[str, Piece]] = field(default_factory=set)
    filled: dict[int, Poured] = field(default_factory=dict)  # serial -> rows

    def free(self, partner: str, months: Sequence[str]) -> list[Piece]:
        """The slices of a partner that stand in no pool."""
        there = {
            Piece(row.key.batch, row.month)
            for row in self.rows.values()
            if row.partner == partner and row.month in months
        }
        return [one for one in there if (partner, one) not in self.pooled]

    def of(self, pieces: Sequence[Piece]) -> list[Row]:
        """The rows of slices, as they lie on a line."""
        rows = [row for row in self.rows.values() if Piece(row.key.batch, row.month) in pieces]
        return sorted(rows, key=lambda row: row.key)

    def marks(self) -> Counter[str]:
        """The mg that each person, each partner's platform and the operator gave to units."""
        counted: Counter[str] = Counter()
        for chain in self.chains.values():
            for key, stretches in chain.used.items():
                row = self.rows[key]
                for mg in stretches:
                    parts = fairly([Fraction(mg * share, row.mg) for share in shares(row)])
                    owners = (row.person, row.partner, "operator")
                    counted.update(dict(zip(owners, parts, strict=True)))
        return +counted
