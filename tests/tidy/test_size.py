"""Small files, small functions, few arguments: what a reader can hold in the head."""

from __future__ import annotations

import statistics

from tests.tidy.source import CODE_SUFFIXES, PROJECT, project_files, python_files

FILE_LINES_MAX = 400
FILE_LINES_MEDIAN_MAX = 120
FILE_LINES_P90_MAX = 300
FUNCTION_LINES_MAX = 70
POSITIONAL_ARGUMENTS_MAX = 5
BLOB_BYTES_MAX = 500_000
MAY_BE_LARGE = ("docs/screenshots/", "src/tanhui/interfaces/locale/")


def test_every_source_file_is_short() -> None:
    long = []
    for path in project_files():
        name = path.relative_to(PROJECT).as_posix()
        if path.suffix in CODE_SUFFIXES and name.startswith(("src/", "tests/", "bench/")):
            lines = len(path.read_bytes().splitlines())
            if lines >= FILE_LINES_MAX:
                long.append(f"{name}: {lines} lines")
    assert not long, "\n".join(long)


def test_most_source_files_are_much_shorter() -> None:
    lines = sorted(len(file.text.splitlines()) for file in python_files("src"))
    p90 = lines[int(len(lines) * 0.9)]
    found = f"{len(lines)} files: median {statistics.median(lines)}, p90 {p90}, max {lines[-1]}"
    assert statistics.median(lines) <= FILE_LINES_MEDIAN_MAX, found
    assert p90 <= FILE_LINES_P90_MAX, found


def test_functions_are_short() -> None:
    long = []
    for file in python_files():
        for function in file.functions():
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                long.append(f"{file.name}:{function.lineno} {function.name}: {lines} lines")
    assert not long, "\n".join(long)


def test_functions_take_few_positional_arguments() -> None:
    many = []
    for file in python_files():
        for function in file.functions():
            names = [a.arg for a in function.args.posonlyargs + function.args.args]
            count = len(names) - (names[:1] in (["self"], ["cls"]))
            if count > POSITIONAL_ARGUMENTS_MAX:
                many.append(f"{file.name}:{function.lineno} {function.name}: {count} arguments")
    assert not many, "\n".join(many)


def test_no_large_blob() -> None:
    large = []
    for path in project_files():
        name = path.relative_to(PROJECT).as_posix()
        if not name.startswith(MAY_BE_LARGE) and path.stat().st_size > BLOB_BYTES_MAX:
            large.append(f"{name}: {path.stat().st_size:,} bytes")
    assert not large, "\n".join(large)
