"""`tanhui`: the operator's and the engineer's door. Shapes of --json: docs/reference/cli.md."""

from __future__ import annotations

import sys
from importlib import import_module

import click
import psycopg

from tanhui import __version__
from tanhui.core.errors import TanhuiError, Unavailable

from ..database import ensure_schema
from .output import fail
from .starting import set_up

MODULES = {
    "intake": "intake",
    "account": "look",
    "explain": "look",
    "prove": "look",
    "statement": "ledger",
    "stock": "ledger",
    "incidents": "ledger",
    "jobs": "ledger",
    "log": "log",
    "units": "units",
    "evidence": "evidence",
    "statistics": "statistics",
    "methodology": "methodology",
    "project": "project",
    "partner": "partner",
    "person": "person",
    "demo": "demo",
    "replay": "replay",
    "backup": "backup",
    "restore": "backup",
    "migrate": "serve",
    "serve": "serve",
}

WITHOUT_DATABASE = {
    "methodology",
    "project",
    "evidence",
    "backup",
    "restore",
}  # law as data needs none; what looks at results, or must check files first, starts it itself


class Commands(click.Group):
    """Starts the database and imports the one command that was asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order people meet them."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, with everything it needs set up; None for an unknown name."""
        if cmd_name not in MODULES:
            return None
        if cmd_name not in WITHOUT_DATABASE:
            set_up()
            if cmd_name != "migrate" and "--help" not in sys.argv:
                ensure_schema()
        module = import_module(f".{MODULES[cmd_name]}", __package__)
        commands: list[click.Command] = module.COMMANDS
        return next(command for command in commands if command.name == cmd_name)


@click.group(cls=Commands)
@click.version_option(__version__)
def cli() -> None:
    """碳惠 Tanhui - from what people did to reductions they can follow and recompute."""


def main() -> None:
    """Run the command; known errors become one message."""
    try:
        cli()
    except TanhuiError as error:
        fail(error)
    except psycopg.OperationalError as error:
        fail(_database_lost(error))
    except Exception as error:
        if isinstance(error.__cause__, psycopg.OperationalError):  # as Django wraps it
            fail(_database_lost(error))
        raise


def _database_lost(error: Exception) -> Unavailable:
    return Unavailable(
        "database.unavailable",
        zh="数据库连接中断；未完成的操作没有改变任何数据，请稍后重试。",
        en="The database connection was lost; what was not finished changed nothing; try again.",
        cause=str(error).strip(),
    )


if __name__ == "__main__":
    main()
