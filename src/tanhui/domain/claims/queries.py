"""Reads of claims."""

from __future__ import annotations

from collections.abc import Sequence

from .models import Claim


def schemes_of(digests: Sequence[bytes]) -> dict[bytes, str]:
    """The scheme that claims each of these stored digests, for those that are claimed."""
    rows = Claim.objects.filter(digest__in=list(digests), withdrawn_by__isnull=True)
    return {bytes(digest): scheme for digest, scheme in rows.values_list("digest", "scheme")}


def count_of(holder: str, *, peer_id: int | None) -> int:
    """How many digests stand for a holder."""
    rows = Claim.objects.filter(holder=holder, peer_id=peer_id, withdrawn_by__isnull=True)
    return rows.count()
