"""Every test runs on a real PostgreSQL: DATABASE_URL, or the embedded one in a test folder."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
HAS_OWN_HOME = "TANHUI_HOME" not in os.environ or IS_WORKER
if HAS_OWN_HOME:
    # each worker has a database and so a data folder of its own; the server is shared
    os.environ["TANHUI_HOME"] = tempfile.mkdtemp(prefix="tanhui-test-")
    Path(os.environ["TANHUI_HOME"]).chmod(0o755)  # the embedded server runs as its own user
    atexit.register(shutil.rmtree, os.environ["TANHUI_HOME"], ignore_errors=True)

from tanhui.interfaces.database import EMBEDDED, ensure_database  # noqa: E402

ensure_database()
if HAS_OWN_HOME and not IS_WORKER and EMBEDDED in os.environ:
    # this server's data end with the tests; the crash stories start servers of their own
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for wait in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {wait} = off")
        connection.execute("SELECT pg_reload_conf()")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser of the page tests runs an event loop
os.environ["DJANGO_SETTINGS_MODULE"] = "tanhui.interfaces.settings"

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.utils import translation  # noqa: E402

from tanhui.interfaces.home import data_home  # noqa: E402

settings.TANHUI_HOME = data_home()  # a worker has read the settings with its parent's folder

TESTS = Path(__file__).parent


@pytest.fixture(autouse=True)
def _no_log_of_another_test() -> None:
    """A test's database is rolled back, its published log is not: the next one begins without."""
    shutil.rmtree(settings.TANHUI_HOME / "log", ignore_errors=True)


@pytest.fixture(autouse=True)
def _no_language_of_another_test() -> None:
    """A request made in this process leaves its language behind; the next test begins without."""
    translation.deactivate()


SLOW_ROOMS = (TESTS / "stories", TESTS / "web", TESTS / "docs" / "test_commands.py")
LONGEST_FIRST = ("stories", "engine/executors", "docs/test_commands.py", "web")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow rooms, and begin with what takes longest, so that no worker ends alone."""
    for item in items:
        if any(item.path.is_relative_to(room) for room in SLOW_ROOMS):
            item.add_marker("slow")
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """The place of an item's file in LONGEST_FIRST, or behind them all."""
    room = item.path.relative_to(TESTS)
    for turn, first in enumerate(LONGEST_FIRST):
        if room.is_relative_to(first):
            return turn
    return len(LONGEST_FIRST)
