"""Lookup tables: a general row answers for whoever has no row of its own, and for nobody else."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tanhui.engine.problems import Problems
from tanhui.engine.project.tables import Table, read_table
from tanhui.engine.yamlfile import read_yaml

TABLE = """\
table: stock
title: {zh: 表, en: a table}
version: "1"
keys: [zone, species]
dated: true
source: t
columns:
  carbon: {name: {zh: 碳, en: carbon}, unit: tC/m3}
rows:
  - {zone: warm, species: "*", from: 2000-01-01, carbon: 0.3, evidence: published}
  - {zone: warm, species: oak, from: 2000-01-01, to: 2010-01-01, carbon: 0.4, evidence: published}
"""


def table() -> Table:
    """The table above."""
    problems = Problems()
    data = TABLE.encode()
    tree = read_yaml(data, file="tables/stock.yaml", problems=problems)
    found = read_table(tree, data=data, file="tables/stock.yaml", problems=problems)
    problems.refuse()
    return found


@pytest.mark.parametrize(
    ("species", "year", "carbon"),
    [
        ("oak", 2009, Fraction(2, 5)),
        ("pine", 2009, Fraction(3, 10)),
        ("pine", 2012, Fraction(3, 10)),
        ("oak", 2012, None),  # its own row is out of date: nothing is known, not the general number
    ],
)
def test_the_general_row_is_for_those_without_rows_of_their_own(
    species: str, year: int, carbon: Fraction | None
) -> None:
    row = table().find(("warm", species), year, None)
    assert (None if row is None else row.values["carbon"]) == carbon
