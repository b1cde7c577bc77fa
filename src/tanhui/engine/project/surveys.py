"""Between two surveys a stock is taken to change in a straight line.

Nothing is guessed before the first survey or after the last one, nor across too many years.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise, product

from ..problems import Mistake
from .arithmetic import CONTEXT
from .members import Member, Year
from .nouns import YEAR_ENDS, Input

Values = dict[tuple[Member, ...], Decimal | str]


def interpolate(wanted: Input, sets: Mapping[str, tuple[Member, ...]], values: Values) -> None:
    """Fill the year ends between the surveys in `values`; raises `Mistake` for a gap."""
    assert wanted.gap_max is not None
    surveys = list(values)
    first, last = sets[YEAR_ENDS][0], sets[YEAR_ENDS][-1]
    assert isinstance(first, Year)
    assert isinstance(last, Year)
    for rest in product(*(sets[name] for name in wanted.over[:-1])):
        years = sorted(at[-1] for at in surveys if at[:-1] == rest and isinstance(at[-1], Year))
        what = f"{wanted.name}{shown_index(rest)}"
        if not years or years[0] > first or years[-1] < last:
            raise Mistake(
                zh=f"{what} 的调查应覆盖 {first} 年末至 {last} 年末；请补上首次或末次调查。",
                en=f"the surveys of {what} must reach from the end of {first} to the end of "
                f"{last}; add the first or the last survey",
            )
        for before, after in pairwise(years):
            if after.number - before.number > wanted.gap_max:
                raise Mistake(
                    zh=f"{what}：{before} 与 {after} 两次调查相隔超过 {wanted.gap_max} 年；"
                    "请补充调查。",
                    en=f"{what}: the surveys of {before} and {after} are more than "
                    f"{wanted.gap_max} years apart; add one between",
                )
            _fill(values, rest, before, after)


def _fill(values: Values, rest: tuple[Member, ...], before: Year, after: Year) -> None:
    low, high = values[(*rest, before)], values[(*rest, after)]
    assert isinstance(low, Decimal)
    assert isinstance(high, Decimal)
    rise, span = CONTEXT.subtract(high, low), Decimal(after.number - before.number)
    for number in range(before.number + 1, after.number):
        part = CONTEXT.divide(CONTEXT.multiply(rise, Decimal(number - before.number)), span)
        values[(*rest, Year(number))] = CONTEXT.add(low, part)


def shown_index(at: tuple[Member, ...]) -> str:
    """`[a, 2020]`, or nothing."""
    return f"[{', '.join(map(str, at))}]" if at else ""
