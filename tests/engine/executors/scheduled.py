"""The kernel over the suite's rows as tasks of Spark; workers import this module by its name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from tanhui.engine.batch.events import QUANTITIES, Columns, take
from tanhui.engine.batch.schedulers.spark import Spark
from tanhui.engine.batch.spool import Landed, Stretch
from tanhui.engine.integer import IntegerForm
from tanhui.engine.kernel import quantify

from . import Answers
from .rows import Drawn

TASKS = 8
STRETCH_ROWS = 5_000


def by_spark(spark: Spark, drawn: list[Drawn], landed: Landed) -> list[Answers]:
    """Every row's (mg, code), methodology by methodology."""
    forms = [each.form for each in drawn]
    with pytest.MonkeyPatch.context() as small:
        small.setattr("tanhui.engine.batch.spool.STRETCH_ROWS", STRETCH_ROWS)
        stretches = landed.stretches()
    context = spark._context
    shares = [stretches[number::TASKS] for number in range(TASKS)]
    tasks = context.parallelize(shares, TASKS).map(lambda each: quantified(landed, forms, each))
    rows = np.concatenate(tasks.collect())
    ordered = rows[np.argsort(rows[:, 0])]
    answers = list(zip(ordered[:, 1].tolist(), ordered[:, 2].tolist(), strict=True))
    edges = np.cumsum([0, *(len(each.cases) for each in drawn)])
    return [answers[first:end] for first, end in pairwise(edges)]


def quantified(
    landed: Landed, forms: Sequence[IntegerForm], stretches: Sequence[Stretch]
) -> npt.NDArray[np.int64]:
    """What a task finds: row, mg and code of each of its rows."""
    found = []
    for _, events in landed.read(stretches):
        for number in np.unique(events["method"]).tolist():
            own = take(events, events["method"] == number)
            found.append(_of_one(forms[number], own))
    return np.concatenate(found)


def _of_one(form: IntegerForm, events: Columns) -> npt.NDArray[np.int64]:
    slots = [events[slot] for slot in QUANTITIES[: len(form.bounds)]]
    answer = quantify(form, slots, events["cell"])
    return np.stack([events["row"], answer.mg, answer.code.astype(np.int64)], axis=1)
