"""Broken rule files: each mistake is named with its line and what to do about it."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.core.errors import LibraryBroken
from tanhui.engine.problems import Problems
from tanhui.engine.rule_changes import as_written, laid_over
from tanhui.engine.rule_forms import MonthDay, written
from tanhui.engine.ruleset_reader import RuleValue
from tanhui.engine.rulesets import Rulesets

HEAD = 'region: "440000"\ntitle: {zh: 试, en: test}\nrules:\n'
TAIL = "source: t, tag: seed"


def values(key: str, *said: str) -> str:
    """A rule file with one rule; the values stand from line 6 on."""
    lines = "".join(f"      - {{{each}}}\n" for each in said)
    return f"{HEAD}  {key}:\n    values:\n{lines}"


def value(key: str, text: str) -> str:
    return values(key, f"from: 2024-01-01, value: {text}, {TAIL}")


WHO = "supplier: {zh: 厅, en: the department}"
BROKEN = {
    "not a mapping": ("- a\n", 1, "must be a mapping"),
    "key misspelt": (value("offset.cup", "1"), 4, "did you mean 'offset.cap'"),
    "no values": (
        f"{HEAD}  offset.total_t:\n    name: {{zh: 量, en: total}}\n",
        5,
        "lacks 'values'",
    ),
    "ratio above one": (value("offset.cap", "{ratio: 10, base: quota}"), 6, "ten per cent as 0.10"),
    "percent sign": (value("offset.cap", "{ratio: 10%, base: quota}"), 6, "percent"),
    "ratio over nought": (value("verification.materiality", "1/0"), 6, "decimal"),
    "base misspelt": (value("offset.cap", "{ratio: 0.1, base: emission}"), 6, "'emissions'?"),
    "base missing": (value("offset.cap", "{ratio: 0.1}"), 6, "lacks 'base'"),
    "whole with decimals": (value("offset.total_t", "1.5"), 6, "whole number"),
    "no day of the year": (value("offset.apply_by", '"06-31"'), 6, "tenth of June"),
    "day of the year as a day": (value("offset.apply_by", "2024-06-10"), 6, "tenth of June"),
    "no day": (value("issue.not_before", "2020-9-22"), 6, "2024-10-01"),
    "not yes or no": (value("damage.venue_required", "maybe"), 6, "true or false"),
    "no list": (value("offset.products", "CCER"), 6, "must be a list"),
    "empty list": (value("use.purposes", "[]"), 6, "must be a list"),
    "word twice": (value("offset.products", "[CCER, CCER]"), 6, "stands there twice"),
    "word with blanks": (value("offset.products", '["C CER"]'), 6, "cannot stand in the list"),
    "purpose misspelt": (value("use.purposes", "[offsets]"), 6, "did you mean 'offset'"),
    "no pair": (value("use.second_purposes", "[damage]"), 6, "no pair of purposes"),
    "pair with itself": (value("use.second_purposes", "[event+event]"), 6, "no pair of purposes"),
    "no table": (value("quality.discount", "0"), 6, "must be a table"),
    "scores not from nought": (
        value("quality.discount", "[{score_from: 5, deduct: 0}]"),
        6,
        "must start at 0",
    ),
    "better score loses more": (
        value("quality.discount", "[{score_from: 0, deduct: 0}, {score_from: 9, deduct: 0.1}]"),
        6,
        "cannot lose more",
    ),
    "shares short of one": (
        value("sharing.default", "[{party: owner, ratio: 0.5}]"),
        6,
        "add up to 1/2",
    ),
    "party twice": (
        value("sharing.default", "[{party: owner, ratio: 1}, {party: owner, ratio: 0}]"),
        6,
        "in two rows",
    ),
    "vintage without its day": (
        value("offset.vintage", "{rule: not_before}"),
        6,
        "'day' goes with",
    ),
    "exception without places": (
        value("offset.local_share", "{ratio: 0.7, exception_ratio: 0.6}"),
        6,
        "go together",
    ),
    "unknown without tag": (
        values("offset.cap", f"from: 2024-01-01, value: unknown, {TAIL}, {WHO}"),
        6,
        "tag: unknown go together",
    ),
    "unknown without supplier": (
        values("offset.cap", "from: 2024-01-01, value: unknown, source: t, tag: unknown"),
        6,
        "names who must supply it",
    ),
    "known with supplier": (
        values("offset.total_t", f"from: 2024-01-01, value: 5, {TAIL}, {WHO}"),
        6,
        "remove it",
    ),
    "supplier in one language": (
        values(
            "offset.cap",
            "from: 2024-01-01, value: unknown, source: t, tag: unknown, supplier: {zh: 厅}",
        ),
        6,
        "lacks 'en'",
    ),
    "no product": (
        values("offset.total_t", f"from: 2024-01-01, value: 5, product: 4X, {TAIL}"),
        6,
        "no code of a product",
    ),
    "days reversed": (
        values("offset.total_t", f"from: 2024-01-01, to: 2024-01-01, value: 5, {TAIL}"),
        6,
        "is not after 'from'",
    ),
    "overlap of one product": (
        values(
            "offset.total_t",
            f"from: 2024-01-01, value: 5, product: CCER, {TAIL}",
            f"from: 2023-01-01, to: 2024-02-01, value: 6, product: CCER, {TAIL}",
        ),
        7,
        "overlaps in time",
    ),
    "no source": (values("offset.total_t", "from: 2024-01-01, value: 5, tag: seed"), 6, "'source'"),
    "evidence misspelt": (
        values("offset.total_t", "from: 2024-01-01, value: 5, source: t, tag: publish"),
        6,
        "did you mean 'published'",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_mistake_is_named_with_its_line(tmp_path: Path, case: str) -> None:
    text, line, words = BROKEN[case]
    (tmp_path / "440000.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(LibraryBroken) as caught:
        Rulesets.load(tmp_path)
    found = caught.value.values["problems"]
    assert any(f".yaml:{line}: " in each and words in each for each in found), found
    assert all("；" in each or "。" in each for each in caught.value.values["problems_zh"])


def test_two_products_share_the_days_without_overlap(tmp_path: Path) -> None:
    text = values(
        "offset.total_t",
        f"from: 2024-01-01, value: 5, product: CCER, {TAIL}",
        f"from: 2024-01-01, value: 6, product: PHCER, {TAIL}",
        f"from: 2024-01-01, value: 7, {TAIL}",
    )
    (tmp_path / "440000.yaml").write_text(text, encoding="utf-8")
    rules = Rulesets.load(tmp_path)
    for product, total in (("CCER", 5), ("PHCER", 6), ("CQCER", 7), ("", 7)):
        at = rules.at(region="440300", on=date(2024, 5, 1), product=product)
        assert at.offset_total_t() == total


def test_every_mistake_is_reported_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "440000.yaml").write_text(value("offset.cup", "1"), encoding="utf-8")
    (tmp_path / "310000.yaml").write_text(
        value("offset.total_t", "x").replace("440000", "310000"), encoding="utf-8"
    )
    with pytest.raises(LibraryBroken) as caught:
        Rulesets.load(tmp_path)
    assert len(caught.value.values["problems"]) == 2


@given(st.fractions(min_value=0, max_value=1), st.sampled_from(["quota", "shortfall"]))
def test_what_is_written_is_read_again(ratio: Fraction, base: str) -> None:
    if ratio.denominator > 10**11:
        return
    text = written({"ratio": ratio, "base": base})
    assert as_written("offset.cap", text, Problems()) == text


@given(st.dates(date(2000, 1, 1), date(2000, 12, 31)))
def test_days_of_the_year_are_read_again(day: date) -> None:
    text = written(MonthDay(day.month, day.day))
    assert as_written("offset.apply_by", text, Problems()) == text


DAY0 = date(2024, 1, 1)
SPANS = st.tuples(
    st.integers(0, 60), st.one_of(st.none(), st.integers(1, 40)), st.sampled_from(["", "CCER"])
)


@given(st.lists(SPANS, max_size=12))
def test_changes_laid_over_never_overlap_and_the_last_one_holds(
    spans: list[tuple[int, int | None, str]],
) -> None:
    """Day by day, what holds is the last change that covers the day; never two at once."""
    laid: tuple[RuleValue, ...] = ()
    for number, (start, length, product) in enumerate(spans):
        first = DAY0 + timedelta(days=start)
        change = RuleValue(
            value=number,
            source="t",
            source_url=None,
            tag="seed",
            valid_from=first,
            valid_to=None if length is None else first + timedelta(days=length),
            region="440000",
            note=None,
            product=product,
        )
        laid = laid_over(laid, change)
    for offset in range(-1, 120):
        day = DAY0 + timedelta(days=offset)
        for product in ("", "CCER"):
            holding = [one.value for one in laid if one.product == product and one.holds_on(day)]
            wanted = [
                number
                for number, (start, length, of) in enumerate(spans)
                if of == product and start <= offset and (length is None or offset < start + length)
            ]
            assert holding == wanted[-1:]
