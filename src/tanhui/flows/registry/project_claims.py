"""What a project claims: its plots, meters, plants, vehicles, each by one project alone.

A project that asks for reductions of something another living project names is refused, at its
application and again at its registration.
"""

from __future__ import annotations

from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters.models import Matter

from .effects import Moment

OVER = ("rejected", "withdrawn")


def check_claims(moment: Moment) -> None:
    """Raises Conflict when another project names one of the assets, InputRefused for a double."""
    assets = _assets(moment)
    if len(set(assets)) != len(assets):
        raise InputRefused(
            "project.asset_twice",
            zh="同一地块、电表或设备写了两次；请删去重复的一行。",
            en="One plot, meter or plant is named twice; remove the row that repeats it.",
        )
    others = Matter.objects.filter(kind="project").exclude(pk=moment.matter.pk)
    for kind, identifier in assets:
        row = [{"kind": kind, "identifier": identifier}]
        found = others.exclude(state__in=OVER).filter(data__assets__contains=row).first()
        if found is not None:
            raise Conflict(
                "project.claimed_elsewhere",
                zh=f"{kind} {identifier} 已由项目 {found.number} 申报；同一减排量只能申报一次。"
                "如有争议，请提出权属异议。",
                en=f"{kind} {identifier} is claimed by the project {found.number}; a reduction is "
                "claimed once. Object there if it is not theirs.",
                matter=found.number,
            )


def claim(moment: Moment) -> None:
    """Hold the assets for the project; nothing more to write, its own data hold them."""


def release(moment: Moment) -> None:
    """Give the assets free: a rejected or withdrawn project holds none."""


def _assets(moment: Moment) -> list[tuple[str, str]]:
    return [(row["kind"], row["identifier"]) for row in moment.said("assets") or []]
