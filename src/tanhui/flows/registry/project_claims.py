"""What a project claims: its plots, meters, plants, vehicles, each by one project alone.

A project that asks for reductions of something another living project names is refused, at its
application and again at its registration. Plants, plots and certificates stand in the register of
claims from the registration on, a meter's months and a vehicle's days from the period's report on,
so another scheme or register that claimed them first is found as well (docs/claims.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from tanhui.core.errors import InputRefused
from tanhui.domain.claims import digests
from tanhui.domain.claims.errors import ClaimedTwice, Doubling, Holder
from tanhui.domain.claims.services import DIGESTS_MAX
from tanhui.domain.matters.models import Matter

from .claim_digests import own_digests
from .claims import own_claim, own_withdrawal
from .effects import Moment

OVER = ("rejected", "withdrawn")
_CLAIMED_AS = {"plant": "asset", "plot": "asset"}


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
            raise _elsewhere(moment, found, kind, identifier)


def _elsewhere(moment: Moment, other: Matter, kind: str, identifier: str) -> ClaimedTwice:
    """Two projects name one thing; what they share is the thing's own digest."""
    programme = moment.platform.programme
    doubling = Doubling(
        asking=Holder(scheme=programme, reference=moment.matter.number),
        holding=Holder(scheme=programme, reference=other.number),
        kind=_CLAIMED_AS.get(kind, kind),
        digests=own_digests(moment.platform, digests.asset(identifier)),
    )
    return ClaimedTwice(
        "project.claimed_elsewhere",
        doubling,
        zh=f"{kind} {identifier} 已由项目 {other.number} 申报；同一减排量只能申报一次。",
        en=f"{kind} {identifier} is claimed by the project {other.number}; a reduction is "
        "claimed once.",
        values={"matter": other.number},
    )


def claim(moment: Moment) -> None:
    """Claim plants, plots and certificates for as long as the project lives.

    Raises Conflict `claim.taken` when another scheme or register claimed one of them.
    """
    _claim(
        moment, "asset", [digests.asset(name) for name in _named(moment.matter, "plant", "plot")]
    )
    certificates = _named(moment.matter, "certificate")
    _claim(moment, "certificate", [digests.certificate(name) for name in certificates])


def claim_period(moment: Moment, project: Matter, years: Iterable[int]) -> None:
    """Claim the months of the project's meters and the days of its vehicles in the years."""
    meters, vehicles = _named(project, "meter"), _named(project, "vehicle")
    for year in years:
        months = [f"{year}-{month:02d}" for month in range(1, 13)]
        _claim(moment, "meter", [digests.meter(name, month) for name in meters for month in months])
        first, last = date(year, 1, 1), date(year, 12, 31)
        _claim(moment, "vehicle", [digests.vehicle(name, first, last) for name in vehicles])


def release(moment: Moment) -> None:
    """Give free what the matter claimed, when it ends without units."""
    own_withdrawal(moment.platform, reference=moment.matter.number, journal=moment.journal)


def _claim(moment: Moment, kind: str, texts: Sequence[Sequence[str]]) -> None:
    every = [text for each in texts for text in each]
    for begin in range(0, len(every), DIGESTS_MAX):
        own_claim(
            moment.platform,
            reference=moment.matter.number,
            kind=kind,
            texts=every[begin : begin + DIGESTS_MAX],
            journal=moment.journal,
        )


def _named(project: Matter, *kinds: str) -> list[str]:
    rows = project.data.get("assets", [])
    return [row["identifier"] for row in rows if row["kind"] in kinds]


def _assets(moment: Moment) -> list[tuple[str, str]]:
    return [(row["kind"], row["identifier"]) for row in moment.said("assets") or []]
