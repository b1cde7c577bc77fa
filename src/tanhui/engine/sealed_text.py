"""Law as text that was put beside results: read again by the library's own loader."""

from __future__ import annotations

from pathlib import Path

from .library import METHODOLOGY_FILE, read_tables
from .loader import load_methodology
from .methodology import Methodology
from .overlays import fill_in
from .problems import Problems


def sealed_files(folder: Path, code: str) -> list[Path]:
    """The sealed versions of a methodology."""
    return sorted(folder.glob(f"methodologies/*/{code}/**/{METHODOLOGY_FILE}"))


def read_sealed(folder: Path, code: str, problems: Problems) -> tuple[Methodology, ...]:
    """Every sealed version of the methodology, with its overlays."""
    tables = read_tables(folder, problems)
    read = [
        load_methodology(
            file.read_bytes(),
            file=file.relative_to(folder).as_posix(),
            tables=tables,
            problems=problems,
        )
        for file in sealed_files(folder, code)
    ]
    found = [each for each in read if each is not None]
    overlays = sorted(folder.glob(f"overlays/*/{code}.yaml"))
    return fill_in(found, {}, overlays, root=folder, problems=problems)
