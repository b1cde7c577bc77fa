"""Error codes as the code raises them: class, code and both texts, read from the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.tidy.source import PythonFile, python_files

ERRORS = {
    "InputRefused": 422,
    "NotFound": 404,
    "Conflict": 409,
    "Denied": 401,
    "TooLarge": 413,
    "LibraryBroken": 500,
    "ProofFailed": 500,
}


@dataclass(frozen=True, order=True)
class ErrorCode:
    """One way the platform refuses: its code, HTTP status and text in both languages."""

    code: str
    status: int
    zh: str
    en: str
    place: str


def error_codes() -> list[ErrorCode]:
    """Every error raised in the package, by code."""
    return sorted(found for file in python_files("src") for found in _codes_in(file))


def _codes_in(file: PythonFile) -> Iterator[ErrorCode]:
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name not in ERRORS:
            continue
        texts = {word.arg: _text(word.value) for word in node.keywords if word.arg}
        code = _text(node.args[0]) if node.args else texts.get("code", "")
        place = f"{file.name}:{node.lineno}"
        yield ErrorCode(code, ERRORS[name], texts.get("zh", ""), texts.get("en", ""), place)


def _text(node: ast.expr) -> str:
    """The text of a literal; what is filled in at run time is shown as `…`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            "…" if isinstance(part, ast.FormattedValue) else _text(part) for part in node.values
        )
    return f"<{ast.unparse(node)}>"
