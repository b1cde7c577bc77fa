"""Redeem over HTTP against an empty route: the same workers, the same 16 connections.

Each request is signed beforehand, so that the client costs as little as it can; a redemption is
checked (RFC 9421), finds its person by reference, redeems in one statement and answers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .database import own_database
from .measure import Facts, measure
from .report import Row

HOLD = 2.5  # the empty route over ours: at least 0.4 of it
CLIENTS, WORKERS, THREADS = 16, 2, 8
REQUESTS = 3_000
PEOPLE, ITEMS = 200, 100
KEY_ID = "bench-shop"


def serving(folder: str, rounds: int) -> Generator[None, None, Facts]:
    """Requests a second of both, medians; the first round warms the workers."""
    place = Path(folder)
    own_database(place)
    key = Ed25519PrivateKey.generate()
    _prepare(place, key)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen(_command(port), env=_environment(), stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield
        found: dict[str, list[float]] = {"redeem": [], "empty": []}
        for round_ in range(rounds + 1):
            redeem = [_redemption(port, key, round_, number) for number in range(REQUESTS)]
            empty = [_request("GET", port, "/nothing", {}, b"")] * REQUESTS
            for name, requests, status in (("redeem", redeem, b"201"), ("empty", empty, b"204")):
                speed = _requests_per_s(port, requests, status)
                if round_:
                    found[name].append(speed)
    finally:
        server.terminate()
        server.wait(30)
    return {name: median(speeds) for name, speeds in found.items()}


def _prepare(place: Path, key: Ed25519PrivateKey) -> None:
    """A partner with a shop, items in stock, people with points."""
    from tanhui.domain.partners import services as partners
    from tanhui.flows.redeem_item import stock_item
    from tanhui.interfaces.intake import take_in
    from tanhui.interfaces.platform import platform

    partner = partners.register("bench-shop", name_zh="测速商店", name_en="Bench shop")
    partners.add_key(partner, key_id=KEY_ID, public_key=key.public_key().public_bytes_raw())
    rides = place / "rides.csv"
    rides.write_text(
        "external_id,person,scene,region,started_at,ended_at,distance_km\n"
        + "".join(
            f"r{n}-{day},bench:{n},metro,420100,2024-10-{day:02d}T08:00:00Z,"
            f"2024-10-{day:02d}T08:40:00Z,30\n"
            for n in range(PEOPLE)
            for day in range(1, 29)
        )
    )
    take_in(
        rides, name="rides.csv", partner="bench-shop", feed="canonical", config={}, actor="bench"
    )
    for item in range(ITEMS):
        stock_item(
            platform(),
            partner=partner.pk,
            item=f"item-{item}",
            pieces=10**9,
            key=f"stock-{item}",
            actor="bench",
        )


def _command(port: int) -> list[str]:
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    options += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    options += ["--log-level", "warning"]
    return [sys.executable, "-m", "granian", *options, "tanhui.interfaces.wsgi:application"]


def _environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "bench.served_settings"}


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            _requests_per_s(port, [_request("GET", port, "/nothing", {}, b"")] * CLIENTS, b"204")
        except (OSError, AssertionError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server did not start")


def _redemption(port: int, key: Ed25519PrivateKey, round_: int, number: int) -> bytes:
    """A signed request, as bytes on the wire."""
    from tanhui.interfaces.api.client import sign

    path = "/api/v1/partners/bench-shop/redemptions"
    order = {"person": f"bench:{number % PEOPLE}", "item": f"item-{number % ITEMS}"}
    body = json.dumps(order | {"pieces": 1, "points": 1}).encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    headers = sign(
        "POST",
        f"http://127.0.0.1:{port}{path}",
        key_id=KEY_ID,
        key=key,
        content_digest=f"sha-256=:{digest}:",
        idempotency_key=f"bench-{round_}-{number}",
    )
    return _request("POST", port, path, headers | {"Content-Type": "application/json"}, body)


def _request(method: str, port: int, path: str, headers: dict[str, str], body: bytes) -> bytes:
    fields = {"Host": f"127.0.0.1:{port}", "Content-Length": str(len(body))} | headers
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _requests_per_s(port: int, requests: list[bytes], status: bytes) -> float:
    """All requests over CLIENTS connections that stay open, each one after the other."""
    wrong: list[bytes] = []

    def run(mine: list[bytes]) -> None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
                for request in mine:
                    line.sendall(request)
                    answer = _answer(line)
                    if answer.split(b" ", 2)[1] != status:
                        wrong.append(answer)
        except OSError as error:
            wrong.append(str(error).encode())

    threads = [
        threading.Thread(target=run, args=(requests[first::CLIENTS],)) for first in range(CLIENTS)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    assert not wrong, wrong[0][:1_000]
    return len(requests) / took


def _answer(line: socket.socket) -> bytes:
    """Head and body of one answer that says its length."""
    data = line.recv(65_536)
    while b"\r\n\r\n" not in data:
        more = line.recv(65_536)
        if not more:
            raise OSError("closed early")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for field in head.split(b"\r\n")[1:]:
        name, _, value = field.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += line.recv(65_536)
    return data


def rows(folder: Path, *, rounds: int) -> Iterator[Row]:
    """The row of the report."""
    facts = measure("redeem_http:serving", folder=str(folder), rounds=rounds).facts
    yield Row(
        "redeem/http",
        f"redeem over HTTP, {CLIENTS} connections: an empty route over ours",
        f"{facts['redeem']:,.0f}/s",
        f"{facts['empty']:,.0f}/s",
        facts["empty"] / facts["redeem"],
        HOLD,
        facts,
    )
