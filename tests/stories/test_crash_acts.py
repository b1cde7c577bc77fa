"""The crash test in short, and that it catches each of four mistakes (`make crash`: 100 cycles)."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.stories.crash_driver import Shop, Violation, installed
from tests.stories.installation import Platform
from tests.stories.mutants import MUTANTS

CYCLES = 6
CYCLES_TO_CATCH_MAX = 9


@pytest.fixture(scope="module")
def template() -> Iterator[tuple[Platform, Ed25519PrivateKey]]:
    """An installation at rest, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="tanhui-crash-"))
    folder.chmod(0o755)
    platform, key = installed(folder / "template")
    yield platform, key
    for process in platform.postgres():
        process.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shop(template: tuple[Platform, Ed25519PrivateKey]) -> Iterator[Shop]:
    """A copy of it, running."""
    original, key = template
    assert not original.postgres(), "the template must be at rest"
    home = original.home.parent / "shop"
    command = ["cp", "-a", str(original.home), str(home)]
    copied = subprocess.run(command, check=False, capture_output=True)
    assert not copied.returncode, copied.stderr
    platform = Platform.at(home)
    running = Shop(platform, key, random.Random(20_260_901))
    try:
        running.start()
        yield running
    finally:
        running.close()
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.slow
def test_kills_lose_and_double_nothing(shop: Shop) -> None:
    shop.cycles(CYCLES)
    assert sum(act.status < 300 for act in shop.acts) > CYCLES
    assert shop.platform.run("prove")["ok"]


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_each_mistake_is_caught(shop: Shop, mutant: str) -> None:
    with psycopg.connect(shop.address, autocommit=True) as connection:
        MUTANTS[mutant](connection)
    shop.kill(database=False)  # its connections know the functions as they were
    shop.start()
    with pytest.raises(Violation):
        shop.cycles(CYCLES_TO_CATCH_MAX)
