"""The floors hold: each forbidden import, added to a copy of the code, is seen and refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def copied_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python files and the contracts, in a folder of their own."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copy(PROJECT / "pyproject.toml", root)
    shutil.copytree(
        PROJECT / "src" / "tanhui",
        root / "src" / "tanhui",
        ignore=shutil.ignore_patterns("__pycache__", "static", "templates", "locale"),
    )
    return root


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package under `root`, not on the installed one."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


FORBIDDEN = [
    ("core/mass.py", "tanhui.engine.methodology", "Floors"),
    ("engine/methodology.py", "tanhui.books.models", "Floors"),
    ("books/models.py", "tanhui.engine.methodology", "Floors"),
    ("books/models.py", "tanhui.domain.citizens.models", "Floors"),
    ("domain/citizens/models.py", "tanhui.flows.record_batch", "Floors"),
    ("flows/record_batch.py", "tanhui.interfaces.home", "Floors"),
    ("domain/citizens/models.py", "tanhui.domain.partners.models", "Domains"),
    ("domain/partners/__init__.py", "tanhui.domain.feeds.models", "Domains"),
    ("engine/methodology.py", "django.db", "Engine and core"),
    ("engine/batch/run.py", "psycopg", "Engine and core"),
    ("core/clock.py", "django.utils.timezone", "Engine and core"),
]


def test_the_code_as_it_is_keeps_every_contract(copied_tree: Path) -> None:
    done = lint_imports(copied_tree)
    assert done.returncode == 0, done.stdout
    assert "3 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(("module", "imported", "contract"), FORBIDDEN)
def test_a_forbidden_import_is_refused(
    copied_tree: Path, module: str, imported: str, contract: str
) -> None:
    path = copied_tree / "src" / "tanhui" / module
    before = path.read_text(encoding="utf-8")
    try:
        # Inside a function: a late import is an import too.
        path.write_text(f"{before}\n\ndef _late() -> None:\n    import {imported}  # noqa\n")
        done = lint_imports(copied_tree)
    finally:
        path.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), done.stdout


def test_a_new_folder_beside_the_floors_is_refused(copied_tree: Path) -> None:
    extra = copied_tree / "src" / "tanhui" / "attic"
    extra.mkdir()
    try:
        (extra / "__init__.py").write_text('"""Nobody\'s floor."""\n')
        done = lint_imports(copied_tree)
    finally:
        shutil.rmtree(extra)
    assert done.returncode == 1
    assert "attic" in done.stdout


def test_no_contract_has_an_exception(copied_tree: Path) -> None:
    assert "ignore_imports" not in (copied_tree / "pyproject.toml").read_text(encoding="utf-8")
