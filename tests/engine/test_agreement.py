"""The main property: five executors give the same integer for every methodology and record."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tanhui.core.errors import LibraryBroken
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.methodology import Methodology

from .executors import Case, five_answers
from .methodology_texts import VALUE, load, spoiled
from .random_methodologies import cases_of, methodology_texts

RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PROVEN_IMPOSSIBLE = ("127 bits", "64-bit milligrams", "divisor")
DAY = 19_800  # 2024-03-18


def load_if_provable(text: str) -> Methodology:
    """The methodology, or another draw when its bounds or divisors cannot be proven."""
    try:
        return load(text)
    except LibraryBroken as broken:
        assume(
            not all(
                any(why in each for why in PROVEN_IMPOSSIBLE) for each in broken.values["problems"]
            )
        )
        raise


def agree(methodology: Methodology, cases: list[Case]) -> list[tuple[int, int]]:
    """The one answer of all five."""
    answers = five_answers(methodology, cases)
    for name, each in answers.items():
        assert each == answers["reference"], name
    return answers["reference"]


@settings(max_examples=60, deadline=None, suppress_health_check=RELAXED)
@given(data=st.data())
def test_five_executors_agree(data: st.DataObject) -> None:
    methodology = load_if_provable(data.draw(methodology_texts()))
    agree(methodology, data.draw(cases_of(methodology)))


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=RELAXED)
@given(data=st.data())
def test_five_executors_agree_on_many(data: st.DataObject) -> None:
    methodology = load_if_provable(data.draw(methodology_texts()))
    agree(methodology, data.draw(cases_of(methodology)))


def test_exact_halves_go_away_from_zero_or_down() -> None:
    """One step gives half a milligram, so every odd count is an exact half."""
    half = ("value: 78.4", "value: 0.5")
    examples = ("mg: 784000", "mg: 5000")
    away = load(spoiled(half, examples))
    down = load(spoiled(half, examples, ("round: half_away", "round: down")))
    for count, up, low in [(1, 1, 0), (2, 1, 1), (3, 2, 1), (299_999, 150_000, 149_999)]:
        case = [Case("420100", "", DAY, (count,))]
        assert agree(away, case) == [(up, 0)]
        assert agree(down, case) == [(low, 0)]


def test_a_zero_result_counts_and_a_negative_one_does_not() -> None:
    methodology = load(
        spoiled(
            ("distance * rate", "(distance - 1*km) * rate"),
            ("applies: distance > 0\n", ""),
            ("mg: 784000", "mg: 705600"),
        )
    )
    cases = [Case("420100", "", DAY, (count,)) for count in (999, 1_000, 1_001)]
    assert agree(methodology, cases) == [(0, 255), (0, 0), (78, 0)]


def test_denominators_per_cell_agree() -> None:
    """Values whose common denominator is too large for one column keep one per cell."""
    primes = [1_000_003, 1_000_033, 1_000_037, 1_000_039, 1_000_081]
    days = [f"from: 2024-0{at + 1}-01, to: 2024-0{at + 2}-01" for at in range(len(primes))]
    values = ", ".join(
        f"{{region: '420100', {span}, value: {prime}, source: t, evidence: template}}"
        for span, prime in zip(days, primes, strict=True)
    )
    methodology = load(
        spoiled(
            (
                "  rate:\n",
                f"  share: {{name: {{zh: 参, en: p}}, unit: '1', values: [{values}]}}\n  rate:\n",
            ),
            ("distance * rate", "distance * rate / share"),
            (
                '{region: "420100", at: 2024-10-01, distance: 10}, expect: {mg: 784000}',
                '{region: "420100", at: 2024-10-01, distance: 10}, expect: {no_parameter: true}',
            ),
        )
    )
    assert compile_form(methodology).mg.args[1].op != "const"
    cases = [
        Case("420100", "", 19_723 + 31 * month, (count,))
        for month in range(6)
        for count in (0, 1, 6_377, 150_000, 300_000)
    ]
    answers = agree(methodology, cases)
    assert {code for _, code in answers} == {0, 1, 2}


def test_a_divisor_from_the_event_agrees() -> None:
    methodology = load(
        spoiled(
            ("min: 0, max: 300", "min: 0.001, max: 300"),
            ("distance * rate", "3*gCO2e * (1*km) / distance + 0 * rate * distance"),
            ("mg: 784000", "mg: 300"),
        )
    )
    cases = [Case("420100", "", DAY, (count,)) for count in (1, 2, 7, 2_000, 299_999, 300_000)]
    assert agree(methodology, cases)[:3] == [(3_000_000, 0), (1_500_000, 0), (428_571, 0)]


def test_steps_beyond_63_bits_stay_exact() -> None:
    """The bound asks for 127-bit integers; object columns and HUGEINT give the same."""
    methodology = load(
        spoiled(
            ("max: 300}", "max: 300000000000000}"),
            ("distance * rate", "min(distance * rate * 0.123456789, 9007199254740993*mgCO2e)"),
            ("mg: 784000", "mg: 96790"),
        )
    )
    form = compile_form(methodology)
    assert 63 < form.bits <= 127
    cases = [
        Case("420100", "", DAY, (count,))
        for count in (0, 1, 2, 10_000, 10**15, 3 * 10**17, 930_606_243_000_000)
    ]
    assert (9_007_199_254_740_993, 0) in agree(methodology, cases)


def test_a_cell_table_beyond_63_bits_agrees() -> None:
    second = VALUE.replace("2024-01-01", "2025-01-01").replace("78.4", "0.000000001")
    first = VALUE.replace("2024-01-01", "2024-01-01, to: 2025-01-01")
    first = first.replace("78.4", "99999999999.9")
    methodology = load(
        spoiled((VALUE, f"{first}\n      - {second}"), ("mg: 784000", "mg: 999999999999000"))
    )
    form = compile_form(methodology)
    assert form.bits > 63
    cases = [Case("420100", "", day, (count,)) for day in (DAY, 20_200) for count in (1, 300_000)]
    assert agree(methodology, cases) == [
        (100_000_000_000, 0),
        (29_999_999_999_970_000, 0),
        (0, 0),
        (0, 0),
    ]


def test_many_equations_in_a_row_agree() -> None:
    """Deep chains are cut into steps: no parser and no stack reaches its end."""
    lines = ["  part0: distance * rate"]
    for at in range(1, 59):
        lines.append(
            f"  part{at}: (part{at - 1} + 1*mgCO2e if part{at - 1} < {at}*gCO2e else "
            f"max(part{at - 1} - 2*mgCO2e, 0))"
        )
    lines.append("  reduction: part58")
    text = spoiled(("  reduction: distance * rate", "\n".join(lines)), ("mg: 784000", "mg: 783884"))
    methodology = load(text)
    agree(methodology, [Case("420100", "", DAY, (count,)) for count in range(0, 3_000, 97)])


def test_a_methodology_without_a_filled_cell_answers_no_parameter() -> None:
    text = spoiled(
        (
            "value: 78.4, source: test, evidence: template",
            "value: unknown, source: test, evidence: unknown",
        ),
        ("{mg: 784000}", "{no_parameter: true}"),
    )
    text = text.replace("equations: template,", "equations: name_only,")
    methodology = load(text)
    assert compile_form(methodology).bits == 0
    assert not compile_form(methodology).covers("420100", DAY)
    assert agree(methodology, [Case("420100", "", DAY, (5,))]) == [(0, 1)]
