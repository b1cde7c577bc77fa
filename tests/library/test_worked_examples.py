"""Every worked example that was collected is in the library and gives what was printed.

`worked_examples.csv` holds them as collected: entry, number, the result and its unit. A case of the
library names its entry in `reference`. A result in kilograms must be the milligrams of that case;
one in money, points or a share must be stated among its `values`. An example may only come out at
nothing where it says that the rules exclude it.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from tanhui.engine.library import Library
from tanhui.engine.methodology import CODE_QUANTIFIED, Example

ROOT = Path(__file__).parents[2]
with (Path(__file__).parent / "worked_examples.csv").open(encoding="utf-8") as lines:
    ROWS = list(csv.DictReader(lines))
MONEY = {"CNY": "CNY", "mileage(KRW)": "1", "points(KRW)": "KRW", "KRW": "KRW"}
MONEY |= {"virtual EUR": "EUR"}


@pytest.fixture(scope="module")
def cases() -> dict[str, list[Example]]:
    found: dict[str, list[Example]] = {}
    for worked in Library.load(ROOT / "library").cases.values():
        for case in worked:
            if case.reference is not None:
                found.setdefault(case.reference, []).append(case)
    return found


def test_no_case_names_an_entry_that_does_not_exist(cases: dict[str, list[Example]]) -> None:
    assert len(ROWS) == 75
    assert set(cases) == {row["entry"] for row in ROWS}
    assert len({row["entry"] for row in ROWS}) == 69


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['entry']}-{row['example']}")
def test_the_case_gives_what_was_printed(
    row: dict[str, str], cases: dict[str, list[Example]]
) -> None:
    case = cases[row["entry"]][int(row["example"]) - 1]
    printed = Fraction(row["reduction"])
    if row["unit"] in MONEY:
        unit = MONEY[row["unit"]]
        stated = [each.number for each in case.values.values() if each.unit.text == unit]
        assert printed in stated
    elif case.code == CODE_QUANTIFIED:
        assert case.mg == printed * 1_000_000
    else:
        assert printed == 0
