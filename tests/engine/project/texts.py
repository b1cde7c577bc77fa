"""Small project methodologies and monitoring files that tests change in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tanhui.engine.problems import Problems
from tanhui.engine.project.loader import load_project
from tanhui.engine.project.nouns import ProjectMethodology
from tanhui.engine.project.report import quantify
from tanhui.engine.project.shelf import read_lookup_tables

LIBRARY = Path(__file__).parents[3] / "library"
TABLES = read_lookup_tables(sorted((LIBRARY / "tables").glob("*.yaml")), LIBRARY, Problems())

SMALL = """\
methodology: small
version: "1"
title: {zh: 小例, en: small}
kind: project
shape: S1
regions: ["420000"]
effective: {from: 2000-01-01, zone: "+08:00"}
status: {equations: published_summary, source: 测试, note: {zh: 测试, en: test}}
sets:
  plants: {name: {zh: 电站, en: plants}}
inputs:
  energy: {name: {zh: 电量, en: energy}, unit: MWh, over: [plants, years]}
  leakage:
    name: {zh: 泄漏, en: leakage}
    unit: tCO2e
    over: [years]
    missing: {use: highest, note: {zh: 取最高, en: the highest}}
parameters:
  factor:
    name: {zh: 因子, en: factor}
    unit: tCO2/MWh
    values: [{region: "420000", from: 2000-01-01, value: 0.5, source: 测试, evidence: published}]
equations:
  avoided[y in years]:
    name: {zh: 避免排放, en: avoided}
    unit: tCO2e
    is: sum(energy[plant, y] * factor for plant in plants)
  net[y in years]:
    name: {zh: 净值, en: net}
    unit: tCO2e
    is: avoided[y] - leakage[y]
  reversal[y in years]:
    name: {zh: 逆转, en: reversal}
    unit: tCO2e
    is: min(0, net[y])
  issuable[y in years]:
    name: {zh: 可签发, en: issuable}
    unit: tCO2e
    is: max(0, net[y])
results: {issuable: issuable, reversal: reversal}
limits:
  - name: {zh: 每年不超过 60 千吨, en: at most 60 kt a year}
    over: y in years
    that: issuable[y] <= 60000*tCO2e
    fails: refuse
    source: 测试
    evidence: published
applicability:
  - id: metered
    question: {zh: 是否有计量表, en: Is it metered?}
    wants: "yes"
    evidence: required
"""

MONITORING = """\
monitoring: small-1
methodology: small
mode: crediting
region: "420100"
project: {name: 测试项目}
period: {first_year: 2023, last_year: 2024}
sets: {plants: [a, b]}
inputs:
  energy: {unit: MWh, values: {a: {2023: 10, 2024: 20}, b: {2023: 1.5, 2024: 2.5}}}
  leakage: {unit: kgCO2e, values: {2023: 250, 2024: 500}}
applicability: {metered: {answer: "yes", evidence: [meter.pdf]}}
"""


def loaded(text: str) -> ProjectMethodology:
    """The methodology in the text, which must be right."""
    problems = Problems()
    found = load_project(text.encode(), file="m.yaml", tables=TABLES, factors={}, problems=problems)
    assert found is not None, [str(problem) for problem in problems.found]
    return found


def mistakes(text: str) -> list[str]:
    """The mistakes of a methodology text, in English."""
    problems = Problems()
    load_project(text.encode(), file="m.yaml", tables=TABLES, factors={}, problems=problems)
    return [problem.en for problem in sorted(problems.found)]


def report_of(monitoring: str = MONITORING, methodology: str = SMALL) -> dict[str, Any]:
    """The report of a monitoring text."""
    return quantify(loaded(methodology), monitoring.encode())
