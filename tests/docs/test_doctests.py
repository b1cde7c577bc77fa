"""Every example in a docstring gives what it says."""

from __future__ import annotations

import doctest
import importlib

import pytest
from tests.tidy.source import PACKAGE, PythonFile, python_files

WITH_EXAMPLES = [file for file in python_files("src/tanhui") if ">>> " in file.text]


@pytest.mark.parametrize("file", WITH_EXAMPLES, ids=lambda file: file.name)
def test_examples_of(file: PythonFile) -> None:
    parts = file.path.relative_to(PACKAGE.parent).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert failed == 0
    assert tried > 0
