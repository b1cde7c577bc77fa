"""The terms of crediting: read into values, and every way of writing them wrongly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.engine.explain import explain
from tanhui.engine.methodology import CODE_FIRST_CLAUSE, CODE_HISTORY_SHORT
from tanhui.engine.terms import Allocation, Cap, Claim, Exclusion, Group, History, Window

from .executors import Case, five_answers
from .methodology_texts import load, mistakes, spoiled

DAY = 20_000
SHOWN = "disabled: {zh: 试, en: test}\nallocation"
CAP = "source: t, evidence: template"
HISTORY = (
    "history: {own: {of: distance, window: {days: 7}, at_least: 3, "
    "gives: {sum: before, count: periods}}}"
)
OWN_MEAN = "  reduction: max(0, before / periods - distance) * rate"
EXAMPLE = "distance: 10}, expect: {mg: 784000}"


def with_terms(*blocks: str) -> str:
    return spoiled(("allocation", "\n".join([*blocks, SHOWN])))


def with_history(*changes: tuple[str, str]) -> str:
    """The good text with a baseline of own history, then changed."""
    text = spoiled(
        ("allocation", f"{HISTORY}\n{SHOWN}"),
        ("  reduction: distance * rate", OWN_MEAN),
        (EXAMPLE, "distance: 10, before: 60, periods: 4}, expect: {mg: 392000}"),
    )
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def test_caps_of_every_kind() -> None:
    text = with_terms(
        "caps:",
        f"  - {{per: [person, scene, day], max: 5 kgCO2e, {CAP}}}",
        f"  - {{per: [person, scene, day], max: {{events: 4}}, {CAP}}}",
        f"  - {{per: [person, scenes, month], scenes: [metro, bus], max: 1 tCO2e, {CAP}}}",
    )
    methodology = load(text)
    assert methodology.caps == (
        Cap("day", ("metro",), 5_000_000, None, "t", "template", None),
        Cap("day", ("metro",), None, 4, "t", "template", None),
        Cap("month", ("bus", "metro"), 10**9, None, "t", "template", None),
    )
    assert methodology.cap_mg_per_day == 5_000_000


def test_exclusion_claim_and_shares() -> None:
    methodology = load(
        spoiled(
            (
                "allocation: {person: 100%}",
                "exclusive_with: [{scenes: [nev-trip, ev-charging], per: month}]\n"
                "claim: {after_days: 2, within_days: 7}\ndisabled: {zh: 试, en: test}\n"
                "allocation: {person: 79.5%, platform: 20%, operator: 0.5%}",
            )
        )
    )
    assert methodology.exclusive_with == (Exclusion(("ev-charging", "nev-trip"), "month"),)
    assert methodology.claim == Claim(2, 7)
    assert methodology.allocation == Allocation(
        Fraction("0.795"), Fraction("0.2"), Fraction("0.005")
    )


def test_history_gives_two_plain_fields() -> None:
    methodology = load(with_history())
    assert methodology.history == (
        History("own", "distance", Window("days", 7), 3, "before", "periods"),
    )
    assert [field.name for field in methodology.fields] == ["distance", "before", "periods"]
    assert [field.name for field in methodology.reported_fields] == ["distance"]
    total, count = methodology.fields[1:]
    assert (total.min_count, total.max_count, total.unit.text) == (0, 7 * 300_000, "km")
    assert (count.min_count, count.max_count, count.unit.text) == (0, 7, "1")


def test_too_few_periods_are_told_by_every_executor() -> None:
    """The count divides, and may be 0 in the evidence: the answer comes before the division."""
    methodology = load(with_history())
    cases = [
        Case("420100", "", DAY, (10_000, 60_000, periods)) for periods in (0, 1, 2, 3, 4, 7)
    ] + [Case("420100", "", DAY, (0, 0, 0)), Case("110000", "", DAY, (0, 0, 0))]
    answers = five_answers(methodology, cases)
    expected = [(0, CODE_HISTORY_SHORT)] * 3 + [(784_000, 0), (392_000, 0), (0, 0)]
    expected += [(0, CODE_HISTORY_SHORT), (0, 1)]
    assert all(each == expected for each in answers.values()), answers
    told = explain(methodology, cases[1].as_record(methodology))
    assert (told["code"], told["history"]) == (
        CODE_HISTORY_SHORT,
        [
            {
                "symbol": "own",
                "of": "distance",
                "window": "days",
                "window_length": 7,
                "at_least": 3,
                "found": "1",
                "sum": "before",
                "count": "periods",
            }
        ],
    )


def test_history_that_only_some_records_need() -> None:
    """Below a norm the norm counts, above it the own mean: no history is asked of the thrifty."""
    methodology = load(
        with_history(
            ("at_least: 3", "at_least: 0"),
            (OWN_MEAN, "  base: 12*km if distance <= 12*km else before / max(periods, 1)\n"
             "  reduction: max(0, base - distance) * rate"),
            ("distance > 0", "distance <= 12*km or periods >= 1"),
            ("mg: 392000", "mg: 156800"),
        )
    )  # fmt: skip
    cases = [
        Case("420100", "", DAY, counts)
        for counts in ((10_000, 0, 0), (13_000, 0, 0), (13_000, 28_000, 2), (13_000, 70_000, 7))
    ]
    answers = five_answers(methodology, cases)
    expected = [(156_800, 0), (0, CODE_FIRST_CLAUSE), (78_400, 0), (0, 0)]
    assert all(each == expected for each in answers.values()), answers


def test_a_case_with_too_short_a_history_states_no_step() -> None:
    too_short = "{not_applicable: history.too_short"
    text = with_history(("periods: 4}", "periods: 0}"), ("{mg: 392000}", f"{too_short}}}"))
    assert load(text).examples[0].code == CODE_HISTORY_SHORT
    found = mistakes(
        text.replace(f"{too_short}}}", f"{too_short}, values: {{reduction: 0 gCO2e}}}}")
    )
    assert "states reduction, which is no equation or lacks a parameter" in found[0]


def test_a_group_is_divided_by_its_members() -> None:
    field = "  people: {name: {zh: 人, en: people}, unit: person, step: 1, min: 1, max: 9}\nparam"
    text = spoiled(
        ("param", field),
        ("allocation", "group: {members: people}\nallocation"),
        ("distance * rate", "distance * rate / (people / (1*person))"),
        (EXAMPLE, "distance: 10, people: 3}, expect: {mg: 261333}"),
    )
    assert load(text).group == Group("people")
    undivided = text.replace("distance * rate / (people", "distance * rate * (people")
    assert "divide by people" in mistakes(undivided)[0]


@given(
    mg=st.integers(0, 2**63 - 1),
    cuts=st.lists(st.integers(0, 10**8), min_size=2, max_size=2).map(sorted),
)
def test_shares_add_up_exactly(mg: int, cuts: list[int]) -> None:
    low, high = cuts
    whole = Fraction(1, 10**8)
    allocation = Allocation(low * whole, (high - low) * whole, (10**8 - high) * whole)
    parts = allocation.split(mg)
    assert sum(parts) == mg
    assert all(
        abs(part - mg * share) < 1 for part, share in zip(parts, allocation.shares, strict=True)
    )


BROKEN_TERMS: dict[str, tuple[str, str]] = {
    "cap per home": (f"caps: [{{per: [home, scene, day], max: 5 kgCO2e, {CAP}}}]", "is [person"),
    "cap per week": (f"caps: [{{per: [person, scene, week], max: 5 kgCO2e, {CAP}}}]", "write one"),
    "scenes without a list": (
        f"caps: [{{per: [person, scenes, day], max: 5 kgCO2e, {CAP}}}]",
        "goes together with a list",
    ),
    "scenes of others": (
        f"caps: [{{per: [person, scenes, day], scenes: [bus], max: 5 kgCO2e, {CAP}}}]",
        "lack this methodology's own scene metro",
    ),
    "no cap in caps": ("caps: []", "must list 1 to 8 entries"),
    "cap of half an event": (
        f"caps: [{{per: [person, scene, day], max: {{events: 0.5}}, {CAP}}}]",
        "whole number from 1 to 1000000",
    ),
    "excludes itself": (
        "exclusive_with: [{scenes: [metro], per: day}]", "scene metro cannot exclude itself",
    ),
    "excludes twice": (
        "exclusive_with: [{scenes: [bus, bus], per: day}]", "names a scene twice",
    ),
    "excludes per week": ("exclusive_with: [{scenes: [bus], per: week}]", "choose from day"),
    "claim of no day": ("claim: {after_days: 2, within_days: 0}", "from 1 to 366"),
    "members are no field": ("group: {members: riders}", "must be a field with step 1"),
    "members in steps": ("group: {members: distance}", "must be a field with step 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN_TERMS)
def test_each_broken_term_is_told(case: str) -> None:
    block, words = BROKEN_TERMS[case]
    found = mistakes(with_terms(block))
    assert any(each.startswith("m.yaml:22: ") and words in each for each in found), found


BROKEN_HISTORY: dict[str, tuple[tuple[str, str], str]] = {
    "of no field": (("of: distance", "of: energy"), "'energy', is no field; there are: distance"),
    "of its own sum": (("of: distance", "of: before"), "is no field"),
    "two windows": (("{days: 7}", "{days: 7, months: 1}"), "write one"),
    "no window": (("{days: 7}", "{}"), "write one"),
    "window too long": (("{days: 7}", "{days: 400}"), "from 1 to 366"),
    "more than the window": (("at_least: 3", "at_least: 8"), "from 0 to 7"),
    "divided by none": (("at_least: 3", "at_least: 0"), "a divisor can be zero"),
    "a unit as a name": (("sum: before", "sum: km"), "is a unit"),
    "no count": ((", count: periods", ""), "lacks 'count'"),
    "one name for two": (("sum: before", "sum: distance"), "used for two things"),
    "sum beyond 64 bits": (("max: 300", "max: 9000000000000000"), "leaves 64 bits"),
}


@pytest.mark.parametrize("case", BROKEN_HISTORY)
def test_each_broken_history_is_told(case: str) -> None:
    change, words = BROKEN_HISTORY[case]
    found = mistakes(with_history(change))
    assert any(words in each for each in found), found


def test_every_term_may_be_in_force() -> None:
    claim = "claim: {after_days: 2, within_days: 7}\nallocation"
    assert load(spoiled(("allocation", claim))).claim is not None
