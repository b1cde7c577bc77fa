"""Step tables: a value of law that depends on how far a quantity goes, such as a reward by tier.

A step holds from its `from`, which belongs, to the next; below the first holds `below`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction

STEPS_MAX = 40


@dataclass(frozen=True)
class StepTable:
    """`starts` strictly increasing, one value for each."""

    below: Fraction
    starts: tuple[Fraction, ...]
    values: tuple[Fraction, ...]

    def step_of(self, quantity: Fraction) -> int:
        """Which step the quantity falls on, -1 below the first.

        >>> table = StepTable(Fraction(0), (Fraction(5), Fraction(10)), (Fraction(1), Fraction(3)))
        >>> [table.step_of(Fraction(n)) for n in (4, 5, 9, 10)]
        [-1, 0, 0, 1]
        """
        return bisect_right(self.starts, quantity) - 1

    def value_of(self, quantity: Fraction) -> Fraction:
        """The value that holds for the quantity."""
        step = self.step_of(quantity)
        return self.below if step < 0 else self.values[step]

    def in_base(self, *, argument: Fraction, value: Fraction) -> StepTable:
        """The same table in base units; both factors are positive."""
        return StepTable(
            self.below * value,
            tuple(start * argument for start in self.starts),
            tuple(each * value for each in self.values),
        )


Known = Fraction | StepTable
"""What a name of law stands for: a number, or a table of steps."""
