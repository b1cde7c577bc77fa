"""The demo city is generated once for all tests of this folder."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tanhui.interfaces.demo.city import DemoFile, generate


@pytest.fixture(scope="session")
def demo_files(tmp_path_factory: pytest.TempPathFactory) -> list[DemoFile]:
    return generate(tmp_path_factory.mktemp("demo-city"))


@pytest.fixture(scope="session")
def demo_rows(demo_files: list[DemoFile]) -> dict[str, list[dict[str, str]]]:
    """Every row of every partner, in arrival order."""
    rows: dict[str, list[dict[str, str]]] = {}
    for file in demo_files:
        rows.setdefault(file.partner, []).extend(rows_of(file.path))
    return rows


def rows_of(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ndjson":
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(text.splitlines()))
