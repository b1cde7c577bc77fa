"""Programme rules as dated data: found by nearest region and day, refused when unclear."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tanhui.core.errors import LibraryBroken, NotFound
from tanhui.engine.rulesets import Rulesets

SHIPPED = Path(__file__).parents[2] / "library" / "rulesets"

GOOD = """\
region: "420100"
title: {zh: 试, en: test}
rules:
  points.earn:
    name: {zh: 积分, en: points}
    values:
      - {from: 2024-01-01, to: 2025-01-01, value: {per_mg: 10000, points: 1}, source: t, tag: seed}
      - {from: 2025-01-01, value: {per_mg: 20000, points: 1}, source: t, tag: seed}
"""


def load(tmp_path: Path, text: str, *, name: str = "420100.yaml") -> Rulesets:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return Rulesets.load(tmp_path)


def test_the_shipped_rules_load() -> None:
    rules = Rulesets.load(SHIPPED)
    earn = rules.points_earn(region="420106", on=date(2024, 10, 1))
    assert (earn.per_mg, earn.points, earn.rule.tag) == (10_000, 1, "template")
    expiry = rules.value("points.expiry_years", region="440305", on=date(2024, 10, 1))
    assert (expiry.value, expiry.tag, expiry.region) == (10, "published", "440300")
    assert rules.points_expiry_years(region="440305", on=date(2028, 1, 1)) == 10


def test_the_value_of_the_day_counts(tmp_path: Path) -> None:
    rules = load(tmp_path, GOOD)
    assert rules.points_earn(region="420100", on=date(2024, 12, 31)).per_mg == 10_000
    assert rules.points_earn(region="420111", on=date(2025, 1, 1)).per_mg == 20_000
    for region, day in (("420100", date(2023, 12, 31)), ("440300", date(2024, 6, 1))):
        with pytest.raises(NotFound):
            rules.points_earn(region=region, on=day)


def test_a_template_counts_only_where_the_nearest_rule_names_it(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        'region: "420100"\ntitle: {zh: 试, en: test}\nrules:\n  inclusion.templates:\n'
        "    name: {zh: 模板, en: templates}\n    values:\n"
        "      - {from: 2024-01-01, to: 2025-01-01, value: [test-metro], source: t, tag: seed}\n",
    )
    day = date(2024, 6, 1)
    assert rules.allows_template("test-metro", region="420106", on=day)
    assert not rules.allows_template("test-bus", region="420106", on=day)
    assert not rules.allows_template("test-metro", region="420106", on=date(2025, 1, 1))
    assert not rules.allows_template("test-metro", region="440300", on=day)


BROKEN = {
    "overlap": ((", to: 2025-01-01", ""), "line_8 overlaps in time"),
    "unknown rule": (("points.earn", "points.eran"), "line_4 did you mean 'points.earn'?"),
    "unknown key": (("per_mg: 20000", "per_g: 20"), "line_8 did you mean 'per_mg'?"),
    "not whole": (("20000", "0.5"), "line_8 whole number"),
    "zero": (("20000", "0"), "line_8 whole number"),
    "other file name": (('"420100"', '"440300"'), "line_1 differs from the file name"),
    "no tag": (
        (", tag: seed}\n      - {from: 2025", "}\n      - {from: 2025"),
        "line_7 lacks 'tag'",
    ),
    "bad tag": (("tag: seed}\n      -", "tag: sure}\n      -"), "line_7 choose from"),
    "rules as list": ((GOOD[GOOD.index("rules:") :], "rules: []\n"), "line_3 must be a mapping"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_rules_name_line_and_fix(tmp_path: Path, case: str) -> None:
    (old, new), expected = BROKEN[case]
    assert old in GOOD
    with pytest.raises(LibraryBroken) as caught:
        load(tmp_path, GOOD.replace(old, new))
    line, _, words = expected.partition(" ")
    found = caught.value.values["problems"]
    assert any(f".yaml:{line[5:]}: " in each and words in each for each in found), found
