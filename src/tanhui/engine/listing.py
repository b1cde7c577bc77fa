"""Finding methodologies in a library, and the honest count of what their equations stand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tanhui.core.region import Region

from .methodology import EQUATION_STATUS, Methodology
from .project.nouns import WORLD, ProjectMethodology

Law = Methodology | ProjectMethodology

DISABLED = "disabled"
STATUSES = (*EQUATION_STATUS, DISABLED)


def matches(
    method: Law,
    *,
    region: str | None = None,
    scene: str | None = None,
    status: str | None = None,
    kind: str | None = None,
) -> bool:
    """Whether a methodology fits every filter given; a region fits from above and from inside."""
    if region is not None:
        lineage = Region(region).lineage()
        above = any(each in (*lineage, WORLD) for each in method.regions)
        if not above and not any(region in Region(each).lineage() for each in method.regions):
            return False
    pairs = ((scene, method.scene), (status, status_of(method)), (kind, method.kind))
    return all(wanted is None or wanted == found for wanted, found in pairs)


def status_of(method: Law) -> str:
    """The status of the equations; `disabled` for what is shown and never applied."""
    return method.status.equations if method.enabled else DISABLED


def status_counts(methods: Iterable[Law]) -> dict[str, int]:
    """How many stand on what."""
    counts = Counter(map(status_of, methods))
    return {name: counts[name] for name in STATUSES if counts[name]}
