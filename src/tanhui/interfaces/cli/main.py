"""`tanhui`: the operator's and the engineer's door. Shapes of --json: docs/reference/cli.md."""

from __future__ import annotations

import os
import sys

import click
import psycopg

from tanhui import __version__
from tanhui.core.errors import TanhuiError, Unavailable

from ..database import ensure_database
from .output import fail


@click.group()
@click.version_option(__version__)
def cli() -> None:
    """碳惠 Tanhui - from what people did to reductions they can follow and recompute."""


def main() -> None:
    """Start the database, set up Django, run the command; known errors become one message."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.interfaces.settings")
    try:
        if not {"--help", "--version"} & set(sys.argv):
            ensure_database()
        import django

        django.setup()
        _add_commands()
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


def _add_commands() -> None:
    """Commands need Django's models, so they are imported after set-up."""
    from . import demo, intake, look, methodology, partner, replay, serve

    for module in (intake, look, methodology, partner, demo, replay, serve):
        for command in module.COMMANDS:
            cli.add_command(command)


if __name__ == "__main__":
    main()
