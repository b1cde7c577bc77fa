"""The files around the code: locks that fit, a readable changelog, pages with one title."""

from __future__ import annotations

import os
import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.tidy.source import PROJECT, project_files, python_files, text_of

LOCKED = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)
COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)


def locked(file: str) -> dict[str, list[str]]:
    """Versions by package name; two when they depend on the version of Python."""
    versions: dict[str, list[str]] = {}
    for found in LOCKED.finditer((PROJECT / file).read_text(encoding="utf-8")):
        versions.setdefault(found["name"], []).append(found["version"])
    return versions


def test_the_locks_fit_what_the_project_asks_for() -> None:
    asked = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    run_time = asked["project"]["dependencies"]
    wrong = []
    for file, wanted in [
        ("requirements.lock", run_time),
        ("requirements-dev.lock", run_time + asked["dependency-groups"]["dev"]),
    ]:
        have = locked(file)
        for requirement in map(Requirement, wanted):
            versions = have.get(canonicalize_name(requirement.name), [])
            if not any(requirement.specifier.contains(version) for version in versions):
                wrong.append(f"{file}: {requirement} (has {versions}); run make lock")
    assert not wrong, "\n".join(wrong)


def test_every_locked_package_has_hashes_and_no_address() -> None:
    for file in ("requirements.lock", "requirements-dev.lock"):
        text = (PROJECT / file).read_text(encoding="utf-8")
        assert "://" not in text, file
        entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert all("--hash=sha256:" in entry for entry in entries), file


def test_run_time_packages_have_no_copyleft_licence_but_psycopg() -> None:
    """decisions/0004-dependencies.md: none of GPL or AGPL; psycopg is LGPL and used as it is."""
    from importlib.metadata import PackageNotFoundError, metadata

    wrong = []
    for name in locked("requirements.lock"):
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue  # of another system or version of Python
        stated = [about.get("License-Expression") or "", *(about.get_all("Classifier") or [])]
        stated = [line for line in stated if "License" in line or "::" not in line]
        if COPYLEFT.search(re.sub(r"LGPL[\w.-]*|Lesser General Public[^:]*", "", " ".join(stated))):
            wrong.append(f"{name}: {stated}")
    assert not wrong, "\n".join(wrong)


def test_the_psql_of_the_embedded_server_is_never_started() -> None:
    """It links GNU readline (GPL-3.0): decisions/0001-postgresql-always.md."""
    banned = re.compile(r"\.psql\(|\bupgrade_db\b|\bpginstall")
    found = [file.name for file in python_files("src", "bench") if banned.search(file.text)]
    assert not found, "\n".join(found)


def test_the_changelog_has_dated_or_open_headings() -> None:
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings
    for heading in headings:
        assert re.fullmatch(r"Unreleased|\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}", heading), heading


def test_every_page_has_one_title() -> None:
    wrong = []
    for path in project_files():
        if path.suffix == ".md":
            text = re.sub(r"^```.*?^```", "", text_of(path) or "", flags=re.M | re.S)
            titles = re.findall(r"^# ", text, re.MULTILINE)
            if len(titles) != 1:
                wrong.append(f"{path.relative_to(PROJECT)}: {len(titles)} titles")
    assert not wrong, "\n".join(wrong)


def test_every_decision_is_one_page_in_the_same_form() -> None:
    pages = sorted((PROJECT / "decisions").glob("[0-9]*.md"))
    numbers = [page.name[:4] for page in pages]
    assert len(numbers) == len(set(numbers))
    wrong = []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for part in ("Context", "Decision", "Consequences", "Alternatives"):
            if not re.search(rf"^(## {part}$|\*\*{part}\.\*\* )", text, re.MULTILINE):
                wrong.append(f"{page.name}: no part {part}")
        if len(text.splitlines()) > 80:
            wrong.append(f"{page.name}: longer than a page")
    assert not wrong, "\n".join(wrong)


def test_scripts_are_executable_and_strict() -> None:
    for name in (".ci/run", ".ci/lock"):
        path = PROJECT / name
        assert os.access(path, os.X_OK), name
        assert "set -euo pipefail" in path.read_text(encoding="utf-8"), name
