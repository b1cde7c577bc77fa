"""docs/reference is complete: every command, setting, address, event and code is in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import click
import pytest
from tests.docs.codes import error_codes
from tests.docs.reference import PAGES
from tests.tidy.source import PROJECT, python_files

REFERENCE = PROJECT / "docs" / "reference"
SETTING = re.compile(r"[\"'](TANHUI_[A-Z_]+|DATABASE_URL)[\"']")
DOTTED = re.compile(r"[a-z_]+(\.[a-z_0-9…]+)+|[a-z_]+")


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_generated_pages_fit_the_code(name: str) -> None:
    assert page(name) == PAGES[name](), "run: make reference"


def test_error_codes_are_dotted_words_with_both_languages() -> None:
    wrong = [
        f"{error.place}: {error.code!r} zh={error.zh!r} en={error.en!r}"
        for error in error_codes()
        if not DOTTED.fullmatch(error.code) or not error.zh or not error.en
    ]
    assert not wrong, "\n".join(wrong)


def test_every_setting_is_documented() -> None:
    names = {name for file in python_files("src") for name in SETTING.findall(file.text)}
    assert names
    missing = sorted(name for name in names if f"`{name}`" not in page("settings.md"))
    assert not missing, "\n".join(missing)


def test_every_documented_setting_exists() -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)`", page("settings.md"), re.MULTILINE))
    code = "\n".join(file.text for file in python_files("src"))
    gone = sorted(name for name in told if name not in code)
    assert not gone, "\n".join(gone)


def commands(
    group: click.Group, context: click.Context, path: str
) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{path} {name} is listed and does not exist"
        if isinstance(command, click.Group):
            yield from commands(command, context, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.fixture
def command_tree(monkeypatch: pytest.MonkeyPatch) -> dict[str, click.Command]:
    """Every command by its full name, found the way the shell finds it."""
    from tanhui.interfaces import database
    from tanhui.interfaces.cli import main

    monkeypatch.setattr(database, "ensure_schema", lambda: None)  # to look needs no tables
    tree = dict(commands(main.cli, click.Context(main.cli), "tanhui"))
    assert {"tanhui intake", "tanhui partner add"} <= set(tree)
    return tree


def test_every_command_and_option_is_documented(command_tree: dict[str, click.Command]) -> None:
    text = page("cli.md")
    missing = []
    for name, command in command_tree.items():
        section = re.search(rf"^## `{name}[ `].*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        if section is None:
            missing.append(f"## `{name}`")
            continue
        options = {option for one in command.params for option in one.opts if option[:2] == "--"}
        missing += [f"{name} {each}" for each in sorted(options) if each not in section[0]]
    assert not missing, "docs/reference/cli.md does not tell:\n" + "\n".join(missing)


def test_every_documented_command_exists_and_takes_json(
    command_tree: dict[str, click.Command],
) -> None:
    told = re.findall(r"^## `(tanhui(?: [a-z-]+)+)", page("cli.md"), re.MULTILINE)
    assert sorted(set(told) - set(command_tree)) == []
    silent = {"tanhui serve"}  # runs until stopped
    assert [
        name
        for name, command in command_tree.items()
        if name not in silent and not any("--json" in one.opts for one in command.params)
    ] == []


def addresses() -> Iterator[str]:
    """Every route: `GET /api/v1/...` of the API, the bare address of a page."""
    from django.urls import URLPattern, get_resolver

    from tanhui.interfaces.api.root import api

    schema: dict[str, Any] = api.get_openapi_schema()
    for path, operations in schema["paths"].items():
        yield from (f"{method.upper()} {path}" for method in operations)
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLPattern):
            yield f"/{entry.pattern}"


def test_every_address_is_documented() -> None:
    text = page("http.md")
    missing = [address for address in addresses() if f"`{address}`" not in text]
    assert not missing, "docs/reference/http.md does not tell:\n" + "\n".join(missing)


def events() -> set[str]:
    """Dotted facts the journal records: the literal value of every `verb=`."""
    return {
        word.value.value
        for file in python_files("src/tanhui")
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "verb"
        and isinstance(word.value, ast.Constant)
        and isinstance(word.value.value, str)
        and "." in word.value.value
    }


def test_every_event_is_documented() -> None:
    assert events()
    missing = sorted(event for event in events() if f"`{event}`" not in page("events.md"))
    assert not missing, "\n".join(missing)
