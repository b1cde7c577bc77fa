"""Whatever the batches, the books hold what a plain dictionary holds."""

from __future__ import annotations

from collections import defaultdict
from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.books.postings import OCTOBER_1, Total, a_total, post

from tanhui.books import queries
from tanhui.books.proofs import prove
from tanhui.core.period import day_number

Key = tuple[int, int, str, int]  # person, region, scene, day

PEOPLE = range(1, 5)
REGIONS = (420106, 420111, 440305, 310115)
SCENES = ("metro", "bus")


class Model:
    """The same books, in a dictionary: what is left per key and batch."""

    def __init__(self) -> None:
        self.left: dict[tuple[Key, int], list[int]] = {}

    def credit(self, random: Random, seq: int) -> Total:
        key = (
            random.choice(PEOPLE),
            random.choice(REGIONS),
            random.choice(SCENES),
            OCTOBER_1 + random.randrange(70),
        )
        mg, points = random.choice((0, 1, random.randrange(10**12))), random.randrange(3)
        left = self.left.setdefault((key, seq), [0, 0])
        left[0] += mg
        left[1] += points
        return total_of(key, mg=mg, points=points)

    def reverse(self, random: Random) -> Total | None:
        if not self.left:
            return None
        (key, origin), left = random.choice(sorted(self.left.items()))
        mg, points = random.randint(0, left[0]), random.randint(0, left[1])
        left[0] -= mg
        left[1] -= points
        return total_of(key, mg=mg, points=points) | {"reversal": True, "origin": origin}

    def per_line(self) -> dict[tuple[int, str, int], list[int]]:
        lines: dict[tuple[int, str, int], list[int]] = defaultdict(lambda: [0, 0])
        for ((person, _, scene, day), _), (mg, points) in self.left.items():
            lines[person, scene, day][0] += mg
            lines[person, scene, day][1] += points
        return lines


def total_of(key: Key, *, mg: int, points: int) -> Total:
    person, region, scene, day = key
    return a_total(person=person, region=region, scene=scene, day=day, mg=mg, points=points)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(random=st.randoms(use_true_random=False), sizes=st.lists(st.integers(0, 12), max_size=5))
def test_the_books_equal_a_dictionary(random: Random, sizes: list[int]) -> None:
    with transaction.atomic():
        model = Model()
        for seq, size in enumerate(sizes, 1):
            back = [total for _ in range(size // 2) if (total := model.reverse(random))]
            post([*back, *(model.credit(random, seq) for _ in range(size))])
        check(model)
        assert [proof for proof in prove() if not proof.ok] == []
        transaction.set_rollback(True)


def check(model: Model) -> None:
    lines = model.per_line()
    for person in PEOPLE:
        mine = {key[1:]: sums for key, sums in lines.items() if key[0] == person}
        balance = queries.balance(person)
        assert balance.mg == sum(mg for mg, _ in mine.values())
        assert balance.points == sum(points for _, points in mine.values())
        stated = {
            (line.scene, day_number(line.day)): [line.mg, line.points]
            for line in queries.statement(person)
        }
        assert {key: sums for key, sums in stated.items() if sums != [0, 0]} == {
            key: sums for key, sums in mine.items() if sums != [0, 0]
        }
        series = queries.daily_series(person)
        assert sum(day.mg for day in series) == balance.mg
        assert sum(day.points for day in series) == balance.points
