"""A reader never has to guess what a file or a public function is for."""

from __future__ import annotations

import ast

from tests.tidy.source import exact_files, python_files


def test_every_module_says_what_it_is() -> None:
    silent = [
        file.name
        for file in python_files()
        if "/migrations/" not in file.name and file.text.strip() and not docstring_of(file.tree)
    ]
    assert not silent, "\n".join(silent)


def test_public_functions_of_the_exact_floors_say_what_they_do() -> None:
    silent = [
        f"{file.name}:{function.lineno} {function.name}"
        for file in exact_files()
        if "/migrations/" not in file.name
        for function in file.public_functions()
        if not docstring_of(function)
    ]
    assert not silent, "\n".join(silent)


def test_every_function_of_the_package_names_its_return_type() -> None:
    untyped = [
        f"{file.name}:{function.lineno} {function.name}"
        for file in python_files("src")
        if "/migrations/" not in file.name
        for function in file.functions()
        if function.returns is None
    ]
    assert not untyped, "\n".join(untyped)


def docstring_of(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    return ast.get_docstring(node)
