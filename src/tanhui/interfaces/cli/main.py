"""`tanhui`: the operator's and the engineer's door. Shapes of --json: docs/reference/cli.md."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from tanhui import __version__
from tanhui.core.errors import TanhuiError, Unavailable

from .output import fail

MODULES = {  # where each command is, and its first line, so that the list imports none of them
    "intake": (
        "intake",
        "Take FILE in: every row gets a status, and the statuses add up to the rows.",
    ),
    "account": (
        "look",
        "The carbon account of PERSON: a reference such as szt:FIAAAEIFD, or a pseudonym number.",
    ),
    "explain": (
        "look",
        "How RESULT (such as 12-345, batch-row) was computed, recomputed from the evidence.",
    ),
    "prove": (
        "look",
        "Check that the books hold: every figure twice, and they must be equal. Exit 1 if not.",
    ),
    "statement": (
        "ledger",
        "The statement of the ledger's account number ACCOUNT: opening, movements, closing.",
    ),
    "stock": ("ledger", "Stock of the items that partners' shops give for points."),
    "incidents": (
        "ledger",
        "Proofs that did not hold, each acknowledged and closed by a named person with a reason.",
    ),
    "jobs": ("ledger", "What an installation does by itself; called by cron or a timer."),
    "log": ("log", "The public log: every batch and every act that outsiders may check."),
    "units": (
        "units",
        "Units with serial numbers: issued from batches of reductions, retired for a purpose.",
    ),
    "pool": (
        "pool",
        "Pools: citizens' reductions gathered, assessed and issued as units; figures and checks.",
    ),
    "claims": (
        "claims",
        "The claim register: digests of what may be counted once, as peers make them.",
    ),
    "evidence": (
        "evidence",
        "The evidence of batches: check it, prove a record, pack it for others, recompute it.",
    ),
    "statistics": (
        "statistics",
        "How many reductions, of what mass, by scene, region, partner or month.",
    ),
    "methodology": (
        "methodology",
        "Methodologies: write them, check them, explain, compare, and see what a change would do.",
    ),
    "project": (
        "project",
        "Projects: from a monitoring file to results per vintage, and back again.",
    ),
    "rules": (
        "rules",
        "Rules of a region, day and product: list, show, compare and check them.",
    ),
    "organisation": (
        "organisation",
        "Organisations: firms, villages, authorities, verifiers; who acts for them in which role.",
    ),
    "partner": ("partner", "Partners that deliver data, and their signing keys."),
    "person": ("person", "A person's own data: a copy of it, or its end."),
    "demo": (
        "demo",
        "Take the demo city in (5,000 made-up people, one month); a second time adds nothing.",
    ),
    "replay": (
        "replay",
        "Take in every delivery kept under EVIDENCE (another installation's evidence folder).",
    ),
    "backup": (
        "backup",
        "Copy everything but the keys to a folder; `backup keys` copies the keys elsewhere.",
    ),
    "restore": (
        "backup",
        "Restore a backup from FOLDER to an empty platform, and compare everything with it.",
    ),
    "cases": (
        "cases",
        "The white paper's cases: listed, and run through the public interfaces.",
    ),
    "migrate": ("serve", "Bring the database to this version; safe to repeat."),
    "serve": ("serve", "Serve the pages and the API until stopped."),
}

WITHOUT_DATABASE = {
    "methodology",
    "project",
    "rules",
    "evidence",
    "backup",
    "restore",
    "cases",
}  # law as data needs none; what looks at results, or must check files first, starts it itself


class Commands(click.Group):
    """Starts the database and imports the one command that was asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order people meet them."""
        return list(MODULES)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list as click writes it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in MODULES.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, with everything it needs set up; None for an unknown name."""
        if cmd_name not in MODULES:
            return None
        if cmd_name not in WITHOUT_DATABASE:
            from ..database import ensure_schema
            from .starting import set_up

            set_up()
            if cmd_name != "migrate" and "--help" not in sys.argv:
                ensure_schema()
        module = import_module(f".{MODULES[cmd_name][0]}", __package__)
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
    except Exception as error:
        from psycopg import OperationalError

        if isinstance(error, OperationalError) or isinstance(error.__cause__, OperationalError):
            fail(_database_lost(error))  # as it is, or as Django wraps it
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
