"""What changed between two versions of a project methodology, part by part."""

from __future__ import annotations

from typing import Any

from ..difference import changed_parts, identity
from .document import page_document
from .nouns import ProjectMethodology

PLAIN_PARTS = (
    "title_zh",
    "title_en",
    "kind",
    "shape",
    "regions",
    "valid_from",
    "valid_to",
    "status",
    "life",
    "disabled_zh",
    "disabled_en",
    "results",
    "outputs",
    "rounding",
)
KEYED_PARTS = {
    "sets": "symbol",
    "inputs": "symbol",
    "parameters": "symbol",
    "lookups": "symbol",
    "formula": "symbol",
    "limits": "title_en",
    "applicability": "id",
    "alternatives": "id",
    "skeleton": "part",
}


def project_difference(old: ProjectMethodology, new: ProjectMethodology) -> dict[str, Any]:
    """`changes` as in `engine.difference`; a parameter or lookup is compared as a whole.

    There are no `cases`: a worked case of a project is a monitoring file of its own version.
    """
    parts = changed_parts(
        page_document(old), page_document(new), plain=PLAIN_PARTS, keyed=KEYED_PARTS
    )
    return {"old": identity(old), "new": identity(new), "changes": list(parts), "cases": []}
