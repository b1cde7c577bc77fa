"""One event at a time: the compiled closure against a Python function that multiplies.

Both are called the same number of times in one process; the loop around them is in both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from datetime import date
from pathlib import Path

from tanhui.core.period import day_number
from tanhui.engine.closure import closure
from tanhui.engine.library import Library

from .measure import Facts, measure
from .report import Row

CLOSURE_HOLD = 15.0
CALLS = 300_000
LIBRARY = Path(__file__).parent.parent / "library"
ON = date(2024, 10, 1)
REGION = "420100"

Call = Callable[[int, tuple[int, ...]], object]


def calls(rounds: int) -> Generator[None, None, Facts]:
    """Seconds a call takes, the fastest of several rounds, for closure and multiplication."""
    library = Library.load(LIBRARY)
    form = library.form(library.get("wuhan-metro", on=ON, region=REGION))
    cell = form.cell_of(REGION, "", day_number(ON))
    quantify = closure(form)
    yield
    ours = min(_seconds_per_call(quantify, cell) for _ in range(rounds))
    limit = min(_seconds_per_call(_multiply, cell) for _ in range(rounds))
    return {"closure_s": ours, "multiply_s": limit}


def _multiply(factor: int, counts: tuple[int, ...]) -> int:
    return factor * counts[0]


def _seconds_per_call(call: Call, first: int) -> float:
    counts = [(500 + number % 30_000,) for number in range(CALLS)]
    start = time.process_time()
    for count in counts:
        call(first, count)
    return (time.process_time() - start) / CALLS


def rows(folder: Path, *, rounds: int) -> Iterator[Row]:
    """The rows of the report; `folder` is not used."""
    facts = measure("online:calls", rounds=2 * rounds + 1).facts
    ours, limit = facts["closure_s"], facts["multiply_s"]
    yield Row(
        "online/closure",
        "one event quantified, against one Python multiplication",
        f"{ours * 1e6:.2f} us",
        f"{limit * 1e6:.2f} us",
        ours / limit,
        CLOSURE_HOLD,
        facts,
    )
