"""What claims can refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tanhui.core.errors import Conflict, InputRefused


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who claims: the scheme, its matter or reference, and the peer that says so (None is us)."""

    scheme: str
    reference: str
    peer_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Doubling:
    """What was asked for although another holds it: the kind and the shared stored digests."""

    asking: Holder
    holding: Holder
    kind: str
    digests: Sequence[bytes]


class ClaimedTwice(Conflict):
    """A refused claim, with what a case about it needs; once opened, the case is named."""

    def __init__(
        self, code: str, doubling: Doubling, *, zh: str, en: str, values: Mapping[str, Any]
    ) -> None:
        super().__init__(code, zh=zh, en=en, **values)
        self.doubling = doubling

    def name_case(self, number: str, page: str) -> None:
        """Say which case the conflict is settled in."""
        self.zh += f"已立申领冲突案 {number}，举证、裁定与申诉见 {page}。"
        self.en += f" The conflict is case {number}; evidence, decision and appeal are on {page}."
        self.values |= {"case": number, "page": page}


def taken(schemes: Sequence[str], places: Sequence[int], doubling: Doubling) -> ClaimedTwice:
    """Claimed before by another; `places` are those of the digests that were given, from 0."""
    return ClaimedTwice(
        "claim.taken",
        doubling,
        zh=f"其中 {len(places)} 项已被申领（{'、'.join(schemes)}）；同一减排量只能申领一次。",
        en=f"{len(places)} of these are claimed already (by {', '.join(schemes)}); a reduction is "
        "claimed once.",
        values=_where(schemes, places),
    )


def taken_by_itself(schemes: Sequence[str], places: Sequence[int]) -> Conflict:
    """Claimed before under the very reference that asks again."""
    return Conflict(
        "claim.repeated",
        zh=f"其中 {len(places)} 项已在同一编号下申领；不必再次提出，其余各项请另行提出。",
        en=f"{len(places)} of these stand under this very reference; claim the rest without them.",
        **_where(schemes, places),
    )


def _where(schemes: Sequence[str], places: Sequence[int]) -> dict[str, Any]:
    return {"schemes": list(schemes), "places": list(places[:100])}


def malformed(what_zh: str, what_en: str) -> InputRefused:
    """A thing that cannot be claimed so."""
    return InputRefused(
        "claim.malformed",
        zh=f"{what_zh}；请改正。",
        en=f"{what_en}; correct it.",
    )


def asked_too_often(limit: int) -> Conflict:
    """More questions in a day than a register needs."""
    return Conflict(
        "claim.asked_too_often",
        zh=f"每天最多询问 {limit} 项，今天已用完；请明天再问，或联系运营机构。",
        en=f"A peer asks for at most {limit} digests a day and this one has; ask tomorrow, or ask "
        "the operator for more.",
        limit=limit,
    )
