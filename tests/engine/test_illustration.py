"""Cases with values of their own: the same engine, another identity, and never a credit."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tanhui.engine.illustration import illustrated, steps_of
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.reference import evaluate

from .methodology_texts import load, mistakes, spoiled

UNKNOWN = (
    "value: 78.4, source: test, evidence: template",
    "value: unknown, source: t, evidence: unknown",
)
CASE = '{given: {region: "420100", at: 2024-10-01, distance: 10}, expect: {mg: 784000}}'
ILLUSTRATED = CASE.replace("{given", "{illustration: {parameters: {rate: 78.4}}, given")
SHOWN = ILLUSTRATED.replace("784000", "784000, values: {reduction: 0.784 kgCO2e}")


def test_an_unknown_value_is_shown_by_a_case_and_never_credited() -> None:
    methodology = load(spoiled(UNKNOWN, (CASE, ILLUSTRATED)))
    example = methodology.examples[0]
    worked = illustrated(methodology, example)
    assert worked.digest != methodology.digest
    assert evaluate(worked, example.given).mg == 784_000
    assert not compile_form(methodology).covers("420100", example.given.day)
    assert evaluate(methodology, example.given).code == 1


def test_a_value_only_passed_on_is_kept_and_never_calculated_with() -> None:
    passed_on = ("evidence: template}\napplies", "evidence: unconfirmed}\napplies")
    case = (CASE, CASE.replace("mg: 784000", "no_parameter: true"))
    methodology = load(spoiled(passed_on, case))
    assert methodology.parameters["rate"].values[0].value == Fraction("78.4")
    assert not compile_form(methodology).cells


def test_steps_are_checked_as_printed() -> None:
    methodology = load(spoiled(UNKNOWN, (CASE, SHOWN)))
    example = methodology.examples[0]
    assert steps_of(methodology, example.given) == {}
    assert steps_of(illustrated(methodology, example), example.given) == {"reduction": 784_000}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "0.784 kgCO2e",
            "0.785 kgCO2e",
            "the example states reduction = 0.785 kgCO2e but it is 0.784",
        ),
        ("0.784 kgCO2e", "0.784 km", "the example gives reduction in km"),
        ("{reduction: 0", "{reduced: 0", "states reduced, which is no equation"),
        ("0.784 kgCO2e", "about 1", "'about' is no decimal number"),
        (
            "{rate: 78.4}",
            "{rates: 78.4}",
            "names 'rates', which is no parameter; did you mean 'rate'?",
        ),
        ("{rate: 78.4}", "[rate]", "illustration.parameters must map parameters to numbers"),
        ("rate: 78.4", "rate: 78.5", "states 784000 mg but the result is 785000 mg"),
    ],
)
def test_mistakes_in_a_case_are_told(old: str, new: str, told: str) -> None:
    found = mistakes(spoiled(UNKNOWN, (CASE, SHOWN.replace(old, new))))
    assert any(told in each for each in found), found


PAID = (
    "result: {of",
    "  paid: distance * rate_paid\nreward: {of: paid, unit: KRW}\nresult: {of",
)
PRICE = (
    "applies:",
    "  rate_paid:\n    name: {zh: 价, en: price}\n    unit: KRW/km\n    values:\n"
    '      - {region: "420100", from: 2024-01-01, value: 100, source: t, evidence: template}\n'
    "applies:",
)


def test_a_reward_is_worked_out_beside_the_reduction() -> None:
    methodology = load(spoiled(PAID, PRICE))
    assert methodology.reward is not None
    assert steps_of(methodology, methodology.examples[0].given)["paid"] == 1_000


def test_a_reward_must_be_an_equation_of_its_unit() -> None:
    [found] = mistakes(spoiled(PAID, PRICE, ("unit: KRW}", "unit: EUR}")))
    assert "the reward paid is in KRW, not in EUR" in found
    [found] = mistakes(spoiled((PAID[0], "reward: {of: paid, unit: KRW}\nresult: {of")))
    assert "reward.of 'paid' is no equation" in found


def test_law_with_unknown_values_is_proven_with_those_of_its_cases() -> None:
    """A divisor that can be zero is told now, not when an authority fills the value in."""
    divided = ("distance * rate", "10*km * rate / (distance / (10*km))")
    assert (
        "equation reduction: a divisor can be zero"
        in mistakes(spoiled(UNKNOWN, divided, (CASE, ILLUSTRATED)))[0]
    )
