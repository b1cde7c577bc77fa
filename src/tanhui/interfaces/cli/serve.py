"""`tanhui migrate` and `tanhui serve`: bring the platform up."""

from __future__ import annotations

import multiprocessing
import socket

import click
from django.core.management import call_command

from tanhui.core.errors import Conflict

from .output import console, json_option, show_json

BLOCKING_THREADS = 4
KILL_AFTER_S = 5  # a worker that is told to stop while it starts may never hear it


@click.command("migrate")
@click.option("--app-role", help="Role that serves: add to history, never change it.")
@json_option
def migrate(*, app_role: str | None, as_json: bool) -> None:
    """Bring the database to this version; safe to repeat."""
    from tanhui.books.grants import grant

    call_command("migrate", interactive=False, verbosity=0)
    append_only = grant(app_role) if app_role is not None else []
    if as_json:
        show_json({"migrated": True, "append_only": append_only})


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Worker processes.")
@click.option("--demo", "with_demo", is_flag=True, help="Take the demo city in first.")
def serve(*, host: str, port: int, workers: int, with_demo: bool) -> None:
    """Serve the pages and the API until stopped."""
    from ..api.intake import sweep_uploads

    _refuse_taken(host, port)
    sweep_uploads()
    if with_demo:
        from .demo import load, show_city

        show_city(*load(quiet=False))
    else:
        from .log import warn_of_names

        warn_of_names()
    # Workers start fresh: Polars, which took the demo city in, hangs for ever after a fork.
    multiprocessing.set_start_method("spawn", force=True)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    console.print(
        f"碳惠 Tanhui  http://{host}:{port}/\n"
        f"接口 API      http://{host}:{port}/api/v1/docs\n"
        "按 Ctrl-C 停止 (press Ctrl-C to stop)"
    )
    Granian(
        "tanhui.interfaces.wsgi:application",
        address=host,
        port=port,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        interface=Interfaces.WSGI,
        websockets=False,
        workers_kill_timeout=KILL_AFTER_S,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


def _refuse_taken(host: str, port: int) -> None:
    """Say it in one sentence when another program listens there; raises Conflict."""
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        raise Conflict(
            "serve.address_taken",
            zh=f"无法在 {host}:{port} 上监听（{error.strerror}）；请换一个端口：--port。",
            en=f"Cannot listen on {host}:{port} ({error.strerror}); choose another --port.",
        ) from None


COMMANDS = [migrate, serve]
