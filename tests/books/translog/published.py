"""Published vectors, read from tests/vectors (its README says where from)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[2] / "vectors"


def vectors(name: str) -> Any:
    """The JSON of one file of vectors."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
