"""Units over exact fractions; a mass of CO2e is a dimension of its own, so it never adds to coal.

A unit is a factor to the base units and a power of each base dimension. Base units: milligram
of CO2e, metre, watt-hour, gram, millilitre, second, calendar year, watt, yuan, tonne of carbon,
methane, nitrous oxide, nitrogen or dry matter, and one base per thing counted.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fractions import Fraction

from .problems import Mistake

POWER_MAX = 6
TEXT_MAX = 60

Dimension = tuple[tuple[str, int], ...]
NUMBER: Dimension = ()
CARBON_MASS: Dimension = (("CO2e", 1),)

_KNOWN: dict[str, tuple[str | None, Fraction]] = {
    "mgCO2e": ("CO2e", Fraction(1)),
    "gCO2e": ("CO2e", Fraction(1_000)),
    "kgCO2e": ("CO2e", Fraction(1_000_000)),
    "tCO2e": ("CO2e", Fraction(1_000_000_000)),
    "tCO2": ("CO2e", Fraction(1_000_000_000)),  # the gas itself: its warming potential is 1
    "m": ("length", Fraction(1)),
    "km": ("length", Fraction(1_000)),
    "Wh": ("energy", Fraction(1)),
    "kWh": ("energy", Fraction(1_000)),
    "MWh": ("energy", Fraction(1_000_000)),
    "MJ": ("energy", Fraction(2_500, 9)),
    "GJ": ("energy", Fraction(2_500_000, 9)),
    "g": ("mass", Fraction(1)),
    "kg": ("mass", Fraction(1_000)),
    "t": ("mass", Fraction(1_000_000)),
    "mL": ("volume", Fraction(1)),
    "L": ("volume", Fraction(1_000)),
    "m3": ("volume", Fraction(1_000_000)),
    "m2": ("area", Fraction(1)),
    "ha": ("area", Fraction(10_000)),
    "mu": ("area", Fraction(10_000, 15)),
    "s": ("time", Fraction(1)),
    "min": ("time", Fraction(60)),
    "h": ("time", Fraction(3_600)),
    "day": ("time", Fraction(86_400)),
    "month": ("year", Fraction(1, 12)),
    "year": ("year", Fraction(1)),  # a calendar year, never a number of seconds
    "W": ("power", Fraction(1)),
    "kW": ("power", Fraction(1_000)),
    "MW": ("power", Fraction(1_000_000)),
    "tC": ("C", Fraction(1)),
    "kgCH4": ("CH4", Fraction(1, 1_000)),
    "tCH4": ("CH4", Fraction(1)),
    "kgN2O": ("N2O", Fraction(1, 1_000)),
    "tN2O": ("N2O", Fraction(1)),
    "kgN": ("N", Fraction(1, 1_000)),
    "tN": ("N", Fraction(1)),
    "kgdm": ("dry", Fraction(1, 1_000)),  # dry matter
    "tdm": ("dry", Fraction(1)),
    "CNY": ("money", Fraction(1)),
    "CAD": ("money_CAD", Fraction(1)),
    "KES": ("money_KES", Fraction(1)),
    "head": ("head", Fraction(1)),
    "KRW": ("money_KRW", Fraction(1)),
    "EUR": ("money_EUR", Fraction(1)),
    "person": ("person", Fraction(1)),
    "ride": ("ride", Fraction(1)),
    "household": ("household", Fraction(1)),
    "piece": ("piece", Fraction(1)),
    "page": ("page", Fraction(1)),
    "use": ("use", Fraction(1)),
    "step": ("step", Fraction(1)),
    "percent": (None, Fraction(1, 100)),
}
UNIT_NAMES = tuple(_KNOWN)

# What a derived value is shown in: the first unit of each dimension here.
_SHOWN = {"CO2e": "gCO2e", "length": "km", "energy": "kWh", "mass": "kg", "volume": "L"}
_SHOWN |= {"area": "m2", "time": "h", "money": "CNY", "power": "kW", "C": "tC", "CH4": "tCH4"}
_SHOWN |= {"N2O": "tN2O", "N": "tN", "dry": "tdm", "money_CAD": "CAD", "money_KES": "KES"}
_SHOWN |= {"money_KRW": "KRW", "money_EUR": "EUR"}


@dataclass(frozen=True)
class Unit:
    """`factor` base units of `dimension`; `text` is how it was written."""

    factor: Fraction
    dimension: Dimension
    text: str


NO_UNIT = Unit(Fraction(1), NUMBER, "1")


def multiply(left: Dimension, right: Dimension, *, sign: int = 1) -> Dimension:
    """The dimension of a product (`sign` 1) or a quotient (`sign` -1).

    >>> multiply((("CO2e", 1),), (("length", 1),), sign=-1)
    (('CO2e', 1), ('length', -1))
    """
    powers = dict(left)
    for base, power in right:
        powers[base] = powers.get(base, 0) + sign * power
    return tuple(sorted((base, power) for base, power in powers.items() if power))


def parse_unit(text: str) -> Unit:
    """The unit written, such as `gCO2e/km`, `kWh/(person*day)`, `1` for a plain number.

    Raises `Mistake` naming the unknown part and the known units.

    >>> parse_unit("gCO2e/km").factor
    Fraction(1, 1)
    """
    if len(text) > TEXT_MAX:
        raise _malformed(text)
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _malformed(text) from None
    factor, dimension = _walk(tree, text)
    return Unit(factor, dimension, text)


def _walk(tree: ast.expr, text: str) -> tuple[Fraction, Dimension]:
    match tree:
        case ast.Name(id=name):
            return named_unit(name)
        case ast.Constant(value=int(number)) if type(number) is int and 0 < number <= 10**9:
            return Fraction(number), NUMBER
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            factor, dimension = _walk(left, text)
            by, by_dimension = _walk(right, text)
            if isinstance(op, ast.Mult):
                return factor * by, multiply(dimension, by_dimension)
            return factor / by, multiply(dimension, by_dimension, sign=-1)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))):
            if not 1 <= power <= POWER_MAX:
                raise _malformed(text)
            factor, dimension = _walk(left, text)
            return factor**power, tuple((base, each * power) for base, each in dimension)
        case _:
            raise _malformed(text)


def named_unit(name: str) -> tuple[Fraction, Dimension]:
    """Factor and dimension of one unit name; raises `Mistake` for an unknown one."""
    if name not in _KNOWN:
        same = next((known for known in _KNOWN if known.lower() == name.lower()), "")
        hint = f"did you mean '{same}'?" if same else f"known units: {', '.join(_KNOWN)}"
        hint_zh = f"是否想写“{same}”？" if same else f"可用单位：{', '.join(_KNOWN)}。"
        raise Mistake(
            zh=f"不认识的单位“{name[:40]}”；{hint_zh}", en=f"unknown unit '{name[:40]}'; {hint}"
        )
    base, factor = _KNOWN[name]
    return factor, NUMBER if base is None else ((base, 1),)


def shown_unit(dimension: Dimension) -> Unit:
    """The unit a derived value of this dimension is shown in.

    >>> shown_unit((("CO2e", 1), ("length", -1))).text
    'gCO2e/km'
    """
    above: list[str] = []
    below: list[str] = []
    factor = Fraction(1)
    for base, power in sorted(dimension, key=lambda part: (part[0] != "CO2e", part[0])):
        name = _SHOWN.get(base, base)
        factor *= _KNOWN[name][1] ** power
        text = name if abs(power) == 1 else f"{name}**{abs(power)}"
        (above if power > 0 else below).append(text)
    text = "*".join(above) or "1"
    if below:
        text += "/" + (below[0] if len(below) == 1 else f"({'*'.join(below)})")
    return Unit(factor, dimension, text)


def _malformed(text: str) -> Mistake:
    return Mistake(
        zh=f"“{text[:40]}”不是单位；请写成 gCO2e/km、kWh/(person*day) 或 1。",
        en=f"'{text[:40]}' is no unit; write it like gCO2e/km, kWh/(person*day) or 1",
    )
