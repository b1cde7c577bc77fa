"""An inventory of emissions: activity times factor, line by line, exactly; and claims held to it.

A factor comes from a table of the library, with its source, year and evidence, or is brought by
whoever hands the inventory in and is shown as declared. What a report states as a mass of CO2e
needs none. A claimed figure that the platform's factor does not give stands beside what it gives:
it is neither hidden nor corrected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tanhui.core.errors import InputRefused
from tanhui.core.mass import MG_PER, round_half_away
from tanhui.core.period import day_number
from tanhui.core.region import Region

from .parameters import FactorTable
from .problems import Mistake
from .units import CARBON_MASS, Unit, multiply, parse_unit

REPORTED, DECLARED = "reported", "declared"
_TONNE = MG_PER["tCO2e"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line worked out: `mg` is exact; `factor` its number and unit, with who says so."""

    category: str
    what: str
    activity: str
    factor: str
    status: str
    source: str
    mg: Fraction
    claimed: str = ""

    @property
    def agrees(self) -> bool | None:
        """Whether the claimed figure is what the factor gives; None where nothing is claimed.

        It agrees when the exact value rounds to the claimed digits.
        """
        return None if not self.claimed else agrees(self.claimed, self.mg)

    def shown(self) -> dict[str, Any]:
        """The line as JSON with masses as text."""
        said: dict[str, Any] = {
            "category": self.category,
            "what": self.what,
            "activity": self.activity,
            "factor": self.factor,
            "status": self.status,
            "source": self.source,
            "t": tonnes_text(self.mg),
        }
        if self.claimed:
            said |= {"claimed_t": self.claimed, "agrees": self.agrees}
        return said


def work_out(
    rows: Sequence[Mapping[str, Any]], tables: Mapping[str, FactorTable], *, region: str
) -> list[Line]:
    """Every row as a line; raises InputRefused at the first row that cannot be worked out.

    A row has what, activity, unit and one of: table (row, year, region), factor and factor_unit,
    or neither where the unit is a mass of CO2e. Nothing in it is below zero: an inventory lists
    what was emitted, and what reduces or offsets it is no line of it.
    """
    return [
        _line(row, tables, region=region, number=number) for number, row in enumerate(rows, start=1)
    ]


def total_mg(lines: Sequence[Line]) -> Fraction:
    """The sum of the lines, exact."""
    return sum((line.mg for line in lines), Fraction(0))


def whole_units(mg: Fraction, unit_mg: int) -> int:
    """The fewest whole units that cover a mass.

    >>> whole_units(Fraction(4_544_760_000_000), 10**9), whole_units(Fraction(3 * 10**9), 10**9)
    (4545, 3)
    """
    exact = mg / unit_mg
    return -(-exact.numerator // exact.denominator)


def tonnes_text(mg: Fraction) -> str:
    """Tonnes as decimal text, to the milligram, without zeros behind.

    >>> tonnes_text(Fraction(2_620_000_000)), tonnes_text(Fraction(3 * 10**9))
    ('2.62', '3')
    """
    whole, rest = divmod(round_half_away(mg), _TONNE)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def agrees(claimed: str, mg: Fraction) -> bool:
    """Whether a mass rounds to the digits of a figure in tonnes.

    >>> agrees("7.0", Fraction(6_982_400_000)), agrees("12.5", Fraction(6_982_400_000))
    (True, False)
    """
    decimals = len(claimed.partition(".")[2])
    half = Fraction(1, 2 * 10**decimals)
    return abs(Fraction(claimed) - mg / _TONNE) <= half


def implied(claimed: str, activity: str) -> Fraction:
    """Kilograms of CO2e for each unit of activity that a claim in tonnes amounts to."""
    return Fraction(claimed) * 1_000 / Fraction(activity)


def _line(
    row: Mapping[str, Any], tables: Mapping[str, FactorTable], *, region: str, number: int
) -> Line:
    unit = _unit(row["unit"], number)
    activity = Fraction(row["activity"])
    if any(Fraction(row.get(key) or 0) < 0 for key in ("activity", "factor", "claimed_t")):
        raise _refused(
            number,
            zh="活动数据、因子与申报值不能为负；减排与抵销不写入清单",
            en="activity, factor and claim are not below zero; what reduces or offsets emissions "
            "is no line of an inventory",
        )
    if table := row.get("table"):
        factor, per, source, status = _from_table(
            tables, table, row, region=row.get("region") or region, number=number
        )
    elif row.get("factor"):
        per = _unit(row.get("factor_unit") or "", number)
        factor, source, status = Fraction(row["factor"]), row["source"], DECLARED
    else:
        factor, per, source, status = Fraction(1), _unit("1", number), row["source"], REPORTED
    if multiply(unit.dimension, per.dimension) != CARBON_MASS:
        raise _refused(
            number,
            zh=f"{row['unit']} 与 {per.text} 相乘不是二氧化碳当量的质量；请改正单位或补上因子",
            en=f"{row['unit']} times {per.text} is no mass of CO2e; correct the units or give a "
            "factor",
        )
    return Line(
        category=row.get("category", ""),
        what=row["what"],
        activity=f"{row['activity']} {row['unit']}",
        factor="" if status == REPORTED else f"{_number(factor)} {per.text}",
        status=status,
        source=source,
        mg=activity * unit.factor * factor * per.factor,
        claimed=row.get("claimed_t") or "",
    )


def _from_table(
    tables: Mapping[str, FactorTable],
    name: str,
    row: Mapping[str, Any],
    *,
    region: str,
    number: int,
) -> tuple[Fraction, Unit, str, str]:
    table = tables.get(name)
    if table is None:
        raise _refused(number, zh=f"没有因子表“{name}”", en=f"there is no factor table '{name}'")
    year = row.get("year")
    if not year or not 1990 <= year <= 2100:
        raise _refused(number, zh="请写因子的年份", en="give the year of the factor")
    day = day_number(date(year, 1, 1))
    wanted = row.get("row") or ""
    for code in Region(region).lineage():
        for value in table.values:
            if value.region == code and value.class_ == wanted and value.holds_on(day):
                if not value.usable or value.value is None:
                    raise _refused(
                        number,
                        zh=f"因子表 {name} 在 {region}、{year} 年的值为 {value.evidence}，不能用来"
                        "核算；请取得原文后由因子库维护人补上，或自带因子并写明出处",
                        en=f"the table {name} has a value for {region} in {year} that is "
                        f"{value.evidence} and not calculated with; have the keeper of the library "
                        "add it from the original, or bring a factor with its source",
                    )
                return value.value, table.unit, f"{value.source}（{name}）", value.evidence
    raise _refused(
        number,
        zh=f"因子表 {name} 没有 {region} 在 {year} 年的值；"
        "请由因子库维护人补上，或自带因子并写明出处",
        en=f"the table {name} has no value for {region} in {year}; have the keeper of the library "
        "add it, or bring a factor with its source",
    )


def _unit(text: str, number: int) -> Unit:
    try:
        return parse_unit(text)
    except Mistake as mistake:
        raise _refused(number, zh=mistake.zh.rstrip("。"), en=mistake.en) from None


def _number(exact: Fraction) -> str:
    return f"{Decimal(exact.numerator) / Decimal(exact.denominator):f}"


def _refused(number: int, *, zh: str, en: str) -> InputRefused:
    return InputRefused(
        "inventory.line_refused",
        zh=f"清单第 {number} 行：{zh}。",
        en=f"Line {number} of the inventory: {en}.",
        line=number,
    )
