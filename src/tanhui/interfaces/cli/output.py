"""What commands print: one JSON document with --json, tables for people without."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

import click
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tanhui.core.errors import TanhuiError

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDED_CELLS = 24
"""The width at which a column of text is folded, on a screen too small for all of it."""

console = Console(highlight=False)
to_stderr = Console(stderr=True, highlight=False)


def json_option(command: Command) -> Command:
    """The --json switch every command has."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def show_json(document: Any) -> None:
    """Print `document` on standard output."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    click.echo(text.encode("utf-8", "replace"))  # an argument's bytes need not be text


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print a table; numbers stand to the right, and text is shown as it is, never as markup.

    Nothing is cut: long text goes on below, and where names and numbers alone are wider than the
    screen, the table is wider too.
    """
    names = list(columns)
    shown = Table(title=Text(title, style="table.title"), title_justify="left", header_style="bold")
    body = [[_cell(value) for value in row] for row in rows]
    width = 3 * len(names) + 1
    for index, column in enumerate(names):
        numeric = bool(body) and all(_is_number(row[index]) for row in body)
        justify: JustifyMethod = "right" if numeric else "left"
        stays_whole = numeric or index == 0
        head = column.replace(" ", "\n", 1) if numeric else column
        shown.add_column(Text(head), justify=justify, no_wrap=stays_whole, overflow="fold")
        widest = max(map(cell_len, [*head.splitlines(), *(row[index] for row in body)]), default=0)
        width += widest if stays_whole else min(widest, FOLDED_CELLS)
    for row in body:
        shown.add_row(*map(Text, row))
    Console(highlight=False, width=max(console.width, width)).print(shown)


def fail(error: TanhuiError) -> NoReturn:
    """Say what happened, why and what to do; exit 1. With --json as a document."""
    if "--json" in sys.argv:
        show_json({"error": error.code, "zh": error.zh, "en": error.en, "values": error.values})
    else:
        to_stderr.print(f"[red]{error.code}[/red]\n{escape(error.zh)}\n{escape(error.en)}")
    sys.exit(1)


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").lstrip("-").isdigit()
