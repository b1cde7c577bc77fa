"""Decay with history before the project, and by months: the same methane, only finer."""

from __future__ import annotations

from decimal import Decimal

from tests.engine.project.texts import SMALL, loaded

from tanhui.engine.project.cases import value_in
from tanhui.engine.project.report import quantify

HEAD = SMALL.split("sets:")[0].replace("methodology: small", "methodology: decay")
YEARLY = (
    HEAD
    + """\
sets:
  deposits: {name: {zh: 处置年份, en: years of deposit}, of: years}
inputs:
  waste: {name: {zh: 垃圾, en: waste}, unit: tCO2e, over: [deposits]}
  rate: {name: {zh: 速率, en: rate}, unit: 1/year}
equations:
  emitted[y in years]:
    name: {zh: 排放, en: emitted}
    unit: tCO2e
    is: sum(waste[x] * exp(-rate * (y - x)) * (1 - exp(-rate * (1*year)))
        for x in deposits if x <= y)
results: {issuable: emitted}
"""
)
MONTHLY = (
    HEAD
    + """\
sets:
  deposits: {name: {zh: 处置月份, en: months of deposit}, of: months}
  months: {name: {zh: 各月, en: months}, of: months}
inputs:
  waste: {name: {zh: 垃圾, en: waste}, unit: tCO2e, over: [deposits]}
  rate: {name: {zh: 速率, en: rate}, unit: 1/year}
equations:
  emitted_in[now in months]:
    name: {zh: 当月排放, en: emitted in the month}
    unit: tCO2e
    is: sum(waste[x] * exp(-rate * (now - x)) * (1 - exp(-rate * (1*month)))
        for x in deposits if x <= now)
  emitted[y in years]:
    name: {zh: 排放, en: emitted}
    unit: tCO2e
    is: sum(emitted_in[now] for now in months if year_of(now) == y)
results: {issuable: emitted, outputs: [emitted_in]}
"""
)


def monitoring(sets: str, waste: str) -> bytes:
    return f"""\
monitoring: one
methodology: decay
mode: crediting
region: "420000"
project: {{name: 例}}
period: {{first_year: 2021, last_year: 2023}}
sets: {sets}
inputs:
  waste: {{unit: tCO2e, values: {waste}}}
  rate: 0.2 1/year
""".encode()


def emitted(report: dict[str, object], year: int) -> Decimal:
    return Decimal(value_in(report, f"emitted[{year}]") or "")


def test_history_before_the_project_counts() -> None:
    law = loaded(YEARLY)
    fresh = quantify(law, monitoring("{deposits: {from: 2021, to: 2021}}", "{2021: 100}"))
    history = "{2019: 100, 2020: 0, 2021: 0, 2022: 0, 2023: 0}"
    old = quantify(law, monitoring("{deposits: {from: 2019, to: 2023}}", history))
    assert emitted(old, 2021) < emitted(fresh, 2021)
    # A load two years older gives in 2021 what the fresh one gives in 2023.
    assert abs(emitted(old, 2021) - emitted(fresh, 2023)) < Decimal("1e-28")


def test_months_of_one_year_add_up_to_the_year_of_the_same_load() -> None:
    """A load of January decays by month to exactly what it decays by year."""
    yearly = quantify(
        loaded(YEARLY), monitoring("{deposits: {from: 2021, to: 2021}}", "{2021: 100}")
    )
    sets = "{deposits: {from: 2021-01, to: 2021-01}, months: {from: 2021-01, to: 2023-12}}"
    monthly = quantify(loaded(MONTHLY), monitoring(sets, "{2021-01: 100}"))
    for year in (2021, 2022, 2023):
        assert abs(emitted(yearly, year) - emitted(monthly, year)) < Decimal("1e-25")
    assert yearly["totals"] == monthly["totals"]


def test_a_later_month_emits_less_within_its_year() -> None:
    sets = "{deposits: {from: 2021-07, to: 2021-07}, months: {from: 2021-01, to: 2023-12}}"
    report = quantify(loaded(MONTHLY), monitoring(sets, "{2021-07: 100}"))
    assert value_in(report, "emitted_in[2021-06]") == "0"
    half = 100 * (1 - (Decimal("-0.1")).exp())
    assert abs(emitted(report, 2021) - half) < Decimal("1e-25")
