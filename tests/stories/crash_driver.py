"""Random acts over HTTP while server and database are killed -9: `make crash` runs 100 cycles.

Clients redeem, deliver and cancel under idempotency keys, send some answered requests again as if
the answer had been lost, and repeat whatever was not acknowledged. After each kill everything is
started again and proved: no acknowledged act lost, none doubled, every balance what the
acknowledged acts make it.

    python -m tests.stories.crash_driver --cycles 100
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.stories.installation import Platform, prepared

from tanhui.interfaces.api.client import sign

PARTNER, KEY_ID, ITEM = "crowd", "crowd-shop", "bag"
CLIENTS, PEOPLE = 6, 3
STOCK, POINTS_EACH = 1_000_000, 10
HEADER = "external_id,person,scene,region,started_at,ended_at,distance_km\n"
START_S_MAX, ACT_S_MAX = 60, 90
RIDES_EACH = 40


class Violation(AssertionError):
    """The books do not hold what was acknowledged."""


@dataclass
class Act:
    """One request with its key, and the answer once there is one."""

    key: str
    path: str
    body: dict[str, Any]
    status: int = 0
    number: int = 0


@dataclass
class Shop:
    """An installation under test, its clients' memory, and what to kill."""

    platform: Platform
    key: Ed25519PrivateKey
    luck: random.Random
    acts: list[Act] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)
    problems: list[str] = field(default_factory=list)
    address: str = ""
    port: int = 0
    keeper: subprocess.Popen[str] | None = None
    server: subprocess.Popen[bytes] | None = None

    # processes

    def start(self) -> None:
        """Database and server; both may be running or dead."""
        if not self.platform.postgres():
            self._end(self.keeper)
            self.keeper, address = self.platform.keep_database()
            if address != self.address:
                self._end(self.server)
                self.server, self.address = None, address
        if self.server is None or self.server.poll() is not None:
            self._serve()

    def _serve(self) -> None:
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = int(free.getsockname()[1])
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tanhui.interfaces.cli.main", "serve", "--port", str(self.port)],
            env=self.platform.environment | {"DATABASE_URL": self.address},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_S_MAX
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/api/v1/health", None)[0] == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self, *, database: bool) -> None:
        """kill -9 of every process of the server, or of the database."""
        import psutil

        if database:
            found = self.platform.postgres()
        else:
            assert self.server is not None
            main = psutil.Process(self.server.pid)
            found = [main, *main.children(recursive=True)]
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if not database and self.server is not None:
            self.server.wait(timeout=30)

    def close(self) -> None:
        """End everything."""
        with suppress(Exception):
            self.kill(database=False)
        self._end(self.keeper)
        for process in self.platform.postgres():
            with suppress(Exception):
                process.kill()

    @staticmethod
    def _end(process: subprocess.Popen[Any] | None) -> None:
        if process is not None and process.poll() is None:
            process.kill()
            process.wait(timeout=30)

    # requests

    def ask(self, method: str, path: str, act: Act | None) -> tuple[int, dict[str, Any]]:
        """Status and document; raises OSError or HTTPException when nobody answers."""
        url = f"http://127.0.0.1:{self.port}{path}"
        content, headers = b"", {}
        if act is not None:
            content = json.dumps(act.body).encode()
            digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
            headers = sign(
                method,
                url,
                key_id=KEY_ID,
                key=self.key,
                content_digest=f"sha-256=:{digest}:",
                idempotency_key=act.key,
            ) | {"Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, urlsplit(url).path, body=content, headers=headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def do(self, act: Act, luck: random.Random) -> None:
        """Send until it is answered; now and then once more, as if the answer had been lost."""
        deadline = time.monotonic() + ACT_S_MAX
        while True:
            with suppress(OSError, http.client.HTTPException, ValueError):
                status, document = self.ask("POST", act.path, act)
                if status < 500:
                    break
            if time.monotonic() > deadline:
                raise AssertionError(f"{act.key} was never answered")
            time.sleep(0.05)
        act.number, act.status = int(document.get("redemption", 0)), status
        if status < 300 and luck.random() < 0.2:
            self._once_more(act)

    def _once_more(self, act: Act) -> None:
        with suppress(OSError, http.client.HTTPException, ValueError):
            status, document = self.ask("POST", act.path, act)
            if status < 500 and (status, document.get("redemption")) != (200, act.number):
                self.problems.append(f"{act.key} again: {status} {document}, first {act.number}")

    def client(self, seed: int) -> None:
        """Random acts until the end of the cycle."""
        luck, mine = random.Random(seed), 0
        orders: list[int] = []
        try:
            while not self.stopping.is_set():
                mine += 1
                act = self._random_act(f"act-{seed:08d}-{mine}", luck, orders)
                with self.lock:
                    self.acts.append(act)
                self.do(act, luck)
                if act.status < 300 and act.path.endswith("/redemptions"):
                    orders.append(act.number)
        except AssertionError as error:
            self.problems.append(str(error))

    def _random_act(self, key: str, luck: random.Random, orders: list[int]) -> Act:
        base = f"/api/v1/partners/{PARTNER}/redemptions"
        if orders and luck.random() < 0.5:
            order = orders.pop(luck.randrange(len(orders)))
            end = luck.choice(["delivery", "cancellation"])
            return Act(key, f"{base}/{order}/{end}", {})
        person = f"crowd:{luck.randrange(PEOPLE)}"
        body = {"person": person, "item": ITEM, "pieces": 1, "points": luck.choice([1, 2, 3])}
        return Act(key, base, body)

    # cycles

    def cycles(self, count: int) -> None:
        """So many cycles, told on standard error."""
        for number in range(count):
            self.cycle(number)
            sys.stderr.write(f"\r{number + 1}/{count} cycles, {len(self.acts):,} acts ")

    def cycle(self, number: int) -> None:
        """Clients act, something is killed and started again, everything is proved."""
        self.stopping.clear()
        clients = [
            threading.Thread(target=self.client, args=(self.luck.randrange(10**8),))
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        time.sleep(self.luck.uniform(0.3, 1.0))
        self.kill(database=number % 3 != 2)
        self.start()
        time.sleep(self.luck.uniform(0.0, 0.3))
        self.stopping.set()
        for client in clients:
            client.join(timeout=2 * ACT_S_MAX)
        self.verify()

    def verify(self) -> None:
        """What was acknowledged is what the books hold; raises Violation."""
        from tests.stories.crash_proofs import differences

        with psycopg.connect(self.address, autocommit=True) as connection:
            found = self.problems + differences(connection, self.acts, STOCK)
        if found:
            raise Violation("; ".join(found[:5]))


def installed(home: Path) -> tuple[Platform, Ed25519PrivateKey]:
    """An installation with three people who have points, and a shop with stock."""
    platform = prepared(home)
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    platform.run("partner", "key", PARTNER, KEY_ID, public)
    rides = home / "rides.csv"
    moments = [f"2024-10-{1 + n % 28:02d}T{8 + n // 28:02d}" for n in range(RIDES_EACH)]
    lines = [
        f"c{person}-{moment},crowd:{person},metro,420100,{moment}:00:00Z,{moment}:40:00Z,30\n"
        for person in range(PEOPLE)
        for moment in moments
    ]
    rides.write_text(HEADER + "".join(lines), encoding="utf-8")
    platform.run("intake", str(rides), "--feed", "canonical", "--partner", PARTNER)
    platform.run("stock", "add", PARTNER, ITEM, str(STOCK), "--key", "first-stock")
    return platform, key


def main() -> int:
    """The command line: cycles on one installation; exit 1 at the first violation."""
    parser = argparse.ArgumentParser(description="Kill the server and the database, and prove.")
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20_260_901)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tanhui-crash-"))
    folder.chmod(0o755)
    platform, key = installed(folder / "shop")
    shop = Shop(platform, key, random.Random(given.seed))
    try:
        shop.start()
        shop.cycles(given.cycles)
        proofs = platform.run("prove")
        done = sum(act.status < 300 for act in shop.acts)
        sys.stderr.write(f"\n{done:,} acknowledged, {len(shop.acts) - done:,} refused\n")
        return 0 if proofs["ok"] else 1
    finally:
        shop.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
