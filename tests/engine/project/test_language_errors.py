"""Mistakes in a project methodology: each is named with what to do."""

from __future__ import annotations

import pytest
from tests.engine.project.texts import SMALL, mistakes

NET = "is: avoided[y] - leakage[y]"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (NET, "is: avoided[y] - energy['a', y]", "units differ"),
        (NET, "is: avoided[y] * leakage[y]", "states tCO2e, its formula gives"),
        (NET, "is: avoided[y] - leekage[y]", "did you mean 'leakage'?"),
        (NET, "is: avoided[y] - leakage", "takes 1 indices (years), 0 given"),
        (NET, "is: avoided[y] - leakage[y, y]", "takes 1 indices (years), 2 given"),
        (NET, "is: avoided[y] - leakage[z]", "unknown name 'z'"),
        (NET, "is: avoided[y] - issuable[y]", "in a circle"),
        (NET, "is: avoided[y] - sum(energy[y, y] for p in plants)", "must be a plants"),
        (NET, "is: avoided[y] - sum(leakage[p] for p in plants)", "must be a years"),
        (NET, "is: avoided[y] - sum(leakage[y] for p in plots)", "there is no set 'plots'"),
        (NET, "is: avoided[y] - sum(leakage[y] for t in plants)", "is a name or a unit already"),
        (NET, "is: avoided[y] - exp(leakage[y])", "takes plain numbers"),
        (NET, "is: avoided[y] - leakage[y] ** 2", "units differ"),
        (NET, "is: avoided[y] - open('x')", "is not allowed in an expression"),
        (NET, "is: avoided[y] - sum(leakage[y])", "sum/min/max(... for x in set if condition)"),
        (NET, "is: avoided[y] - leakage[y - 1*year]", "must be a years"),
        ("net[y in years]:", "net[y in yeers]:", "must read variable in set"),
        ("net[y in years]:", "sum[y in years]:", "word of the formula language"),
        ("reversal: reversal}", "reversal: gone}", "is no equation"),
        ("issuable: issuable,", "issuable: factor_used,", "is no equation"),
        ("shape: S1", "shape: S77", "cannot be 'S77'"),
        ("shape: S1", "shape: S11", "cannot be 'S11'"),
        ("unit: MWh, over", "unit: MWhh, over", "unknown unit"),
        ("over: [plants, years]", "over: [plant, years]", "there is no set 'plant'"),
        ("evidence: published}]", "evidence: recalled}]", ""),
        ("value: 0.5", "value: unknown", "go together"),
        ("that: issuable[y] <= 60000*tCO2e", "that: issuable[y]", "is no condition"),
        ("that: issuable[y] <= 60000*tCO2e", "that: issuable[y] <= 60000*t", "units differ"),
        ("results: {", "results: {outputs: [issuable], ", ""),
        ("metered\n    question", "metered\n    qestion", "did you mean 'question'?"),
    ],
)
def test_a_mistake_is_told(old: str, new: str, told: str) -> None:
    assert SMALL.count(old) == 1
    found = mistakes(SMALL.replace(old, new))
    if not told:
        assert found == []
        return
    assert any(told in each for each in found), found
    assert all(each.startswith("m.yaml:") or each for each in found)


def test_stored_carbon_must_name_its_reversal() -> None:
    text = SMALL.replace("shape: S1", "shape: S4").replace(", reversal: reversal}", "}")
    assert any("must name a reversal" in each for each in mistakes(text)), mistakes(text)


def test_tables_refuse_a_second_row_and_bands_out_of_order() -> None:
    table = """\
tables:
  own:
    table: own
    title: {zh: 表, en: table}
    version: "1"
    keys: [kind]
    bands: "1"
    source: 测试
    columns: {rate: {name: {zh: 率, en: rate}, unit: "1"}}
    rows:
      - {kind: a, up_to: 0.2, rate: 1, evidence: published}
      - {kind: a, up_to: 0.1, rate: 2, evidence: published}
equations:
"""
    found = mistakes(SMALL.replace("equations:\n", table, 1))
    assert any("does not come after" in each for each in found), found


def test_a_lookup_fixes_only_keys_the_table_has() -> None:
    lookups = """\
lookups:
  gwp: {table: gwp-ch4, column: gwp, where: {asessment: AR5}}
equations:
"""
    found = mistakes(SMALL.replace("equations:\n", lookups, 1))
    assert any("did you mean 'assessment'?" in each for each in found), found
