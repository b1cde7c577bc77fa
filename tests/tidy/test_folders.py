"""Every folder says what it is, and MAP.md says what belongs there."""

from __future__ import annotations

from tests.tidy.source import PACKAGE, PROJECT, PythonFile, package_folders, project_files

ROOMS_WITH_README = ("engine", "books", "domain/*")
ROOM_LINES_MAX = 40


def test_every_package_folder_has_a_readme_or_a_docstring() -> None:
    silent = []
    for folder in package_folders():
        init = folder / "__init__.py"
        says = init.is_file() and PythonFile(init).text.startswith('"""')
        if not says and not (folder / "README.md").is_file():
            silent.append(folder.relative_to(PROJECT).as_posix())
    assert not silent, "\n".join(silent)


def test_every_room_has_a_readme_of_a_few_lines() -> None:
    rooms = [
        room
        for pattern in ROOMS_WITH_README
        for room in PACKAGE.glob(pattern)
        if (room / "__init__.py").is_file()
    ]
    assert rooms
    wrong = []
    for room in rooms:
        page = room / "README.md"
        if not page.is_file():
            wrong.append(f"{room.relative_to(PROJECT)}: no README.md")
        elif len(page.read_text(encoding="utf-8").splitlines()) > ROOM_LINES_MAX:
            wrong.append(f"{page.relative_to(PROJECT)}: more than {ROOM_LINES_MAX} lines")
    assert not wrong, "\n".join(wrong)


def test_the_map_names_every_folder() -> None:
    text = (PROJECT / "MAP.md").read_text(encoding="utf-8")
    top = {
        path.relative_to(PROJECT).parts[0]
        for path in project_files()
        if path.parent != PROJECT and not path.relative_to(PROJECT).parts[0].startswith(".")
    }
    inner = {
        "/".join(folder.relative_to(PACKAGE).parts)
        for folder in package_folders()
        if 1 <= len(folder.relative_to(PACKAGE).parts) <= 2
    }
    missing = [f"{name}/" for name in sorted(top | inner) if f"`{name}/`" not in text]
    assert not missing, "MAP.md does not name:\n" + "\n".join(missing)


def test_every_package_folder_is_tested() -> None:
    """A test imports from each folder; interfaces are tested by address and by command instead."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in project_files()
        if path.suffix == ".py" and path.is_relative_to(PROJECT / "tests")
    ]
    untested = []
    for folder in package_folders():
        module = ".".join(("tanhui", *folder.relative_to(PACKAGE).parts))
        modules = [path for path in folder.glob("*.py") if path.stem != "__init__"]
        parent, _, name = module.rpartition(".")
        told = (f"from {module}", f"import {module}", f"from {parent} import {name}")
        by_address = module.startswith("tanhui.interfaces")
        if modules and not by_address and not any(word in text for word in told for text in texts):
            untested.append(module)
    assert not untested, "\n".join(untested)


def test_the_glossary_explains_each_term_once() -> None:
    """Of a row with several terms each counts: a second row would give a word two meanings."""
    glossary = (PROJECT / "MAP.md").read_text(encoding="utf-8").partition("## Glossary")[2]
    rows = [line.split("|")[1:3] for line in glossary.splitlines() if line.startswith("| ")][1:]
    assert rows
    for column, comma in ((0, ", "), (1, "、")):
        terms = [term.strip() for row in rows for term in row[column].split(comma)]
        doubled = sorted({term for term in terms if terms.count(term) > 1})
        assert not doubled, f"MAP.md explains twice: {', '.join(doubled)}"
