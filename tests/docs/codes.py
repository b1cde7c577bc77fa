"""Error codes as the code raises them: class, code and both texts, read from the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.tidy.source import PythonFile, python_files


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
    statuses = error_classes()
    return sorted(found for file in python_files("src") for found in _codes_in(file, statuses))


def error_classes() -> dict[str, int]:
    """HTTP status of each class of the error tree, wherever it is defined."""
    classes = [
        node
        for file in python_files("src")
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ClassDef)
    ]
    statuses = {"TanhuiError": 500}
    for _ in range(3):  # deeper trees do not exist
        for node in classes:
            for base in node.bases:
                if isinstance(base, ast.Name) and base.id in statuses:
                    statuses[node.name] = _status_of(node) or statuses[base.id]
    return statuses


def _status_of(node: ast.ClassDef) -> int | None:
    for line in node.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "status":
            return int(ast.unparse(line.value))
    return None


def _codes_in(file: PythonFile, statuses: dict[str, int]) -> Iterator[ErrorCode]:
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in statuses or not node.args:
            continue
        texts = {word.arg: word.value for word in node.keywords if word.arg}
        zh, en = (_text(texts[language]) if language in texts else "…" for language in ("zh", "en"))
        for code in _choices(node.args[0]):
            yield ErrorCode(code, statuses[name], zh, en, f"{file.name}:{node.lineno}")


def _choices(node: ast.expr) -> Iterator[str]:
    """The codes an expression can give: a literal, or either side of a condition."""
    if isinstance(node, ast.IfExp):
        yield from _choices(node.body)
        yield from _choices(node.orelse)
    else:
        yield _text(node)


def _text(node: ast.expr) -> str:
    """The text of a literal; what is filled in at run time is shown as `…`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    return "…"
