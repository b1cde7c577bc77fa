"""What claims can refuse."""

from __future__ import annotations

from collections.abc import Sequence

from tanhui.core.errors import Conflict, InputRefused


def taken(schemes: Sequence[str], places: Sequence[int]) -> Conflict:
    """Claimed before; `places` are those of the digests that were given, from 0."""
    return Conflict(
        "claim.taken",
        zh=f"其中 {len(places)} 项已被申领（{'、'.join(schemes)}）；同一减排量只能申领一次。"
        "如有异议，请提交申领冲突事项（claim_conflict）。",
        en=f"{len(places)} of these are claimed already (by {', '.join(schemes)}); a reduction is "
        "claimed once. If that is wrong, open a matter of the kind claim_conflict.",
        schemes=list(schemes),
        places=list(places[:100]),
    )


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
