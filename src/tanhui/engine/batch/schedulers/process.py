"""One part after another in this process: the plain way, and the one without `--scheduler`."""

from __future__ import annotations

from collections.abc import Sequence

from ..parts import Part, PartJob, SettledPart, settle_part
from .seam import RowsDone


class InProcess:
    """Settles here."""

    def run(self, job: PartJob, parts: Sequence[Part], progress: RowsDone) -> list[SettledPart]:
        """Every part, in order."""
        return [settle_part(job, part, progress) for part in parts]
