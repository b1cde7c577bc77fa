"""One event at a time: quantified in process, and delivered over HTTP.

The compiled closure is compared with a Python function that multiplies, called the same number of
times in one process. A signed upload of one event (verify, land, settle, seal, post, answer) is
compared with a route that asks the database `SELECT 1`, through the same server, one after the
other; the median of each counts.
"""

from __future__ import annotations

import contextlib
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tanhui.core.period import day_number
from tanhui.engine.closure import closure
from tanhui.engine.library import Library

from .database import own_database
from .measure import Facts, measure
from .report import Row

CLOSURE_HOLD = 15.0
EVENT_HOLD = 5.0
ONLINE_EVENTS = 40
START_TRIES = 300
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


def deliveries(folder: str, rounds: int) -> Generator[None, None, Facts]:
    """Median seconds of a one-event upload and of a `SELECT 1` route."""
    place = Path(folder)
    own_database(place)
    from tanhui.domain.partners import services as partners
    from tanhui.interfaces.api.client import batches_url, upload

    key = Ed25519PrivateKey.generate()
    partner = partners.register("bench-co", name_zh="测试平台", name_en="Bench partner")
    public = key.public_key().public_bytes_raw()
    partners.add_key(partner, key_id="bench-key", public_key=public)
    with _served(place) as server:
        health = f"{server}/api/v1/health"
        where = batches_url(server, "bench-co", feed="canonical", name="event.ndjson", config={})
        yield
        ours, limit = [], []
        for number in range(rounds * ONLINE_EVENTS):
            limit.append(_seconds(lambda: urllib.request.urlopen(health).read()))
            body = _event(number)
            ours.append(_seconds(lambda: upload(where, body, key_id="bench-key", key=key)))  # noqa: B023
    return {"event_s": statistics.median(ours), "select_s": statistics.median(limit)}


def _event(number: int) -> bytes:
    day, person = 1 + number % 28, number // 28
    return (
        f'{{"external_id":"e{number}","person":"bench:p{person}","scene":"metro",'
        f'"region":"{REGION}","started_at":"2024-10-{day:02d}T08:00:00+08:00",'
        f'"ended_at":"2024-10-{day:02d}T08:20:00+08:00","distance_km":"7.5"}}\n'
    ).encode()


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _served(home: Path) -> Iterator[str]:
    """The platform of `home` on a free port, stopped afterwards."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "tanhui.interfaces.cli.main", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(START_TRIES):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health").read()
                break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _multiply(factor: int, counts: tuple[int, ...]) -> int:
    return factor * counts[0]


def _seconds_per_call(call: Call, first: int) -> float:
    counts = [(500 + number % 30_000,) for number in range(CALLS)]
    start = time.process_time()
    for count in counts:
        call(first, count)
    return (time.process_time() - start) / CALLS


def rows(folder: Path, *, rounds: int) -> Iterator[Row]:
    """The rows of the report; the served platform lives under `folder`."""
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
    facts = measure("online:deliveries", folder=str(folder), rounds=rounds).facts
    ours, limit = facts["event_s"], facts["select_s"]
    yield Row(
        "online/event",
        "one event delivered over HTTP, against a SELECT 1 route (p50)",
        f"{ours * 1e3:.1f} ms",
        f"{limit * 1e3:.1f} ms",
        ours / limit,
        EVENT_HOLD,
        facts,
    )
