"""Cases commit; what they wrote is flushed afterwards, as that of the books is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.books.flushing import allow_flush


@pytest.fixture(autouse=True, scope="session")
def _flushable() -> Iterator[None]:
    """For the whole session: the database fixtures of one test outlive any fixture of ours."""
    patch = pytest.MonkeyPatch()
    allow_flush(patch)
    yield
    patch.undo()
