"""The project's own files, read once, for the tests of style."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "src" / "tanhui"
SERVED = PACKAGE / "interfaces" / "static"
EXACT_FLOORS = ("core", "engine", "books")
NOT_OURS = {".git", ".venv", "var", "build", "__pycache__", "node_modules", ".hypothesis"} | {
    f".{tool}_cache" for tool in ("mypy", "ruff", "pytest", "import_linter")
}
CODE_SUFFIXES = {".py", ".js", ".css", ".html", ".sh"}

type_of_function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class PythonFile:
    """One Python file: its path inside the project, its text and its tree."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @property
    def name(self) -> str:
        return self.path.relative_to(PROJECT).as_posix()

    def functions(self) -> Iterator[type_of_function]:
        """Every function and method, nested ones included."""
        for node in ast.walk(self.tree):
            if isinstance(node, type_of_function):
                yield node

    def public_functions(self) -> Iterator[type_of_function]:
        """Functions of the module and methods of its public classes, without a leading _."""
        for node in self.tree.body:
            members = node.body if isinstance(node, ast.ClassDef) else [node]
            if isinstance(node, ast.ClassDef) and node.name.startswith("_"):
                continue
            for member in members:
                if isinstance(member, type_of_function) and not member.name.startswith("_"):
                    yield member


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project: not what .gitignore keeps out, not git's own."""
    found: list[Path] = []
    folders = [PROJECT]
    while folders:
        for path in folders.pop().iterdir():
            if path.name in NOT_OURS or path.name.endswith(".egg-info") or path.is_symlink():
                continue
            (folders if path.is_dir() else found).append(path)
    return tuple(sorted(found))


@cache
def python_files(*folders: str) -> tuple[PythonFile, ...]:
    """Python files under the folders (`"src"`, `"src/tanhui/core"`), all of them by default.

    What is served to visitors (verify.py) is no module of the package.
    """
    roots = [PROJECT / folder for folder in folders or ("src", "tests", "bench")]
    return tuple(
        PythonFile(path)
        for path in project_files()
        if path.suffix == ".py"
        and any(path.is_relative_to(root) for root in roots)
        and not path.is_relative_to(SERVED)
    )


def exact_files() -> tuple[PythonFile, ...]:
    """The floors that compute: no float, a docstring and a return type everywhere."""
    return python_files(*(f"src/tanhui/{floor}" for floor in EXACT_FLOORS))


def package_folders() -> list[Path]:
    """Every folder of the package with Python files, migrations left out."""
    folders = {file.path.parent for file in python_files("src/tanhui")}
    return sorted(folder for folder in folders if folder.name != "migrations")


def text_of(path: Path) -> str | None:
    """The text of a file, or None for a binary one."""
    data = path.read_bytes()
    if b"\0" in data:
        return None
    return data.decode("utf-8", errors="replace")
