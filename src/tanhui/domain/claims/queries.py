"""Reads of claims."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from .errors import Holder
from .models import Claim


def schemes_of(digests: Sequence[bytes]) -> dict[bytes, str]:
    """The scheme that claims each of these stored digests, for those that are claimed."""
    rows = Claim.objects.filter(digest__in=list(digests), withdrawn_by__isnull=True)
    return {bytes(digest): scheme for digest, scheme in rows.values_list("digest", "scheme")}


def holders_of(digests: Sequence[bytes]) -> dict[bytes, Holder]:
    """Who claims each of these stored digests, for those that are claimed."""
    rows = Claim.objects.filter(digest__in=list(digests), withdrawn_by__isnull=True)
    found = rows.order_by("pk").values_list("digest", "scheme", "holder", "peer_id")
    return {
        bytes(digest): Holder(scheme=scheme, reference=holder, peer_id=peer)
        for digest, scheme, holder, peer in found
    }


def others_digests(*, kind: str = "") -> list[bytes]:
    """Every stored digest that a peer claims, or a case keeps of rides; of one kind if named."""
    rows = Claim.objects.filter(withdrawn_by__isnull=True)
    rows = rows.filter(Q(peer_id__isnull=False) | Q(kind="ride"))
    if kind:
        rows = rows.filter(kind=kind)
    return [bytes(each) for each in rows.values_list("digest", flat=True).iterator(10_000)]


def by_holder(digests: Sequence[bytes], *, acts: Sequence[int]) -> dict[Holder, list[bytes]]:
    """Those of these digests that still stand as some acts wrote them, by who holds them."""
    rows = Claim.objects.filter(
        digest__in=list(digests), journal_id__in=list(acts), withdrawn_by__isnull=True
    )
    found: dict[Holder, list[bytes]] = {}
    for row in rows.order_by("digest"):
        holder = Holder(scheme=row.scheme, reference=row.holder, peer_id=row.peer_id)
        found.setdefault(holder, []).append(bytes(row.digest))
    return found


def acts_of(holder: Holder, digests: Sequence[bytes]) -> list[int]:
    """The acts under which a holder claims some of these digests."""
    rows = Claim.objects.filter(
        holder=holder.reference,
        peer_id=holder.peer_id,
        digest__in=list(digests),
        withdrawn_by__isnull=True,
    )
    return sorted(set(rows.values_list("journal_id", flat=True)))


def count_of(holder: str, *, peer_id: int | None) -> int:
    """How many digests stand for a holder."""
    rows = Claim.objects.filter(holder=holder, peer_id=peer_id, withdrawn_by__isnull=True)
    return rows.count()
