"""The main property: five executors give the same integer for every methodology and record."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tanhui.core.errors import LibraryBroken
from tanhui.engine.methodology import Methodology

from .executors import Case, five_answers
from .methodology_texts import load
from .random_methodologies import cases_of, methodology_texts

RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PROVEN_IMPOSSIBLE = ("127 bits", "64-bit milligrams", "divisor")


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


@settings(max_examples=100, deadline=None, suppress_health_check=RELAXED)
@given(data=st.data())
def test_five_executors_agree(data: st.DataObject) -> None:
    methodology = load_if_provable(data.draw(methodology_texts()))
    agree(methodology, data.draw(cases_of(methodology)))


@pytest.mark.slow
@settings(max_examples=1_500, deadline=None, suppress_health_check=RELAXED)
@given(data=st.data())
def test_five_executors_agree_on_many(data: st.DataObject) -> None:
    methodology = load_if_provable(data.draw(methodology_texts()))
    agree(methodology, data.draw(cases_of(methodology)))
