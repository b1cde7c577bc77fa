"""Words that must not be in the code: vague file names, forgotten work, floats near a ledger."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.tidy.source import (
    PROJECT,
    PythonFile,
    exact_files,
    project_files,
    python_files,
    text_of,
)

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "stuff", "tools"}
FORGOTTEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")
# In pieces, so that this file does not find itself.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "files.python" + "hosted.org",
    "registry.npm" + "js.org",
    "npm" + "mirror.com",
    "tuna.tsinghua" + ".edu.cn",
]
MACHINE_PATHS = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/"]


def test_no_vague_file_name() -> None:
    vague = [
        path.relative_to(PROJECT).as_posix()
        for path in project_files()
        if VAGUE_NAMES & {path.stem, *path.relative_to(PROJECT).parts[:-1]}
    ]
    assert not vague, "\n".join(vague)


def test_no_forgotten_work() -> None:
    """A note to do later names its issue, `TODO(#12)`, or is done now."""
    found = []
    for path in project_files():
        if path.suffix in {".py", ".js", ".css", ".html", ".yaml", ".md", ".toml"}:
            name = path.relative_to(PROJECT).as_posix()
            if name in {"tests/tidy/test_words.py", "MAP.md"}:
                continue
            for number, line in enumerate((text_of(path) or "").splitlines(), 1):
                if FORGOTTEN.search(line):
                    found.append(f"{name}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


def test_no_print_in_the_package() -> None:
    found = [
        f"{file.name}:{node.lineno}"
        for file in python_files("src")
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert not found, "\n".join(found)


def floats_in(file: PythonFile) -> Iterator[str]:
    """Places where a float is written, made or named as a type."""
    for node in ast.walk(file.tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        named = isinstance(node, ast.Name) and node.id == "float"
        array = isinstance(node, ast.Attribute) and re.fullmatch(
            r"float(16|32|64|128)|Float(32|64)|double", node.attr
        )
        if literal or named or array:
            yield f"{file.name}:{getattr(node, 'lineno', 0)}: {ast.unparse(node)}"


def test_no_float_where_numbers_are_exact() -> None:
    found = [place for file in exact_files() for place in floats_in(file)]
    assert not found, "\n".join(found)


def test_no_registry_host_and_no_machine_path() -> None:
    """A clone works anywhere: no file says where one machine keeps or fetches things."""
    found = []
    for path in project_files():
        text = text_of(path)
        name = path.relative_to(PROJECT).as_posix()
        if text is None:
            continue
        for word in [*REGISTRY_HOSTS, *MACHINE_PATHS]:
            if word in text:
                found.append(f"{name}: {word}")
    assert not found, "\n".join(found)
