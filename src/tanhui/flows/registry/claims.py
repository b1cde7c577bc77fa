"""The claim register as others use it: our own acts claim, peers ask, claim and withdraw.

A peer is a partner with a signing key; it sends public digests alone, made with the salt that
this register shares with its peers, and learns whether each is claimed and by which scheme. What
the table holds is digested once more under a key that nobody else has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.domain.claims import errors, queries, services
from tanhui.domain.claims.digests import KINDS
from tanhui.domain.claims.errors import ClaimedTwice, Doubling, Holder
from tanhui.domain.partners.models import Partner
from tanhui.flows.platform import Platform

from .claim_cases import refused
from .claim_digests import own_digests, stored
from .pooled_rides import pooled

QUESTIONS_MAX = 10_000
SCHEME_CHARS_MAX = 40
REFERENCE_CHARS_MAX = 80


@dataclass(frozen=True, kw_only=True)
class PeerClaim:
    """What a peer claims: its scheme, its own reference, and the public digests of one kind."""

    scheme: str
    reference: str
    kind: str
    digests: Sequence[bytes]


def own_claim(
    platform: Platform, *, reference: str, kind: str, texts: Sequence[str], journal: int
) -> int:
    """Claim things for our programme under an act, for a matter; raises Conflict `claim.taken`."""
    holder = Holder(scheme=platform.programme, reference=reference)
    return services.claim(holder, kind, own_digests(platform, texts), journal=journal)


def own_withdrawal(platform: Platform, *, reference: str, journal: int) -> int:
    """Give up what a matter claimed."""
    holder = Holder(scheme=platform.programme, reference=reference)
    return services.withdraw(holder, journal=journal)


def ask(platform: Platform, peer: Partner, digests: Sequence[bytes]) -> list[str | None]:
    """The scheme that claims each digest, None for a free one; raises Conflict over the limit."""
    _check_digests(digests)
    _note_asked(platform, peer, len(digests))
    asked = stored(platform, digests)
    known = dict.fromkeys(pooled(platform, asked), platform.programme) | queries.schemes_of(asked)
    return [known.get(digest) for digest in asked]


def peer_claim(
    platform: Platform, peer: Partner, said: PeerClaim, *, actor: str, key: str
) -> tuple[int, bool]:
    """Register what a peer claims; returns how many digests, and whether the key was new.

    Raises InputRefused, Conflict `claim.taken`; then nothing was registered, a case of conflict
    stands, and the refusal counts as a question, for it answers one.
    """
    _check_digests(said.digests)
    if said.kind not in KINDS:
        raise errors.malformed(f"没有“{said.kind[:20]}”这类申领", f"no kind '{said.kind[:20]}'")
    _check_word(said.scheme, SCHEME_CHARS_MAX)
    _check_word(said.reference, REFERENCE_CHARS_MAX)
    asked = {
        "scheme": said.scheme,
        "reference": said.reference,
        "kind": said.kind,
        "digests": [digest.hex() for digest in said.digests],
    }
    act = _act(platform, peer, "claimed", asked, actor=actor, key=key)
    try:
        return _registered(platform, peer, said, act)
    except ClaimedTwice as error:
        _note_asked(platform, peer, len(said.digests))
        raise refused(platform, error) from None


def peer_withdrawal(
    platform: Platform, peer: Partner, reference: str, *, actor: str, key: str
) -> int:
    """Free what a peer claimed under a reference of its own; the same key frees nothing more."""
    _check_word(reference, REFERENCE_CHARS_MAX)
    act = _act(platform, peer, "withdrawn", {"reference": reference}, actor=actor, key=key)
    with transaction.atomic():
        done = record(act)
        if not done.is_new:
            return 0
        holder = Holder(scheme="", reference=reference, peer_id=peer.pk)
        return services.withdraw(holder, journal=done.journal)


def _note_asked(platform: Platform, peer: Partner, digests: int) -> None:
    limit = platform.claims_asked_per_day
    services.note_asked(peer.pk, platform.today, digests, limit=limit)


def _registered(platform: Platform, peer: Partner, said: PeerClaim, act: Act) -> tuple[int, bool]:
    with transaction.atomic():
        done = record(act)
        if not done.is_new:
            return len(said.digests), False
        holder = Holder(scheme=said.scheme, reference=said.reference, peer_id=peer.pk)
        asked = stored(platform, said.digests)
        _refuse_pooled(platform, holder, said.kind, asked)
        return services.claim(holder, said.kind, asked, journal=done.journal), True


def _refuse_pooled(platform: Platform, holder: Holder, kind: str, asked: Sequence[bytes]) -> None:
    """Raises ClaimedTwice for a ride that stands in one of our pools."""
    found = pooled(platform, list(asked))
    if found:
        number = min(found.values())
        shared = sorted(digest for digest, pool in found.items() if pool == number)
        places = [place for place, digest in enumerate(asked) if digest in found]
        ours = Holder(scheme=platform.programme, reference=number)
        doubling = Doubling(asking=holder, holding=ours, kind=kind, digests=shared)
        raise errors.taken([platform.programme], places, doubling)


def _act(
    platform: Platform,
    peer: Partner,
    verb: str,
    asked: Mapping[str, object],
    *,
    actor: str,
    key: str,
) -> Act:
    return Act(
        verb=f"registry.claim.{verb}",
        actor=actor,
        at=platform.clock(),
        key=f"claim/{peer.pk}/{key}",
        request=asked,
        detail={name: asked[name] for name in asked if name != "digests"} | {"peer": peer.code},
    )


def _check_digests(digests: Sequence[bytes]) -> None:
    good = all(len(digest) == hashlib.sha256().digest_size for digest in digests)
    if not (good and 0 < len(digests) <= QUESTIONS_MAX):
        raise errors.malformed(
            f"应为 1 至 {QUESTIONS_MAX} 个 64 位十六进制摘要",
            f"give 1 to {QUESTIONS_MAX} digests of 64 hex digits",
        )


def _check_word(text: str, chars_max: int) -> None:
    if not (0 < len(text) <= chars_max and text.isprintable()):
        raise errors.malformed(
            "机制或编号为空或过长", "the scheme or reference is empty or too long"
        )
