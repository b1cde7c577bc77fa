"""A PostgreSQL of the bench's own, never the one of DATABASE_URL, and its CPU time."""

from __future__ import annotations

import os
from pathlib import Path


def own_database(folder: Path) -> None:
    """Start (or find) the embedded server under `folder`, set Django up and migrate."""
    os.environ.pop("DATABASE_URL", None)
    os.environ["TANHUI_HOME"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tanhui.interfaces.settings"
    from tanhui.interfaces.database import ensure_database

    ensure_database()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


def server_cpu_s(folder: Path) -> float:
    """CPU seconds so far of the server's processes that are alive."""
    postmaster = (folder / "pg" / "postmaster.pid").read_text().splitlines()[0]
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # the process has just ended
        if after_name[1] == postmaster or stat.parent.name == postmaster:
            ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")
