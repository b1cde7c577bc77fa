"""The desk of an authority with a hundred thousand matters in the register, against a thousand.

What a desk shows stays as long: one page of the city's matters and what waits in them. Reading it
may not grow with what others, and years gone by, have left behind. Numbering the next matter is
measured with it, for it looks among the same.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .database import own_database, server_cpu_s
from .measure import Facts, cpu_s, measure
from .report import Row

HOLD = 2.0
FEW, MANY = 1_000, 100_000
TURNS = 20  # desks shown, and matters opened
WAITING, PAGE = 20, 50
CITIES = ("420100", "310115", "440300", "230100", "510100", "110101", "320500", "370200")
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
OPEN_EACH = 50  # one of so many matters is not over


def make(folder: str, have: int, want: int) -> Generator[None, None, Facts]:
    """Matters `have` to `want`: projects and uses of all cities, most of them over."""
    own_database(Path(folder))
    yield
    from django.db import connection

    from tanhui.domain.matters.models import Matter

    Matter.objects.bulk_create([_a_matter(number) for number in range(have, want)], 5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE matters_matter")
    return {}


def _a_matter(number: int) -> Any:
    from tanhui.domain.matters.models import Matter

    kind, letter, ends = ("project", "P", "ended") if number % 2 else ("use", "U", "retired")
    begins = "applied"
    at = FIRST + timedelta(minutes=number)
    region = CITIES[number // 2 % len(CITIES)]
    return Matter(
        number=f"{letter}-{region}-2024-{number:06d}",
        kind=kind,
        region=region,
        title=f"bench {number}",
        state=begins if number // 16 % OPEN_EACH == 0 else ends,
        data={},
        opened_at=at,
        changed_at=at,
    )


def show(folder: str) -> Generator[None, None, Facts]:
    """The desk of one city's authority, and the next number, TURNS times."""
    own_database(Path(folder))
    from django.db import transaction

    from tanhui.domain.matters.services import Beginning, begin
    from tanhui.domain.organisations.models import Appointment
    from tanhui.flows.registry.callers import Caller
    from tanhui.flows.registry.reading import page_of, to_do
    from tanhui.interfaces.platform import platform

    held = Appointment(role="authority", region=CITIES[0], since=FIRST)
    caller, installed = Caller(0, (held,)), platform()
    given = Beginning(
        kind="project",
        letter="P",
        region=CITIES[0],
        title="bench",
        state="ended",
        organisation=None,
        parent=None,
        data={},
        is_demo=False,
    )
    yield
    own, server, wall = cpu_s(), server_cpu_s(Path(folder)), time.perf_counter()
    shown = 0
    for _ in range(TURNS):
        with transaction.atomic():
            shown += len(to_do(installed, caller, limit=WAITING))
            page = page_of(installed, caller, wanted={}, after=None, limit=PAGE)
            shown += len(page["items"])
            begin(given, at=FIRST)
            transaction.set_rollback(True)
    wall = time.perf_counter() - wall
    own, server = cpu_s() - own, server_cpu_s(Path(folder)) - server
    return {"cpu_s": own + server, "wall_s": wall, "shown": shown, "server_cpu_s": server}


def rows(folder: Path) -> Iterator[Row]:
    """The row of the report: the same database with few matters, then with many."""
    place = folder / "desk"
    place.mkdir(mode=0o755)
    asked: dict[str, Any] = {"folder": str(place)}
    measure("desk:make", **asked, have=0, want=FEW)
    few = measure("desk:show", **asked)
    measure("desk:make", **asked, have=FEW, want=MANY)
    many = measure("desk:show", **asked)
    yield Row.of(
        "desk/show",
        f"a desk shown and a matter numbered, {TURNS} times, with {MANY:,} matters in the "
        f"register, against {FEW:,}",
        ours=many,
        limit=few,
        hold=HOLD,
    )
